"""A number that tells one state of this program and its template from another."""

import os
import zlib
from functools import cache
from pathlib import Path

from mlcharter.template.composing import CODE

_SKIPPED = CODE | {"__pycache__", "_template"}


@cache
def fingerprint(root: Path) -> int:
    """A number that changes with this program, or with any text of the template at `root`.

    A template that was installed with the program changes with it. One process looks once.
    """
    number = 0
    package = Path(__file__).parents[1]
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
