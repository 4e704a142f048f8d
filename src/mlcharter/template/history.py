"""Read in which version of the template each part first appeared.

A repository must meet what existed when it was generated; the rule `template-outdated` reports
the rest.
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
def read_first_versions() -> dict[str, str]:
    """Return the version in which each part appeared, by its id as in `Specification.ids`."""
    import json

    listed: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {id: number for number, ids in listed.items() for id in ids}


def limit_to_version(spec: Specification, commit: str) -> Specification:
    """Return the part of `spec` that existed in the template's version `commit`.

    A commit that is no release counts as this program's own version: the emitted script runs the
    version that the answers name.
    """
    made, ours = versions.numbers(commit), versions.numbers(__version__)
    if made is None or ours is None or made >= ours:
        return spec
    first = read_first_versions()
    newer = {id for id in spec.ids if (versions.numbers(first.get(id, __version__)) or ours) > made}
    later = frozenset(newer)
    return replace(spec.exclude_parts(later), later=later)
