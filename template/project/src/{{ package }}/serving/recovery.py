"""Back up a release, restore it, and prove that what came back is what was lost.

`python -m <package>.serving.recovery build/release --id <id>` runs the drill on a copy and prints
how long each step took.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import releases
from .releases import RefusedError


def back_up(release: Path, into: Path, pinned: str) -> None:
    """Copy a release that verifies, and verify the copy: damage would only show when needed."""
    releases.verified(release, pinned)
    shutil.copytree(release, into, symlinks=True)
    releases.verified(into, pinned)


def restore(backup: Path, release: Path, pinned: str) -> None:
    """Bring a release back; it takes its place only after it has verified."""
    arriving = release.with_name(f"{release.name}.arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    shutil.copytree(backup, arriving, symlinks=True)
    releases.verified(arriving, pinned)
    old = release.with_name(f"{release.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if release.exists():
        release.rename(old)
    arriving.rename(release)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """The drill: back up, destroy, restore, verify; the release itself is not touched."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("folder", type=Path)
    words.add_argument("--id", default=os.environ.get("RELEASE_ID"))
    given = words.parse_args()
    try:
        pinned = given.id or releases.read(given.folder).id
        with tempfile.TemporaryDirectory() as scratch:
            drill(given.folder, Path(scratch), pinned)
    except RefusedError as error:
        print(f"drill failed: {error}", file=sys.stderr)
        return 1
    return 0


def drill(release: Path, scratch: Path, pinned: str) -> None:
    """Every step on a copy in `scratch`, each with its seconds."""
    live, kept = scratch / "live", scratch / "backup"
    shutil.copytree(release, live, symlinks=True)
    with timed("back up"):
        back_up(live, kept, pinned)
    with timed("destroy"):
        shutil.rmtree(live)
    with timed("restore and verify"):
        restore(kept, live, pinned)
    members = len(releases.read(live).members)
    print(f"{'release':<20} {pinned}\n{'members':<20} {members}, each with the digest it had")


@contextmanager
def timed(step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{step:<20} {time.perf_counter() - began:.3f} s")


if __name__ == "__main__":
    sys.exit(main())
