"""Decide which local folders may be read as the source of a template or of a standard.

A repository's files name such folders, and their author may have put a repository of their own
there. So a folder is allowed only if the user has named it on a command line of this program, or
if this program was installed from it.
"""

import json
import os
from pathlib import Path

from mlcharter.support import user_cache, writing
from mlcharter.support.errors import UserError
from mlcharter.template import bundled
from mlcharter.template.answers import ANSWERS

_NO_FILES = ("/proc", "/dev", "/sys")
_OTHER = (
    f"set `_src_path` in {ANSWERS} to the template's address; if that does not have the recorded "
    "version, add --base DIR, a folder with that version's copier.yml and template/"
)


def record(folder: Path) -> None:
    """Record that the user has named this folder, which is allowed from now on."""
    known, real = _read_recorded(), str(folder.resolve())
    if real not in known:
        text = json.dumps(sorted({*known, real}), indent=1)
        writing.keep(_file(), text.encode(errors="surrogateescape"))


def is_known(folder: Path) -> bool:
    """Return whether the user has named this folder before, or this program came from it."""
    real = str(folder.resolve())
    return real in _read_recorded() or bundled.is_own(real)


def refuse_place(folder: Path, root: Path | None) -> None:
    """Refuse a folder in a system directory, or inside the repository at `root`."""
    try:
        real = folder.resolve()
    except (OSError, RuntimeError) as error:
        raise UserError(f"{folder} can't be resolved: {error}", hint=_OTHER) from None
    for place in (folder, real):
        if any(place.is_relative_to(odd) for odd in _NO_FILES):
            raise UserError(f"{folder} is a system folder, not a template", hint=_OTHER)
    top = find_top(root) if root is not None else None
    if top is not None and (real.is_relative_to(top) or folder.absolute().is_relative_to(top)):
        raise UserError(
            f"{folder} is inside the repository {top}, which can't contain its own template",
            hint=_OTHER,
        )


def refuse_unknown(folder: Path) -> None:
    """Refuse a folder that is missing, belongs to another user, or was never named by the user.

    `folder` is a Git repository, with a work tree or bare.
    """
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}", hint=_OTHER)
    inside = folder / ".git"
    for place in (folder, inside) if inside.exists() else (folder,):
        if hasattr(os, "geteuid") and place.stat().st_uid != os.geteuid():
            raise UserError(
                f"{place} belongs to another user, who could change what is read",
                hint=f"clone it as yourself, or {_OTHER}",
            )
    if not is_known(folder):
        raise UserError(
            f"only a file of the repository names {folder} as its template; you have never used it",
            hint=f"to trust it, run `mlcharter new NEW_FOLDER --template {folder}` once; "
            f"or {_OTHER}",
        )


def find_top(root: Path) -> Path | None:
    """Return the top of the repository that a folder is in, else the folder; Git is not run."""
    real = root.resolve()
    tops = (place for place in (real, *real.parents) if os.path.lexists(place / ".git"))
    return next(tops, real)


def _file() -> Path:
    """Return the file that records the folders: in the user's state, which outlives the cache."""
    return user_cache.user_folder("XDG_STATE_HOME", ".local/state") / "templates.json"


def _read_recorded() -> set[str]:
    try:
        return set(json.loads(_file().read_text(encoding="utf-8", errors="surrogateescape")))
    except (OSError, ValueError, TypeError):
        return set()
