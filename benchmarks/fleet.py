"""Measure what `mlcharter fleet check` costs, for a hundred and for a thousand repositories.

    python benchmarks/fleet.py [--repositories N]... [--write]

Every row is one process with its workers, in one run on one machine: CPU seconds, user and system;
wall seconds; the peak memory of the largest process; and when the first result was printed. Cold is
with an empty cache, warm right after that. Mirrors are bare clones of the same repositories.
--write writes the table into docs/fleet.md.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import corpus

PAGE = Path(__file__).resolve().parents[1] / "docs/fleet.md"
FOLDER = PAGE.parents[1] / ".examples"  # Git ignores it, and hard links to the examples work there
OURS = Path(sys.executable).with_name("mlcharter")
HEADS = (
    "repositories",
    "run",
    "CPU s",
    "wall s",
    "first result, s",
    "peak MB",
    "documents a CPU s",
)


@dataclass(frozen=True)
class Cost:
    """What one run took; `results` is what it printed."""

    cpu: float
    wall: float
    first: float
    peak: float
    results: bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repositories", type=int, action="append")
    parser.add_argument("--write", action="store_true", help="write the table into docs/fleet.md")
    given = parser.parse_args()
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    print(*lines, sep="\n", flush=True)
    for count in given.repositories or (100, 1000):
        for line in rows(count):
            lines.append(line)
            print(line, flush=True)
            if given.write:
                write(lines)


def rows(count: int) -> Iterator[str]:
    """Yield a line for each way to check `count` repositories; all must give the same results."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        made = corpus.make(Path(folder, "clones"), count)
        for clone in made.folders:  # else a change in the repository around it counts
            run("init", "--quiet", str(clone))
        mirrors = mirror(made, Path(folder, "mirrors"))
        runs = {
            "cold, 1 process": (made.root, "1", True),
            "cold, 2 processes": (made.root, "2", True),
            "warm, 1 process": (made.root, "1", False),
            "mirrors, cold, 1 process": (mirrors, "1", True),
            "mirrors, warm, 1 process": (mirrors, "1", False),
        }
        first: list[bytes] = []
        for name, (fleet, jobs, fresh) in runs.items():
            cost = measure(fleet, folder, jobs, fresh=fresh)
            first = first or same(cost.results)
            assert same(cost.results) == first, name
            speed = len(made.files) / cost.cpu
            cells = (f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{cost.first:.2f}", f"{cost.peak:.0f}")
            yield f"| {count:,} | {name} | {' | '.join(cells)} | {speed:,.0f} |"


def mirror(made: corpus.Corpus, into: Path) -> Path:
    """Make a bare repository of each repository; return their folder."""
    for clone in made.folders:
        bare = into / f"{clone.name}.git"
        run("init", "--quiet", "--bare", str(bare))
        git = (f"--git-dir={bare}", f"--work-tree={clone}", "-c", "core.bare=false")
        run(*git, "add", "--all", "--force")
        who = ("-c", "user.name=a", "-c", "user.email=a@acme.example")
        run(*git, *who, "commit", "--quiet", "--message=all")
    return into


def run(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def measure(fleet: Path, folder: str, jobs: str, *, fresh: bool = False) -> Cost:
    cache = Path(folder, "cache")
    if fresh:
        shutil.rmtree(cache, ignore_errors=True)
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    words = [str(OURS), "fleet", "check", str(fleet), "--jobs", jobs, "--format", "jsonl"]
    with subprocess.Popen(
        ["/bin/sh", "-c", '"$@"; echo $? >&2', "sh", *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        results = process.stdout.readline()
        first = time.monotonic() - begun
        results += process.stdout.read()
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, first, after.ru_maxrss / 1024, results)


def same(results: bytes) -> list[bytes]:
    """Return results without what differs between a clone and its mirror."""
    return [re.sub(rb'"(place|url)": "[^"]*"', b"", line) for line in results.splitlines()]


def write(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- generated: speed -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    table = "\n".join(lines)
    PAGE.write_text(f"{before}{begin}\n{table}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
