"""Measure what `mlcharter fleet check` and `fleet update` cost, for a hundred repositories and more.

    python benchmarks/fleet.py [--repositories N]... [--updates N] [--seeds FOLDER] [--peers BIN]
        [--write]

Every row is one process with its workers, in one run on one machine: CPU seconds, user and system;
wall seconds; the peak memory of the largest process; and when the first result was printed. Cold is
with an empty cache, warm right after that. Mirrors are bare repositories of the same clones.
Up to MIRRORED repositories, all ways of running are compared; above, one cold and one warm run.
There the peers whose programs are in BIN lint the same documents with their default rules: style of
Markdown, which is other work, and nothing in it knows a section, an item or a config block.
The updates are of filled repositories, each line of the team with a tag, so that what is lost is
counted; `copier update` takes seconds each, and gets COPIED of them.
--seeds is where the repositories that are copied are kept for the next run.
--write writes the tables into docs/fleet.md.
"""

import argparse
import json
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

import fleet_corpus
import merge
from fleet_corpus import WHO, git

PAGE = Path(__file__).resolve().parents[1] / "docs/fleet.md"
FOLDER = PAGE.parents[1] / ".examples"  # Git ignores it, and hard links to the examples work there
OURS = Path(sys.executable).with_name("mlcharter")
COPIED = 5
MIRRORED = 100
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
    parser.add_argument("--peers", type=Path, help="the folder with the programs of the peers")
    parser.add_argument("--seeds", type=Path, help="a folder, inside this checkout")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/fleet.md")
    given = parser.parse_args()
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    print(*lines, sep="\n", flush=True)
    for count in (100, 1000, 10_000) if given.repositories is None else given.repositories:
        for line in rows(count, given.seeds, given.peers) if count else ():
            lines.append(line)
            print(line, flush=True)
            if given.write:
                write("speed", lines)
    if given.updates:
        lines = list(updates(given.updates))
        print(*lines, sep="\n")
        if given.write:
            write("updates", lines)


def rows(count: int, seeds: Path | None, peers: Path | None) -> Iterator[str]:
    """Yield a line for each way to check `count` repositories; all must give the same results."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        clones = Path(folder, "clones")
        made = fleet_corpus.seeds(seeds or Path(folder, "seeds"))
        made = fleet_corpus.make(made, clones, count)
        if count > MIRRORED:
            runs = {
                "cold, 2 processes": (clones, "2", True),
                "warm, 1 process": (clones, "1", False),
            }
        else:
            mirrors = fleet_corpus.mirror(made, Path(folder, "mirrors"))
            runs = {
                "cold, 1 process": (clones, "1", True),
                "cold, 2 processes": (clones, "2", True),
                "warm, 1 process": (clones, "1", False),
                "mirrors, cold, 1 process": (mirrors, "1", True),
                "mirrors, warm, 1 process": (mirrors, "1", False),
            }
        first: list[bytes] = []
        for name, (fleet, jobs, fresh) in runs.items():
            cost = measure(fleet, folder, jobs, fresh=fresh)
            first = first or same(cost.results)
            assert same(cost.results) == first, name
            speed = sum(json.loads(line)["documents"] for line in cost.results.splitlines())
            cells = (f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{cost.first:.2f}", f"{cost.peak:.0f}")
            yield f"| {count:,} | {name} | {' | '.join(cells)} | {speed / cost.cpu:,.0f} |"
        if peers and count <= MIRRORED:
            yield from linted(count, clones, peers)


def linted(count: int, clones: Path, peers: Path) -> Iterator[str]:
    """Yield a line for each peer: what it takes to lint the documents of all clones once."""
    documents = sorted(str(path) for path in clones.glob("*/*/**/*.md"))
    words = {
        "rumdl": ["check", "--no-cache", "--quiet", "--no-config"],
        "mdsmith": ["check", "-q", "--no-gitignore", "-c", os.devnull],
    }
    for name, given in words.items():
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run([peers / name, *given, *documents], capture_output=True, cwd=clones)
        assert done.returncode in (0, 1), done.stderr[-500:]
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        cells = (f"{cpu:.1f}", f"{wall:.1f}", "", "", f"{len(documents) / cpu:,.0f}")
        yield f"| {count:,} | {name}, default rules | {' | '.join(cells)} |"


def measure(fleet: Path, folder: str, jobs: str, *, fresh: bool = False) -> Cost:
    cache = Path(folder, "cache")
    if fresh:
        shutil.rmtree(cache, ignore_errors=True)
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
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
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    return Cost(used.ru_utime + used.ru_stime, wall, first, used.ru_maxrss / 1024, results)


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
            git("clone", "--quiet", str(project), str(clone))
        words = [sys.executable, "-m", "mlcharter", "fleet", "update", str(work / "clones")]
        took = merge.seconds([*words, "--jobs", "1"], work, work / "cache")
        lost = sum(count_lost(clone, "mlcharter-update", filled) for clone in clones)
        yield f"| `mlcharter fleet update` | {count} | {took / count:.2f} | {lost} |"
        copied = clones[:COPIED]
        copier = [sys.executable, "-m", "copier", "update", "-q", "--defaults"]
        took = sum(merge.seconds(copier, clone, work / "cache") for clone in copied)
        for clone in copied:
            git("-C", str(clone), "add", "--all")
            git("-C", str(clone), *WHO, "commit", "--quiet", "--no-verify", "--message=all")
        lost = sum(count_lost(clone, "HEAD", filled) for clone in copied)
        yield f"| `copier update` | {len(copied)} | {took / len(copied):.2f} | {lost} |"


def count_lost(clone: Path, ref: str, filled: merge.Filled) -> int:
    """Return how many tags of the team no document has any more at a commit."""
    shown = [git("-C", str(clone), "show", f"{ref}:{path}") for path in filled.docs]
    text = "\n".join(shown)
    return sum(tag not in text for tag in filled.homes)


def write(name: str, lines: list[str], page: Path = PAGE) -> None:
    """Write a table into a page."""
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    table = "\n".join(lines)
    page.write_text(f"{before}{begin}\n{table}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
