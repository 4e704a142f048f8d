"""The cache folder of this program for a user.

All of it may be deleted at any time.
"""

import os
from contextlib import suppress
from pathlib import Path

from mlcharter.support import writing


def folder() -> Path:
    """Return the cache folder of this user, which may not exist yet.

    A relative XDG_CACHE_HOME or HOME is ignored, since it could lead into a repository. For a user
    without a home, as in some containers, it is a place where nothing can be written.
    """
    configured = os.environ.get("XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")  # noqa: PTH111 (as it is where there is no home)
    if Path(configured).is_absolute():
        return Path(configured, "mlcharter")
    return Path(home if Path(home).is_absolute() else os.devnull, ".cache/mlcharter")


def keep(file: Path, content: bytes) -> None:
    """Write a file of the cache, readable by this user only, while other processes may read it.

    An OSError, such as a full disk, is ignored: the result is computed again next time.
    """
    with suppress(OSError):
        writing.keep(file, content)
