"""Which version of a template is the newest, and under which name a version is recorded.

`new`, `update` and the pin of an emitted repository all choose here, by PEP 440 as Copier does.
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
    """Return the version that a tag stands for, with or without `v`; None for any other name.

    `vendor-2019`, `latest` and `main` are no versions; `1.0` and `v2.0.0-rc1` are.
    """
    from packaging.version import Version

    try:
        return Version(name) if len(name) <= _LONGEST else None
    except ValueError:
        return None


def newest(tags: Iterable[str]) -> str | None:
    """Return the tag of the newest release; None where there is none. Pre-releases do not count.

    Of two tags for the same version, such as `v1` and `1.0.0`, the one in full form is taken.
    """
    found = [(version, tag) for tag in tags if (version := parse(tag)) is not None]
    releases = [(v, is_fixed(tag), tag) for v, tag in found if not v.is_prerelease]
    return max(releases)[2] if releases else None


def is_fixed(name: str) -> bool:
    """Whether a recorded name stands for the same commit for ever.

    Fixed are a whole commit id; what `git describe` says of a commit without a tag, since it has
    the commit's id; and a tag that is a PEP 440 version in full form, with at least three numbers:
    `v1.2.0`, `1.2.0`, `v2.0.0rc1`. Every other name may move: a branch, `latest`, and also `v1`
    and `v1.2`, which by custom follow the newest release that starts so.
    """
    if _COMMIT.fullmatch(name) or _DESCRIBED.fullmatch(name):
        return True
    version = parse(name)
    return version is not None and len(version.release) >= 3


def described(name: str) -> str | None:
    """The abbreviated commit id in what `git describe` says; None for any other name."""
    found = _DESCRIBED.fullmatch(name)
    return found[1] if found else None


def recorded(commit: str, tags: Iterable[str], asked: str | None = None) -> str:
    """Return the name under which a commit is recorded, which is one that never moves.

    That is the tag that was asked for, if it is fixed; else the newest fixed tag of the commit; and
    else the commit id, which Copier accepts as well.
    """
    fixed = [tag for tag in tags if parse(tag) is not None and is_fixed(tag)]
    if asked in fixed:
        return str(asked)
    return max(((parse(tag), tag) for tag in fixed), default=(None, commit))[1]


def numbers(text: str) -> tuple[int, ...] | None:
    """Return `v1.2.0`, or `v1.2.0-3-g1f3a9c5`, a commit after it, as numbers; None for the rest.

    `check` compares these, and not what `parse` returns: importing packaging takes it 10 ms.
    """
    found = _RELEASE.fullmatch(text)
    return tuple(map(int, found.groups())) if found else None
