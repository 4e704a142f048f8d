"""Every command that the README and the pages of `docs/` show works where it belongs."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop, example, released
from test_scores import SMALL_PACK
from test_update import Found, _cache, commit, found, git, history

from conftest import ROOT

__all__ = ["_cache", "example", "found", "history", "released"]  # fixtures

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = re.compile(r"(\$ )?(mlcharter|make|git|uvx?|cd|python3?|pip|docker|npx|[A-Z_]+=\S+) ")
ELSEWHERE = {
    "README.md": "tests/project/test_readme.py, tests/project/test_install.py, and CI itself",
    "docs/new.md": "tests/project/test_readme.py",
    "docs/status.md": "tests/project/test_readme.py",
    "docs/own-system.md": "tests/starter, and the journeys of tests/emitted",
}
"""Pages whose commands other tests run, since they compare what is printed or take minutes."""
SCORES = "id,correct\nq-1,1\nq-2,1\nq-3,0\n"
# An editor that fills in the eval pack, and keeps the digest and the rows that `--pin` wrote
FILL_IN = """\
import re, sys
from pathlib import Path

page = Path(sys.argv[1])
pinned = re.search(r"  sha256: (\\w+).*\\n  rows: (\\d+)", page.read_text())
text = {pack!r}.replace("sha256: null", f"sha256: {{pinned[1]}}", 1)
page.write_text(text.replace("rows: null", f"rows: {{pinned[2]}}", 1))
"""
PROGRAM = """\
#!{python}
import sys, time_machine

time_machine.travel("2026-12-01 12:00 +0000").start()
from mlcharter.cli import cli

sys.exit(cli(prog_name="mlcharter"))
"""


def blocks(page: Path) -> Iterator[list[str]]:
    """The commands of each block of a page that starts with one, without comments."""
    for block in re.findall(r"^```\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        if COMMANDS.match(block):
            joined = re.sub(r"(&&|\\)\n\s*", r"\1 ", block)
            yield [line for line in joined.splitlines() if line]


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mlcharter` on PATH, at a fixed time, for a user with nothing configured but a name."""
    place = tmp_path / "bin/mlcharter"
    place.parent.mkdir()
    place.write_text(PROGRAM.format(python=sys.executable))
    place.chmod(0o755)
    for name, value in {
        "PATH": f"{place.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@acme.example",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@acme.example",
    }.items():
        monkeypatch.setenv(name, value)


def run(folder: Path, line: str, code: int = 0) -> str:
    """Run a line of a page as a shell does."""
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def of_page(name: str) -> list[str]:
    return [line for block in blocks(ROOT / "docs" / name) for line in block]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A filled-in repository, with a branch that changes nothing yet."""
    root = tmp_path / "bank"
    shutil.copytree(ROOT / "examples/applied", root)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "bank")
    commit(root)
    git(root, "tag", "v1.4.0")
    git(root, "checkout", "--quiet", "-b", "change")
    return root


@pytest.mark.parametrize(
    "name", ["check.md", "crosswalks.md", "diff.md", "editors.md", "export.md"]
)
def test_commands_on_a_filled_repository(bank: Path, name: str) -> None:
    key = Path(os.environ["HOME"]) / ".ssh/approvals"
    key.parent.mkdir(parents=True)
    run(bank, f'ssh-keygen -q -t ed25519 -N "" -f {key}')

    for line in of_page(name):
        run(bank, line)


def test_commands_on_the_results_of_an_eval(tmp_path: Path) -> None:
    root = tmp_path / "support"
    for path, text in {"docs/eval_pack.md": SMALL_PACK, "scores/support.csv": SCORES}.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(text)
    whole, named, short, pin, both = of_page("gate.md")

    assert "support" in run(root, pin)
    decided = run(root, whole)
    assert "answers" in decided
    assert run(root, short) == "1 gate: 1 pass\n"
    assert run(root, named.replace("reports/applied.json", "scores/support.csv")) == decided
    assert run(root, both.replace(" reports/*.json", "")) == decided


@pytest.mark.parametrize("page", ["fleet.md", "engines.md"])
def test_commands_on_a_fleet(found: Found, tmp_path: Path, page: str) -> None:
    for name in ("risk", "search"):
        found(where=f"clones/{name}", layout="documents")
    (tmp_path / "mirrors").mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", "clones/risk", "mirrors/risk.git")
    (tmp_path / "fleet.csv").write_text("path,wave\nclones/risk,1\nclones/search,2\n")
    (tmp_path / "stricter.yml").write_text("")

    for line in of_page(page):
        if "multi-gitter" not in line:  # tests/fleet/test_engines.py
            run(tmp_path, line.replace("v0.5.0", "v2.0.0"))

    if page == "fleet.md":
        rows = [json.loads(line) for line in (tmp_path / "updates.jsonl").read_text().splitlines()]
        assert [row["state"] for row in rows] == ["updated", "updated"]


def test_commands_on_a_release(released: Path, tmp_path: Path) -> None:
    shutil.copytree(released, tmp_path / "team")
    shop = Shop(tmp_path / "team/shop", tmp_path / "team/keys")
    shop.commit()

    for line in of_page("release.md"):
        elsewhere = ("release freeze", "--bundle", "models:/")
        if any(
            words in line for words in elsewhere
        ):  # test_freezing, test_provenance, test_fetching
            continue
        key = str(shop.keys / "northbank-2026.pem")
        line = line.replace(
            "release-2026-11", "release-2027-01 --approved-by @northbank/cytology-board"
        )
        run(shop.root, line.replace("KEY.pem", key))
        shop.commit()


def test_commands_on_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "support"
    (root / "scores").mkdir(parents=True)
    (root / "scores/support.csv").write_text(SCORES)
    git(tmp_path, "init", "--quiet", "support")
    (tmp_path / "edit.py").write_text(FILL_IN.format(pack=SMALL_PACK))
    monkeypatch.setenv("EDITOR", f"{sys.executable} {tmp_path}/edit.py")

    for line in of_page("scores.md"):
        if not line.startswith("uv tool install"):  # tests/project/test_install.py
            run(root, line.replace("adopt", "adopt --yes"))


def test_commands_on_a_repository_with_code(found: Found, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / "src").mkdir(parents=True)
    (root / "src/model.py").write_text("import sklearn\n")
    git(tmp_path, "init", "--quiet", "shop")
    commit(root)
    adopt, update = of_page("update.md")

    run(root, adopt.replace("adopt", "adopt --yes", 1))
    assert "docs/eval_pack.md" in git(root, "status", "--porcelain", "--untracked-files=all")
    run(found(layout="documents"), f"{update} --defaults")


def test_no_page_has_commands_that_no_test_runs() -> None:
    shown = {str(page.relative_to(ROOT)) for page in PAGES if [*blocks(page)]}
    here = {f"docs/{name}" for name in re.findall(r'"(\w+\.md)"', Path(__file__).read_text())}

    assert shown <= here | ELSEWHERE.keys()
