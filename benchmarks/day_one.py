"""Measure the cost of a new repository, from `new` to a passing `check`, for each track and all.

    python benchmarks/day_one.py [--only TRACK]   with mlcharter installed

CPU seconds are user and system time of a command and all its children; wall times are left out,
since machines are shared. `new` is the whole process, `setup` starts from an empty environment with
a warm package cache, and `size` is the size of that environment. Code is counted without blank
lines and comments. The table is written to docs/day-one.md.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/day-one.md"
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
    """Create and run each repository and print a row; write the page if all rows were run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=[*TRACKS, "all"], help="one row; the page stays as it is")
    only = parser.parse_args().only
    cases = {track: (track,) for track in TRACKS} | {"all": TRACKS}
    table = []
    for line in rows(cases if only is None else {only: cases[only]}):
        print(line, flush=True)
        table.append(line)
    if only is None:
        PAGE.write_text(page(table), encoding="utf-8")


def rows(cases: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of the table."""
    heads = ["tracks", "`new`", *(f"`make {step}`" for step in STEPS), "size, MB"]
    heads += [f"{folder}/, lines" for folder in CODE]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for name, tracks in cases.items():
        with tempfile.TemporaryDirectory(prefix="day-one-") as folder:
            root = Path(folder, "system")
            words = [word for track in tracks for word in ("--track", track)]
            cells = [seconds([*MLCHARTER, "new", str(root), "--defaults", *words], Path(folder))]
            cells += [seconds(["make", step], root) for step in STEPS]
            shown = [f"{cell:.1f}" for cell in cells]
            shown += [f"{size(root / '.venv'):.0f}"]
            shown += [str(sum(map(lines, (root / part).rglob("*.py")))) for part in CODE]
            yield f"| {name} | {' | '.join(shown)} |"


def seconds(words: list[str], cwd: Path) -> float:
    """Return the CPU seconds of a command and its children; it must succeed."""
    env = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    env["MLCHARTER_SOURCE"] = str(ROOT)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {(done.stdout + done.stderr)[-4000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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


def page(table: list[str]) -> str:
    """Return the text of docs/day-one.md."""
    return "\n".join(
        [
            "# Day one",
            "",
            "What a new repository costs before anybody has written a line.",
            "Written by `make bench-day-one`: CPU seconds of each step, the size of the environment, and the code",
            "that a team receives and must own, in lines without blank ones and comments.",
            "",
            *table,
            "",
        ]
    )


if __name__ == "__main__":
    main()
