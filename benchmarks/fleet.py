"""Measure what `mlcharter fleet check` and `fleet update` cost, for a hundred repositories and more.

    python benchmarks/fleet.py [--repositories N]... [--updates N] [--write]

Every row is one process with its workers, in one run on one machine: CPU seconds, user and system;
wall seconds; the peak memory of the largest process; and when the first result was printed. Cold is
with an empty cache, warm right after that. Mirrors are bare clones of the same repositories.
The updates are of filled repositories, each line of the team with a tag, so that what is lost is
counted; `copier update` takes seconds each, and gets COPIED of them.
--write writes the tables into docs/fleet.md.
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
import merge

PAGE = Path(__file__).resolve().parents[1] / "docs/fleet.md"
FOLDER = PAGE.parents[1] / ".examples"  # Git ignores it, and hard links to the examples work there
OURS = Path(sys.executable).with_name("mlcharter")
COPIED = 5
WHO = ("-c", "user.name=a", "-c", "user.email=a@acme.example")
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
    parser.add_argument("--updates", type=int, default=100, help="0: measure no updates")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/fleet.md")
    given = parser.parse_args()
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    print(*lines, sep="\n", flush=True)
    for count in given.repositories or (100, 1000):
        for line in rows(count):
            lines.append(line)
            print(line, flush=True)
            if given.write:
                write("speed", lines)
    if given.updates:
        lines = list(updates(given.updates))
        print(*lines, sep="\n")
        if given.write:
            write("updates", lines)


def rows(count: int) -> Iterator[str]:
    """Yield a line for each way to check `count` repositories; all must give the same results."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        made = corpus.make(Path(folder, "clones"), count)
        history = commit_example(Path(folder, "history"))
        for clone in made.folders:
            shutil.copytree(history, clone / ".git", copy_function=os.link)
        mirrors = mirror(made, history, Path(folder, "mirrors"))
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


def commit_example(folder: Path) -> Path:
    """Return a `.git` with the example as it was reviewed, which the check looks up."""
    run("init", "--quiet", str(folder))
    git = (f"--git-dir={folder}/.git", f"--work-tree={corpus.EXAMPLE}")
    run(*git, "add", "--all", "--force")
    run(*git, *WHO, "commit", "--quiet", "--message=reviewed")
    run(*git, "repack", "-a", "-d", "-q")
    return folder / ".git"


def mirror(made: corpus.Corpus, history: Path, into: Path) -> Path:
    """Make a bare repository of each repository; return their folder."""
    for clone in made.folders:
        bare = into / f"{clone.name}.git"
        shutil.copytree(history, bare, copy_function=os.link)
        git = (f"--git-dir={bare}", f"--work-tree={clone}")
        run(*git, "add", "--all", "--force")
        run(*git, *WHO, "commit", "--quiet", "--message=all")
        run(f"--git-dir={bare}", "config", "core.bare", "true")
    return into


def run(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout


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


def updates(count: int) -> Iterator[str]:
    """Yield a table of `fleet update` and `copier update` on filled repositories."""
    yield "| tool | repositories | CPU s a repository | lines of the team lost |"
    yield "|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        project, filled = merge.filled_project(work)
        clones = [work / "clones" / f"r{number:03}" for number in range(count)]
        for clone in clones:
            run("clone", "--quiet", str(project), str(clone))
        words = [sys.executable, "-m", "mlcharter", "fleet", "update", str(work / "clones")]
        took = merge.seconds([*words, "--jobs", "1"], work, work / "cache")
        lost = sum(count_lost(clone, "mlcharter-update", filled) for clone in clones)
        yield f"| `mlcharter fleet update` | {count} | {took / count:.2f} | {lost} |"
        copied = clones[:COPIED]
        copier = [sys.executable, "-m", "copier", "update", "-q", "--defaults"]
        took = sum(merge.seconds(copier, clone, work / "cache") for clone in copied)
        for clone in copied:
            run("-C", str(clone), "add", "--all")
            run("-C", str(clone), *WHO, "commit", "--quiet", "--no-verify", "--message=all")
        lost = sum(count_lost(clone, "HEAD", filled) for clone in copied)
        yield f"| `copier update` | {len(copied)} | {took / len(copied):.2f} | {lost} |"


def count_lost(clone: Path, ref: str, filled: merge.Filled) -> int:
    """Return how many tags of the team no document has any more at a commit."""
    shown = [run("-C", str(clone), "show", f"{ref}:{path}") for path in filled.docs]
    text = "\n".join(shown)
    return sum(tag not in text for tag in filled.homes)


def write(name: str, lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    table = "\n".join(lines)
    PAGE.write_text(f"{before}{begin}\n{table}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
