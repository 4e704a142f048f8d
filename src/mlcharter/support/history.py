"""Find old versions of files in the history of a Git repository, by their digests."""

import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeAlias

from mlcharter.support import git, hashing
from mlcharter.support.errors import UserError

LARGEST = 1024 * 1024  # bytes of a version
MOST_READ = 64 * 1024 * 1024  # bytes of all versions that one search reads

Version: TypeAlias = tuple[str, str]  # of a file: its path, and its digest or the start of it


def find_versions(
    objects: git.Objects, ref: str, wanted: Iterable[Version]
) -> dict[Version, bytes]:
    """Return the content of each version that is in the history of a commit.

    Versions larger than LARGEST are not found, nor any if Git cannot read the history.
    """
    digests: dict[str, list[str]] = {}
    for path, digest in wanted:
        digests.setdefault(path, []).append(digest)
    found: dict[Version, bytes] = {}
    seen = set()
    left = MOST_READ
    with suppress(UserError):
        for listed in objects.past(ref, digests):
            size = None
            if stat.S_ISREG(listed.mode) and listed not in seen:
                size = objects.request(listed.name)
            seen.add(listed)
            if size is None or size > LARGEST:
                continue
            left -= size
            if left < 0:
                break
            content = b"".join(objects.content())
            matches = hashing.digest(content).match
            for digest in filter(matches, digests.get(listed.path, ())):
                found.setdefault((listed.path, digest), content)
    return found
