"""The folders of this program for a user: the cache, all of which may be deleted at any time."""

import os
from pathlib import Path


def folder() -> Path:
    """Return the cache folder of this user, which may not exist yet."""
    return user_folder("XDG_CACHE_HOME", ".cache")


def user_folder(variable: str, default: str) -> Path:
    """Return a folder of this user: below that in an environment variable, else below the home.

    A relative one is ignored, since it could lead into a repository. For a user without a home, as
    in some containers, it is a place where nothing can be written.
    """
    configured = os.environ.get(variable, "")
    if Path(configured).is_absolute():
        return Path(configured, "mlcharter")
    home = os.path.expanduser("~")  # noqa: PTH111 (as it is where there is no home)
    return Path(home if Path(home).is_absolute() else os.devnull, default, "mlcharter")
