"""Compute a checksum of this program and its template, as part of the keys of caches."""

import os
import zlib
from functools import cache
from pathlib import Path

from mlcharter.template.composing import CODE_FOLDERS

_SKIPPED = CODE_FOLDERS | {"__pycache__", "_template"}


@cache
def fingerprint(root: Path) -> int:
    """Return a CRC-32 that changes with this program or with any text of the template at `root`.

    It covers paths, sizes and modification times. A template that was installed with the program
    changes with it. The result is cached for the life of the process.
    """
    number = 0
    package = Path(__file__).parents[1]
    waiting = [str(package)] if root.parent == package else [str(package), str(root / "template")]
    entries = [(str(root), "copier.yml", (root / "copier.yml").stat())]
    while waiting:
        here = waiting.pop()
        with os.scandir(here) as listed:
            for entry in listed:
                if entry.name.endswith((".md", ".jinja", ".yml", ".py", ".json")):
                    entries.append((here, entry.name, entry.stat()))
                elif entry.name not in _SKIPPED and entry.is_dir():
                    waiting.append(entry.path)
    for here, name, stat in sorted(entries, key=lambda entry: entry[:2]):
        state = f"{here}/{name} {stat.st_size} {stat.st_mtime_ns}"
        number = zlib.crc32(state.encode(errors="surrogateescape"), number)
    return number
