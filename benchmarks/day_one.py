"""Measure the cost of a new repository, and of putting a team's own system into it.

    python benchmarks/day_one.py [costs] [sizes] [journeys] [--only TRACK] [--journey TEXT]

Each part is a table of docs/day-one.md, which is written again when its part has been measured;
without a part, all three are. With `--only`, one row is printed and the page stays as it is; so it
does with `--journey`, which runs the journeys whose names have that text, as `pytest -k` selects.

`costs` runs a repository of each track and of all, from `new` to a passing `check`. CPU seconds are
user and system time of a command and all its children; wall seconds depend on what else the machine
does. `new` is the whole process, `setup` starts from an empty environment with a warm package
cache, and `size` is the size of that environment. Code is counted without blank lines and comments.
`sizes` counts lines, words and asks, and runs nothing. `journeys` runs the tests in which a team
puts its own data in, and has a row for each that passes.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlcharter.markdown import document

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/day-one.md"
TIERS = ("prototype", "production", "critical")
TRACKS = ("applied", "platform", "rag", "rl")
STEPS = ("setup", "test", "eval", "check")
CODE = ("src", "evals", "tests", "tools")
HIDDEN = ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
MLCHARTER = [sys.executable, "-m", "mlcharter"]
_SKIPPED = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)


def main() -> None:
    """Measure the parts, print their rows, and write their tables if all rows were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--only", choices=[*TRACKS, "all"], help="one row; the page stays as it is")
    parser.add_argument("--journey", metavar="TEXT", help="some journeys; the page stays as it is")
    given = parser.parse_args()
    if given.journey is not None and given.parts != ["journeys"]:
        parser.error("--journey selects of the part journeys; give that, and no other")
    if unknown := set(given.parts) - PARTS.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    cases = {track: (track,) for track in TRACKS} | {"all": TRACKS}
    if given.only is not None:
        cases = {given.only: cases[given.only]}
    for part in given.parts or PARTS:
        chosen = {"chosen": given.journey} if given.journey is not None else {}
        table = show(PARTS[part](cases, **chosen))
        if given.only is None and given.journey is None:
            PAGE.write_text(replace_table(PAGE.read_text("utf-8"), part, table), "utf-8")


def replace_table(page: str, part: str, table: list[str]) -> str:
    """Return the page with this table below the line that marks its part."""
    head, mark, rest = page.partition(f"<!-- {part} -->\n")
    if not mark:
        raise SystemExit(f"{PAGE} has no line <!-- {part} -->")
    after = rest.lstrip("\n").splitlines(keepends=True)
    kept = itertools.dropwhile(lambda line: line.startswith("|"), after)
    return "".join([head, mark, *(f"{line}\n" for line in table), *kept])


def show(lines: Iterator[str]) -> list[str]:
    """Print lines as they come, and return them."""
    shown = []
    for line in lines:
        print(line, flush=True)
        shown.append(line)
    return shown


def size_rows(cases: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of the table of what a team receives, by tracks and tier."""
    yield "| tracks | tier | files | lines | words | to fill in |"
    yield "|---|---|---|---|---|---|"
    for name, tracks in cases.items():
        for tier in TIERS:
            with tempfile.TemporaryDirectory(prefix="day-one-") as folder:
                root = Path(folder, "system")
                words = [word for track in tracks for word in ("--track", track)]
                seconds([*MLCHARTER, "new", str(root), "--defaults", "--tier", tier, *words], ROOT)
                files = [path for path in list_files(root) if not is_data(path.relative_to(root))]
                cells = [len(files), count_lines(files), count_words(root), count_asks(root)]
                yield f"| {name} | {tier} | {' | '.join(f'{cell:,}' for cell in cells)} |"


def list_files(root: Path) -> list[Path]:
    """Return the files of a repository that Git tracks."""
    words = ["git", "-C", str(root), "ls-files", "-z"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return [root / name for name in listed.split("\0") if name]


def count_lines(files: Iterable[Path]) -> int:
    """Return the lines of files."""
    return sum(len(path.read_bytes().splitlines()) for path in files)


def is_data(path: Path) -> bool:
    """Return whether a file is data, a list of pinned packages or derived: nobody edits it."""
    data = path.parts[0] == "data" and path.suffix != ".md"
    derived = path.name == "constraints.txt" or path.parent == Path("ops/prometheus")
    return data or "corpus" in path.parts or derived


def count_words(root: Path) -> int:
    """Return the words of the documents, config blocks included, without guidance."""
    folders = ("docs", "ops", "safety", "cost", "versioning")
    pages = [path for folder in folders for path in (root / folder).rglob("*.md")]
    blocks = [b for path in pages for b in document.parse(path.read_text("utf-8")).blocks]
    return sum(len(block.text.split()) for block in blocks if block.kind != "guidance")


def count_asks(root: Path) -> int:
    """Return how many findings fail at level complete, without what is left of the starter."""
    words = [
        *MLCHARTER,
        "check",
        "--level",
        "complete",
        "--format",
        "json",
        "--no-cache",
        str(root),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    findings = json.loads(done.stdout)["findings"]
    fails = [found for found in findings if found["outcome"] == "fails"]
    return sum(found["rule"] != "starter-left" for found in fails)


def rows(cases: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of the table."""
    heads = ["tracks", "`new`", *(f"`make {step}`" for step in STEPS), "all", "ratio"]
    heads += ["wall", "size, MB"]
    heads += [f"{folder}/, lines" for folder in CODE]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    first = None
    for name, tracks in cases.items():
        with tempfile.TemporaryDirectory(prefix="day-one-") as folder:
            root = Path(folder, "system")
            words = [word for track in tracks for word in ("--track", track)]
            steps = [seconds([*MLCHARTER, "new", str(root), "--defaults", *words], Path(folder))]
            steps += [seconds(["make", step], root) for step in STEPS]
            total = sum(cpu for cpu, _ in steps)
            first = first or total
            shown = [f"{cpu:.1f}" for cpu, _ in steps] + [f"{total:.0f}", f"{total / first:.2f}"]
            shown += [f"{sum(wall for _, wall in steps):.0f}"]
            shown += [f"{size(root / '.venv'):.0f}"]
            shown += [str(sum(map(lines, (root / part).rglob("*.py")))) for part in CODE]
            yield f"| {name} | {' | '.join(shown)} |"


def seconds(words: list[str], cwd: Path) -> tuple[float, float]:
    """Return CPU seconds and wall seconds of a command and its children; it must succeed."""
    env = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    env["MLCHARTER_SOURCE"] = str(ROOT)
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {(done.stdout + done.stderr)[-4000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - started


def size(folder: Path) -> float:
    """Return the size of the files in a folder, in MB."""
    return (
        sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 1e6
    )


def lines(path: Path) -> int:
    """Return the number of lines of a Python file with code or a docstring."""
    with path.open("rb") as file:
        tokens = [t for t in tokenize.tokenize(file.readline) if t.type not in _SKIPPED]
    return len({n for token in tokens for n in range(token.start[0], token.end[0] + 1)})


def list_journeys() -> list[Path]:
    """Return the files of tests that print what a journey cost."""
    tests = sorted((ROOT / "tests/emitted").glob("test_*_journey*.py"))
    return [path for path in tests if ".print_cost(" in path.read_text(encoding="utf-8")]


def journey_rows(cases: dict[str, tuple[str, ...]], chosen: str | None = None) -> Iterator[str]:
    """Yield the lines of the table of what it takes a team to put its own system in.

    Every journey is one of `tests/emitted`, and calls `Team.print_cost`. One that fails ends the
    program; so does a text in `chosen` that no name of a journey has.
    """
    yield "| tracks | what the team puts in | minutes | CPU, minutes | files by hand | lines |"
    yield "|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory(prefix="day-one-") as folder:
        record = Path(folder, "costs.jsonl")
        words = [sys.executable, "-m", "pytest", "-q", "-m", "journey", *map(str, list_journeys())]
        words += ["-k", chosen] if chosen is not None else []
        done = subprocess.run(words, cwd=ROOT, env=os.environ | {"JOURNEY_COSTS": str(record)})
        if done.returncode:
            raise SystemExit("a journey failed, or none was chosen; the output is above")
        if not record.is_file():
            raise SystemExit("what was chosen puts nothing in: no cost was printed")
        costs = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    for cost in sorted(costs, key=lambda cost: (cost["tracks"], cost["journey"])):
        if cost["tracks"] not in cases and len(cases) == 1:
            continue
        cells = [cost["tracks"], cost["journey"], f"{cost['minutes']:.0f}"]
        cells += [f"{cost['cpu_minutes']:.1f}", str(len(cost["files"]))]
        yield f"| {' | '.join(cells)} | +{cost['added']} -{cost['removed']} |"


PARTS = {"costs": rows, "sizes": size_rows, "journeys": journey_rows}


if __name__ == "__main__":
    main()
