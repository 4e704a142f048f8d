"""Keep what a release rests on in reports/released, under a name that sorts by date."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from mlcharter.charter.released_files import RELEASED
from mlcharter.support import writing
from mlcharter.support.errors import UserError

_NAME = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?[a-z]*")


def freeze(root: Path, name: str, parts: Mapping[str, Callable[[], bytes]]) -> list[str]:
    """Write each part, by what its file's name ends in, and return the paths.

    A name is taken once. `build/freezing-NAME` is there until all files are, so that a freeze that
    was interrupted can be run again.
    """
    if not _NAME.fullmatch(name):
        hint = "a name is a month or a day, and a letter where there are several: 2026-11b"
        raise UserError(f"`{name}` does not sort among releases", hint=hint)
    files = {f"{RELEASED}/{name}-{ending}": make for ending, make in parts.items()}
    begun = f"build/freezing-{name}"
    if not (root / begun).exists() and any((root / path).exists() for path in files):
        hint = f"commit them, or take another name: {name}b"
        raise UserError(f"{RELEASED}/{name}-* are kept already", hint=hint)
    contents = {path: make() for path, make in files.items()}
    writing.replace(root, begun, b"")
    for path, content in contents.items():
        writing.replace(root, path, content)
    writing.remove(root, begun)
    return list(files)
