"""Which folders of this machine may be read as the source of a template or of a settings file.

Files of a repository name such folders, and whoever wrote those files may have put a repository of
their own there. So a folder counts only if the user has named it, on a command line of this
program, or if this program came from it.
"""

import json
import os
from pathlib import Path

from mlcharter.support import user_cache
from mlcharter.template import bundled
from mlcharter.template.answers import ANSWERS
from mlcharter.support.errors import UserError

_NO_FILES = ("/proc", "/dev", "/sys")
_OTHER = (
    f"write the template's address as `_src_path` into {ANSWERS}; if the old version is not there, "
    "add --base DIR, a folder with its copier.yml and template/"
)


def remember(folder: Path) -> None:
    """Record that the user has named this folder; it counts from now on."""
    known = _remembered()
    if str(folder.resolve()) not in known:
        text = json.dumps(sorted({*known, str(folder.resolve())}), indent=1)
        user_cache.keep(_file(), text.encode(errors="surrogateescape"))


def is_known(folder: Path) -> bool:
    """Whether the user has named this folder before, or this program came from it."""
    real = str(folder.resolve())
    return real in _remembered() or bundled.is_own(real)


def refuse_place(folder: Path, root: Path | None) -> None:
    """Refuse a folder that no template can be in, or that is in the repository at `root`."""
    try:
        real = folder.resolve()
    except (OSError, RuntimeError) as error:
        raise UserError(f"{folder} can't be followed: {error}", hint=_OTHER) from None
    for place in (folder, real):
        if any(place.is_relative_to(odd) for odd in _NO_FILES):
            raise UserError(f"{folder} is no place for a template", hint=_OTHER)
    top = repository_of(root) if root is not None else None
    if top is not None and (real.is_relative_to(top) or folder.absolute().is_relative_to(top)):
        raise UserError(
            f"{folder} is inside the repository {top}, whose files are never its template",
            hint=_OTHER,
        )


def refuse_unknown(folder: Path) -> None:
    """Refuse a folder that is not there, belongs to someone else, or was never named by the user.

    The folder of a repository is meant, with work tree or bare.
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
            f"{folder} was never named on your command line, only by a file of the repository",
            hint=f"if you trust it, run `mlcharter new NEW_FOLDER --template {folder}` once; "
            f"or {_OTHER}",
        )


def repository_of(root: Path) -> Path | None:
    """The top of the repository that a folder is in, without asking Git; else the folder."""
    real = root.resolve()
    tops = [place for place in (real, *real.parents) if os.path.lexists(place / ".git")]
    return tops[0] if tops else real


def _file() -> Path:
    """Where the folders are recorded: with the user's state, which outlives the cache."""
    given = os.environ.get("XDG_STATE_HOME", "")
    home = os.path.expanduser("~")  # noqa: PTH111 (as it is where there is no home)
    if Path(given).is_absolute():
        return Path(given, "mlcharter/templates.json")
    return Path(
        home if Path(home).is_absolute() else os.devnull, ".local/state/mlcharter"
    ).joinpath("templates.json")


def _remembered() -> set[str]:
    try:
        return set(json.loads(_file().read_text(encoding="utf-8", errors="surrogateescape")))
    except (OSError, ValueError, TypeError):
        return set()
