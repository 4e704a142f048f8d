"""Run the tests of real bug reports, adopt recorded repositories, and write docs/field.md.

    python benchmarks/field_page.py [--only TEXT] [--write]

The repositories of tests/adoption/listings.json are rebuilt and adopted (see field_repositories);
--only takes those whose name has TEXT. The tests that have the marker `field` are run, and counted
by the point and the text of the marker. --write writes the page to docs/field.md; the exit code is 1
if a test fails or a repository loses something.
"""

import argparse
import ast
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Self

import field_repositories
from field_repositories import Adoption

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/field.md"
POINTS = {
    1: "Stale and foreign reports",
    2: "Conflict markers",
    3: "Config blocks that are filled in wrongly",
    4: "Findings that the template caused",
    5: "Counts of rows",
    6: "Dates and time zones",
    7: "Line endings",
    8: "Large evidence, forms of digests",
    9: "Links",
    10: "Secrets in addresses",
    11: "Choice of the version",
    12: "Reading of answers, sources that move",
    13: "Another template's answers",
    14: "Proposals that are valid",
    15: "Files under another name",
    16: "Documents of another shape",
    17: "Inference",
    18: "Hooks, branches, monorepos",
    19: "Links to documents, cost of `adopt`",
    20: "Sparse checkouts",
    21: "Layout of formatters",
    22: "Notes, read-only file systems",
    23: "A source that only one machine has",
    24: "Progress, messages, help",
    25: "Git's refusals",
    26: "`explain`, `status`, an empty folder",
}
HEAD = """\
# Tried in the field

What real repositories and real bug reports broke, and what happens now.
`make field` writes this page; its figures are of one run.

## Repositories

{count} public repositories, rebuilt from recorded names of files and of dependencies, with short invented contents.
Each is adopted with `mlcharter adopt --yes`, checked at draft, and updated without a change.
Then a team's lines are written into each new document, and `mlcharter update` gets other answers.

- changed: files of the repository that `adopt` or an update changed
- findings: findings that fail at draft right after `adopt`
- update: files that `update` changes right after `adopt`
- tracks: what `adopt` proposes; in brackets what a person answers, where it differs
- lost: lines of the team that are gone after the update, of all that were written
- conflicts: files with a conflict after the update

"""
NOT_PROVEN = """
## Not proven here

- The contents of the repositories are invented: only names, dependencies, the remote and the licence are real.
- The word lists of `adopt` were mended on most of these repositories; `make bench-adopt` counts those recorded later apart.
- All of them are on GitHub; CI of other hosts is tried with names made up for it. What a person answers was judged from the front page, by one reader.
- pre-commit before 4.4 is not run; the tests look at the `language` of the emitted hooks.
- The formatters are real in `make bench PARTS=merge`; the tests of point 21 imitate them.
- Hosts that don't answer, credential helpers and other operating systems than Linux are imitated or not tried.
"""


class Row:
    """A row of a table: a dataclass whose fields are its cells."""

    def line(self) -> str:
        return f"| {' | '.join(str(cell) for cell in astuple(self))} |\n"  # type: ignore[call-overload]

    @classmethod
    def head(cls) -> str:
        names = [field.name.replace("_", " ") for field in fields(cls)]  # type: ignore[arg-type]
        return f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"

    @classmethod
    def read(cls, text: str) -> list[Self]:
        """Return the rows of the table with this head, with numbers as int."""
        _, _, rest = text.partition(cls.head())
        table = re.match(r"(\|.*\n)*", rest)
        lines = (table[0] if table else "").splitlines()
        return [cls(*map(_cell, line[2:-2].split(" | "))) for line in lines]


def _cell(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


@dataclass(frozen=True)
class Repository(Row):
    """The result of one repository."""

    repository: str
    files: int
    changed: int
    findings: int
    update: int
    tracks: str
    lost: str
    conflicts: int

    @classmethod
    def of(cls, found: Adoption) -> "Repository":
        proposed, expected = (", ".join(tracks) for tracks in (found.proposed, found.expected))
        return cls(
            found.repository,
            found.files,
            found.changed,
            found.findings,
            found.updated,
            proposed if proposed == expected else f"{proposed} ({expected})",
            f"{found.lost} of {found.written}",
            found.conflicts,
        )


@dataclass(frozen=True)
class Tried(Row):
    """The cases that were tried for one point."""

    point: int
    tried: str
    cases: int
    outcome: str


def marked(root: Path = ROOT / "tests") -> set[tuple[int, str]]:
    """Return the point and text of each `field` marker in the tests."""
    found = set()
    for path in sorted(root.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.field":
                point, tried = map(ast.literal_eval, node.args)
                found.add((point, tried))
    return found


def run() -> list[Tried]:
    """Run the tests with the marker, and count them."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        path = Path(folder, "junit.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-m", "field", f"--junitxml={path}"]
        done = subprocess.run(command, cwd=ROOT)
        if done.returncode not in (0, 1):  # 1 says that a test failed, which the page says too
            raise SystemExit("pytest could not run the tests; see its output above")
        return list(counted(ElementTree.parse(path).iter("testcase")))


def counted(cases: Iterable[ElementTree.Element]) -> Iterator[Tried]:
    """Return the cases of a JUnit report by point and text."""
    outcomes: dict[tuple[int, str], Counter[str]] = {}
    for case in cases:
        tags = {child.tag for child in case}
        failed = "failed" if tags & {"failure", "error"} else "passed"
        outcome = "skipped" if "skipped" in tags else failed
        for kept in case.iter("property"):
            if kept.get("name") == "field":
                point, _, tried = kept.get("value", "").partition(": ")
                outcomes.setdefault((int(point), tried), Counter())[outcome] += 1
    for (point, tried), counts in sorted(outcomes.items()):
        said = ", ".join(f"{n} {name}" for name, n in sorted(counts.items()))
        yield Tried(point, tried, counts.total(), "passed" if set(counts) == {"passed"} else said)


def page(repositories: list[Repository], tried: list[Tried]) -> str:
    """Return the page with both tables."""
    right = sum("(" not in row.tracks for row in repositories)
    lost, of = (sum(int(row.lost.split(" of ")[n]) for row in repositories) for n in (0, 1))
    changed, findings, updates, conflicts = (
        sum(getattr(row, name) for row in repositories)
        for name in ("changed", "findings", "update", "conflicts")
    )
    return "".join(
        [
            HEAD.format(count=len(repositories)),
            Repository.head(),
            *(row.line() for row in repositories),
            f"\nTogether: {changed} files changed, {findings} findings, {updates} files updated, "
            f"{conflicts} conflicts, {lost} of {of:,} lines lost, "
            f"tracks as a person answers in {right} of {len(repositories)}.\n",
            "`make bench-adopt` has the other questions.\n",
            "\n## Bug reports\n\nEach point is a kind of fault; its cases are tests that "
            "`pytest -m field` runs.\n",
            *_sections(tried),
            NOT_PROVEN,
        ]
    )


def _sections(tried: list[Tried]) -> Iterator[str]:
    yield f"\n{Tried.head()}"
    yield from (row.line() for row in tried)
    yield "\nThe points:\n\n"
    for point, title in POINTS.items():
        cases = [row for row in tried if row.point == point]
        failed = [row for row in cases if row.outcome != "passed"]
        outcome = f"{sum(row.cases for row in cases)} cases, "
        outcome += f"{len(failed)} of {len(cases)} rows not passed" if failed else "all passed"
        yield f"{point}. {title}: {outcome if cases else 'nothing tried'}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--write", action="store_true")
    options: Any = parser.parse_args()
    with ThreadPoolExecutor() as pool:
        running = pool.submit(run)
        adopted = field_repositories.adoptions(options.only)
        repositories = [Repository.of(found) for found in adopted]
        tried = running.result()
    text = page(repositories, tried)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    harmed = [r for r in repositories if r.changed or not r.lost.startswith("0 of ")]
    return int(bool(harmed) or any("failed" in row.outcome for row in tried))


if __name__ == "__main__":
    sys.exit(main())
