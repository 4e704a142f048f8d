"""Each published figure is in a table that `make bench` writes, with a stamp of its run."""

import datetime
import re
import shutil
from pathlib import Path

import phases
import pytest
import runs
from runs import PARTS, STAMP

from checkout import ROOT

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
# These pages are written whole, so their prose has no figure of a person.
WHOLE = {"growth.md", "markdown.md", "precision.md", "recall.md", "speed.md"}
# Time or memory that somebody measured. Limits are in minutes, MiB and GiB.
MEASURED = re.compile(
    r"\d ?(?:CPU|ms\b|µs|MB\b|core-)|\d (?:seconds|minutes) of CPU|times as (?:fast|long|much time)"
    r"|\d of a check|load \d"
)


def read_stamp(name: str) -> str:
    return runs.stamp(name).partition("\n")[2]


# Not among the parts, since they install half a gigabyte and more; the page names the command.
TRIALS = {"engines.md": "`make renovate`", "own-system.md": "`make interop`"}


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_one_stamp_which_says_commit_date_and_machine(name: str) -> None:
    text = PARTS[name].path.read_text(encoding="utf-8")

    assert text.count(f"<!-- run: {name} -->\n") == 1
    assert STAMP.fullmatch(read_stamp(name))


def test_every_table_of_measurements_is_in_a_page_with_a_stamp_below_the_mark_of_a_command() -> (
    None
):
    found = {(page.name, before) for page in PAGES for before in list_lines_before_tables(page)}

    others = {page for page, _ in found} - {part.page for part in PARTS.values()}
    assert others == TRIALS.keys()
    assert [
        page for page in others if TRIALS[page] not in (ROOT / "docs" / page).read_text("utf-8")
    ] == []
    marked = [before for page, before in found if page not in WHOLE]
    assert [before for before in marked if not before.startswith("<!-- ")] == []
    assert len(marked) >= 4


def list_lines_before_tables(page: Path) -> list[str]:
    """Return the line of text before each table whose columns are measured."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line]
    return [
        before
        for before, head, rule in zip(lines, lines[1:], lines[2:], strict=False)
        if rule.startswith("|--") and _HEADS.search(head)
    ]


_HEADS = re.compile(r"\b(?:CPU|wall|MB|precision|share|lines lost|lines|ratio)\b")


def test_no_figure_that_was_measured_is_in_prose() -> None:
    assert [found for page in PAGES for found in list_figures(page)] == []


def list_figures(page: Path) -> list[str]:
    """Return the lines with a measured figure that no command writes."""
    if page.name in WHOLE:
        return []
    lines = page.read_text(encoding="utf-8").splitlines()
    return [
        f"{page.name}: {line}"
        for line in lines
        if MEASURED.search(line) and not line.startswith("|") and not STAMP.fullmatch(line)
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("A check takes 0.2 CPU seconds.", 1),
        ("It parses a block in 12 ms.", 1),
        ("The comparison takes 0.8 to 0.9 of a check.", 1),
        ("Two cores with load 15 to 40.", 1),
        ("One that takes more than two minutes or needs more than 4 GiB.", 0),
        ("| a table | 12 ms |", 0),
    ],
)
def test_a_measured_figure_in_prose_is_found(tmp_path: Path, line: str, found: int) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{line}\n", encoding="utf-8")

    assert len(list_figures(page)) == found


def test_a_run_puts_its_stamp_below_the_mark_of_its_part() -> None:
    page = "# Growth\n\n<!-- run: growth -->\nold\n\n| a |\n<!-- run: sizes -->\nother\n"
    stamp = runs.describe_run("0123456789ab", datetime.date(2026, 12, 1), 1.6)

    assert STAMP.fullmatch(stamp)
    assert stamp.startswith("Measured at commit `0123456789ab`, 2026-12-01: ")
    assert stamp.endswith(", load 2 at the start.")
    assert runs.put_stamp(page, "growth", stamp) == page.replace("old", stamp)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_a_program_that_exists(name: str) -> None:
    program, *options = PARTS[name].words
    source = (runs.HERE / program).read_text(encoding="utf-8")

    assert [
        option for option in options if option[:2] == "--" and f'"{option}"' not in source
    ] == []


def test_the_peers_have_versions() -> None:
    listed = (runs.HERE / "peers.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in listed if not re.fullmatch(r"[a-z-]+==[0-9.]+", line)] == []


def test_the_phases_of_a_check_end_with_its_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = tmp_path / "applied"
    shutil.copytree(ROOT / "examples/applied", made)
    pack = made / "docs/eval_pack.md"
    pack.write_text(re.sub(r"(?m)^Owner:.*$", "Owner:", pack.read_text(encoding="utf-8"), count=1))

    *_, found = [work() for work in phases.steps(str(made)).values()]

    assert ("docs/eval_pack.md", "field-empty") in {(one.path, one.rule) for one in found}
