"""Measure the figures of the published pages, in one run of one commit.

    python benchmarks/runs.py [PART...] [--list]

A part is a benchmark that writes its tables into a page, and has a stamp there: commit, date,
machine, and load. Without PART, the parts are measured whose stamp is of another commit, one after
another, so that a run that was stopped is run again and measures what is left. With PART, those are
measured in any case. --list prints the stamps and measures nothing.
Everything but docs/ must be committed. Tools that some parts compare with are installed first, in
the versions of peers.txt and the Makefile.
"""

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
PEERS = ROOT / ".peers"
PROGRAMS = ("--peers", str(PEERS / "bin"))
STAMP = re.compile(
    r"Measured (?:at|before) commit `([0-9a-f]{8,})`, (\d{4}-\d\d-\d\d): \d+ processors, [^\n]+\."
)


class Part(NamedTuple):
    """A benchmark: its page, its program with options, and what `make` installs for it."""

    page: str
    words: tuple[str, ...]
    needs: str | None = None

    @property
    def path(self) -> Path:
        return ROOT / "docs" / self.page


PARTS = {
    "speed": Part(
        "speed.md",
        ("check.py", *PROGRAMS, "--node", str(PEERS / "node_modules/.bin"), "--write"),
        ".peers/done",
    ),
    "growth": Part("growth.md", ("growth.py", "--write")),
    "markdown": Part("markdown.md", ("markdown_parsers.py", "--write"), ".venv/pyromark"),
    "merge": Part("merging.md", ("merge.py", "--peers", str(PEERS), "--write"), ".peers/done"),
    "fleet": Part("fleet.md", ("fleet.py", *PROGRAMS, "--write"), ".peers/done"),
    "costs": Part("day-one.md", ("day_one.py", "costs")),
    "sizes": Part("day-one.md", ("day_one.py", "sizes")),
    "journeys": Part("day-one.md", ("day_one.py", "journeys")),
    "recall": Part("recall.md", ("recall.py", *PROGRAMS, "--write"), ".peers/done"),
    "precision": Part("precision.md", ("precision.py", "--write")),
}


def stamp(name: str) -> str:
    """Return the mark of a part's stamp and the stamp, as they are in its page now."""
    mark = f"<!-- run: {name} -->\n"
    after = PARTS[name].path.read_text(encoding="utf-8").partition(mark)[2]
    return mark + after.partition("\n")[0]


def put_stamp(page: str, name: str, text: str) -> str:
    """Return a page with another stamp of a part; the page must have its mark."""
    head, mark, rest = page.partition(f"<!-- run: {name} -->\n")
    assert mark, f"the page {PARTS[name].page} has no mark `run: {name}`"
    return f"{head}{mark}{text}\n{rest.partition(chr(10))[2]}"


def describe_run(commit: str, date: datetime.date, load: float) -> str:
    """Return the stamp of a run that began now, on this machine."""
    machine = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    return (
        f"Measured at commit `{commit}`, {date}: {machine}, {python}, load {load:.0f} at the start."
    )


def read_commit() -> str:
    """Return the commit that is checked out; what is measured must be committed."""
    words = ["git", "-C", str(ROOT), "status", "--porcelain", "--", ".", ":(exclude)docs"]
    changed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if changed:
        raise SystemExit(f"commit these first, or the stamp would be wrong:\n{changed}")
    words = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def measure(name: str, commit: str) -> None:
    """Measure a part, which writes its tables, and put its stamp into the page."""
    part = PARTS[name]
    if part.needs is not None:
        subprocess.run(["make", "--silent", part.needs], cwd=ROOT, check=True)
    today = datetime.datetime.now(datetime.UTC).date()
    text = describe_run(commit, today, os.getloadavg()[0])
    program, *options = part.words
    subprocess.run([sys.executable, str(HERE / program), *options], cwd=ROOT, check=True)
    page = part.path.read_text(encoding="utf-8")
    part.path.write_text(put_stamp(page, name, text), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--list", action="store_true", help="print the stamps")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if not options.list:
        commit = read_commit()
        left = [name for name in PARTS if f"at commit `{commit}`" not in stamp(name)]
        for name in options.parts or left:
            print(f"{name}, for docs/{PARTS[name].page}", flush=True)
            measure(name, commit)
    for name in PARTS:
        print(f"{name:10} {stamp(name).partition(chr(10))[2]}")


if __name__ == "__main__":
    main()
