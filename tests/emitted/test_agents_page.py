"""What the emitted README.md and AGENTS.md say is true: commands, paths and anchors exist."""

import re
from pathlib import Path

import pytest
from test_offered_commands import missing
from test_template import EVERY_CASE, broken_links

from conftest import LAYOUTS, TRACKS, Render
from mlcharter.charter.released_files import RELEASED
from mlcharter.formats import proofs

PAGES = ("README.md", "AGENTS.md")
INSTALLED = {"full": ".venv/bin/mlcharter", "documents": "python3 tools/charter.py"}
COMMAND = re.compile(
    r"(?:^|`)((?:\S+/|python3? \S+/)?(?:make|mlcharter|charter\.py) [^`#\n]+)", re.M
)
# What commands write; a new repository does not have it yet.
WRITTEN_LATER = {
    "versioning/live.json",
    "versioning/releases/",
    *("deploy/kubernetes/egress.yaml", "safety/allowed.json"),
    *("versioning/ml-bom.json", "versioning/trust.json"),
    *("ops/cut_over.md", "ops/grafana/", "ops/openslo.yml", "ops/prometheus/"),
    *(proofs.PATH, "scores/"),
    *("reports/", f"{RELEASED}/", "reports/NAME.json"),
}


def commands(text: str) -> set[str]:
    """Return the commands in code: in backticks, and on the lines of a block."""
    return {command.strip() for command in COMMAND.findall(text)}


def wrong(command: str, root: Path, layout: str) -> str | None:
    """Return what is wrong with a command in a repository; None if it can be run."""
    installed = INSTALLED[layout]
    if command.startswith("make "):
        return missing(command, root)
    if not command.startswith(f"{installed} "):
        return f"`{command}` is not how mlcharter is run here"
    return missing(command.replace(installed, "mlcharter", 1), root)


def paths(text: str) -> set[str]:
    """Return the paths in backticks: what has a slash, or the extension of a file."""
    return set(re.findall(r"`(\.?[\w*.-]+(?:/[\w*.-]*)+|\.?[\w*-]+\.(?:\w+))`", text))


@pytest.mark.parametrize(("tracks", "tier", "layout"), EVERY_CASE)
def test_what_the_first_pages_name_exists(
    render: Render, tracks: tuple[str, ...], tier: str, layout: str
) -> None:
    root = render(tracks=list(tracks), tier=tier, layout=layout)
    texts = {page: (root / page).read_text(encoding="utf-8") for page in PAGES}

    for page, text in texts.items():
        assert [why for c in sorted(commands(text)) if (why := wrong(c, root, layout))] == [], page
        assert broken_links(root, root / page) == []
    named = paths(texts["AGENTS.md"]) - WRITTEN_LATER
    assert [path for path in sorted(named) if not list(root.glob(path))] == []
    assert len(texts["AGENTS.md"].splitlines()) < 60


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_pages_name_commands(render: Render, layout: str) -> None:
    """The test above does not pass because nothing is found."""
    root = render(tracks=["applied"], layout=layout)
    found = {page: commands((root / page).read_text(encoding="utf-8")) for page in PAGES}

    installed = INSTALLED[layout]
    assert f"{installed} explain gates" in found["AGENTS.md"]
    assert ("make setup" in found["README.md"]) == (layout == "full")
    assert wrong("make brew", root, layout) is not None
    assert wrong(f"{installed} brew", root, layout) == "no command brew"
    assert wrong(f"{installed} check --brew", root, layout) == "--brew"
    assert wrong(f"{installed} starter brew", root, layout) == "no command brew"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_first_page_is_read_in_two_minutes(render: Render, layout: str) -> None:
    """250 words a minute, for one track."""
    for track in TRACKS:
        text = (render(tracks=[track], layout=layout) / "README.md").read_text(encoding="utf-8")
        assert len(text.split()) <= 500, track


@pytest.mark.parametrize("tracks", [(track,) for track in TRACKS], ids=TRACKS)
def test_files_that_commands_write_are_folded_in_a_diff(
    render: Render, tracks: tuple[str, ...]
) -> None:
    root = render(tracks=list(tracks), layout="full")
    lines = (root / ".gitattributes").read_text(encoding="utf-8").splitlines()
    folded = {line.split()[0].strip("/") for line in lines if "linguist-generated" in line}

    _, _, table = (root / "AGENTS.md").read_text(encoding="utf-8").partition("| Written by |")
    named = paths("\n".join(re.findall(r"^\| (`[^|]+`) \|", table.partition("\n## ")[0], re.M)))
    assert {name.rstrip("/") for name in named if name != f"{RELEASED}/"} == {
        name.removesuffix("/**") for name in folded
    }
