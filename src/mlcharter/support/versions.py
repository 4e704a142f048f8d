"""Choose the newest version of a template, and the name under which a version is recorded.

`new`, `update` and the pin of an emitted repository use it. Versions are ordered by PEP 440, as in
Copier.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version

_LONGEST = 128
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DESCRIBED = re.compile(r".+-\d+-g([0-9a-f]{7,64})")
_PART = "([0-9]{1,9})"
_RELEASE = re.compile(rf"v?{_PART}\.{_PART}\.{_PART}(?:-[0-9]+-g[0-9a-f]{{7,64}})?")


def parse(name: str) -> "Version | None":
    """Return the version of a tag, with or without `v`; None if its name is not a version.

    `1.0` and `v2.0.0-rc1` are versions; `vendor-2019`, `latest` and `main` are not.
    """
    from packaging.version import Version

    try:
        return Version(name) if len(name) <= _LONGEST else None
    except ValueError:
        return None


def newest(tags: Iterable[str]) -> str | None:
    """Return the tag of the newest release; None if there is none. Pre-releases do not count.

    Of two tags for the same version, such as `v1` and `1.0.0`, the full form is chosen.
    """
    versions = [(version, tag) for tag in tags if (version := parse(tag)) is not None]
    releases = [(v, is_fixed(tag), tag) for v, tag in versions if not v.is_prerelease]
    return max(releases)[2] if releases else None


def is_fixed(name: str) -> bool:
    """Return whether a name always means the same commit.

    These do: a whole commit id; the output of `git describe` for a commit without a tag, since it
    contains the commit id; and a tag that is a PEP 440 version with at least three numbers, such as
    `v1.2.0`, `1.2.0`, `v2.0.0rc1`. Every other name may move: a branch, `latest`, and also `v1`
    and `v1.2`, which by convention follow the newest release of that series.
    """
    if _COMMIT.fullmatch(name) or _DESCRIBED.fullmatch(name):
        return True
    version = parse(name)
    return version is not None and len(version.release) >= 3


def described(name: str) -> str | None:
    """Return the abbreviated commit id in an output of `git describe`; None for any other name."""
    match = _DESCRIBED.fullmatch(name)
    return match[1] if match else None


def recorded(commit: str, tags: Iterable[str], requested: str | None = None) -> str:
    """Return the name under which a commit is recorded, one that never moves.

    That is the requested tag if it is fixed, else the newest fixed tag of the commit, else the
    commit id, which Copier accepts too.
    """
    fixed = [tag for tag in tags if parse(tag) is not None and is_fixed(tag)]
    if requested in fixed:
        return str(requested)
    return max(((parse(tag), tag) for tag in fixed), default=(None, commit))[1]


def numbers(text: str) -> tuple[int, ...] | None:
    """Return the numbers of `v1.2.0` or `v1.2.0-3-g1f3a9c5`; None for any other name.

    `check` compares these instead of what `parse` returns, since importing packaging takes 10 ms.
    """
    match = _RELEASE.fullmatch(text)
    return tuple(map(int, match.groups())) if match else None
