"""In which version of the template each part first appeared.

A repository is held to what existed when it was generated; the rest is `template-outdated`.
history.json is generated from Git tags by `make history`.
"""

from functools import cache
from pathlib import Path

from msgspec.structs import replace

from mlcharter import __version__
from mlcharter.support import versions
from mlcharter.template.specification import Specification

FILE = Path(__file__).parent / "history.json"


@cache
def first_versions() -> dict[str, str]:
    """The version in which a part appeared, by its id as in `Specification.ids`."""
    import json

    listed: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {id: number for number, ids in listed.items() for id in ids}


def held(spec: Specification, commit: str) -> Specification:
    """What a repository from the template's version `commit` is held to.

    A commit that is no release is taken for this program's own version: the script that calls it
    runs the version that the answers name.
    """
    made, ours = versions.numbers(commit), versions.numbers(__version__)
    if made is None or ours is None or made >= ours:
        return spec
    first = first_versions()
    newer = {
        id for id in spec.ids if (versions.numbers(first.get(id, __version__)) or ours) > made
    }
    later = frozenset(newer)
    return replace(spec.without(later), later=later)
