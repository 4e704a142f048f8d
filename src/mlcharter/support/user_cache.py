"""What this program remembers for a user between two runs: where it lies, and how it gets there.

All of it may be deleted at any time.
"""

import os
from contextlib import suppress
from pathlib import Path

from mlcharter.support import writing


def folder() -> Path:
    """The folder of what is remembered for this user; it may not be there yet.

    A relative XDG_CACHE_HOME or HOME does not count, which could lead into a repository. A user
    without a home, as in some containers, has a place where nothing can be kept.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")  # noqa: PTH111 (as it is where there is no home)
    if Path(given).is_absolute():
        return Path(given, "mlcharter")
    return Path(home if Path(home).is_absolute() else os.devnull, ".cache/mlcharter")


def keep(file: Path, content: bytes) -> None:
    """Write a file that other processes may be reading, for this user's eyes only.

    A full or closed disk costs time only.
    """
    with suppress(OSError):
        writing.keep(file, content)
