"""Find old versions of files in the history of a Git repository, by their digests."""

import stat
from collections.abc import Iterable
from typing import TypeAlias

from mlcharter.support import git, hashing
from mlcharter.support.errors import UserError

LARGEST = 1024 * 1024  # bytes of a version
MOST_READ = 64 * 1024 * 1024  # bytes of all versions that one search reads

Version: TypeAlias = tuple[str, str]  # of a file: its path, and its digest or the start of it


def search(
    objects: git.Objects, ref: str, wanted: Iterable[Version]
) -> tuple[dict[Version, bytes], bool]:
    """Return the content of each version in the history of a commit, and whether Git read it all.

    If it did, another search finds the same until the commit, or what a shallow clone lacks,
    changes. Versions larger than LARGEST are left out.
    """
    digests: dict[str, list[str]] = {}
    for path, digest in wanted:
        digests.setdefault(path, []).append(digest)
    count = sum(map(len, digests.values()))
    found: dict[Version, bytes] = {}
    seen = set()
    left = MOST_READ
    whole = True
    try:
        for listed in objects.past(ref, digests):
            if not stat.S_ISREG(listed.mode) or listed in seen:
                continue
            seen.add(listed)
            size = objects.request(listed.name)
            whole = whole and size is not None
            if size is None or size > LARGEST:
                continue
            left -= size
            if left < 0:
                break
            content = b"".join(objects.content())
            matches = hashing.digest(content).match
            for digest in filter(matches, digests.get(listed.path, ())):
                found.setdefault((listed.path, digest), content)
            if len(found) == count:
                break
    except UserError:
        whole = False
    return found, whole
