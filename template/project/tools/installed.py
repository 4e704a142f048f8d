"""What is installed where this package runs: `python -m tools.installed`, a line for each.

That is what pyproject.toml needs, and what that needs in turn; not the tools of its group `dev`.
Words are groups of pyproject.toml that run there too: `python -m tools.installed minilm`.
"""

import sys
import tomllib
from collections.abc import Collection, Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(lines: Iterable[str]) -> dict[str, str]:
    """Versions by normalised name (PEP 503), of requirements and all that they need.

    What a package asks for and nobody installed is left out: it is not there.
    """
    seen: set[tuple[str, str]] = set()
    found: dict[str, str] = {}
    waiting = [(Requirement(line), "") for line in lines]
    while waiting:
        need, extra = waiting.pop()
        if need.marker is not None and not need.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *need.extras):
            key = canonicalize_name(need.name), wanted
            if key in seen:
                continue
            seen.add(key)
            for package in metadata.distributions(name=need.name):
                found[key[0]] = package.version
                waiting += [(Requirement(line), wanted) for line in package.requires or []]
    return dict(sorted(found.items()))


def ours(groups: Collection[str] = ()) -> dict[str, str]:
    """What this repository needs where it runs, with some groups of pyproject.toml."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    known = project["dependency-groups"]
    unknown = ", ".join(sorted(set(groups) - known.keys()))
    if unknown:
        sys.exit(f"pyproject.toml has no group {unknown}; it has {', '.join(known)}")
    extra = [line for group in groups for line in known[group]]
    return needed([*project["project"]["dependencies"], *extra])


if __name__ == "__main__":
    for name, version in ours(sys.argv[1:]).items():
        print(f"{name}=={version}")
