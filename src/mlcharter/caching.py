"""What this program remembers for a user between two runs: where it lies, and how it gets there.

All of it may be deleted at any time.
"""

import os
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

from mlcharter import writing
from mlcharter.composing import CODE

_SKIPPED = CODE | {"__pycache__", "_template"}


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


@cache
def stamp(root: Path) -> int:
    """A number that changes with this program, or with any text of the template at `root`.

    A template that was installed with the program changes with it. One process looks once.
    """
    number = 0
    package = Path(__file__).parent
    waiting = [str(package)] if root.parent == package else [str(package), str(root / "template")]
    entries = [(str(root), "copier.yml", (root / "copier.yml").stat())]
    while waiting:
        here = waiting.pop()
        with os.scandir(here) as found:
            for entry in found:
                if entry.name.endswith((".md", ".jinja", ".yml", ".py", ".json")):
                    entries.append((here, entry.name, entry.stat()))
                elif entry.name not in _SKIPPED and entry.is_dir():
                    waiting.append(entry.path)
    for here, name, stat in sorted(entries, key=lambda entry: entry[:2]):
        words = f"{here}/{name} {stat.st_size} {stat.st_mtime_ns}"
        number = zlib.crc32(words.encode(errors="surrogateescape"), number)
    return number
