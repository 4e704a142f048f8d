"""Find what runs mlcharter: workflows, CI includes, hooks, Makefiles and scripts.

CI and hooks start some files; what these name by path, or run with `make`, is followed. Nothing is
run: commands are found in the text, without comments. A command whose failure is ignored, and what
a job or step that is switched off runs, do not count. In a repository with several charters, a
command counts for the charter in whose folder it runs, or that it names.
"""

import posixpath
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.charter.following import PROGRAM, Finder, Run

WORKFLOWS = ".github/workflows"
OTHER_CI = (
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    ".drone.yml",
    ".travis.yml",
    ".woodpecker.yml",
    "Jenkinsfile",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
)
_HOOKS = (".pre-commit-config.yaml", "lefthook.yml", ".husky/pre-commit", ".husky/pre-push")
_MOST_FILES = 200


class Enforcement(Struct, frozen=True):
    """What runs mlcharter: the files, and how often CI runs each of its commands.

    Paths are from the charter's folder, or begin with `/` and are from the top of the repository
    above it. `triggers` are the events, with their filters, on which GitHub starts each workflow
    that does.
    """

    files: tuple[str, ...]
    runs: Counter[Run]
    triggers: dict[str, dict[str, Any]]


def read(charter: Charter) -> Enforcement:
    """Return what runs mlcharter in a repository."""
    finder = Finder(charter)
    own = [path for path in _list_starts(finder, finder.prefix) if finder.text(path)]
    above = list(_list_starts(finder, "")) if finder.prefix else []
    counted = {
        path: finder.run_file(path, root, root)
        for starts, root in ((own, finder.prefix.rstrip("/")), (above, ""))
        for path in starts
        if is_ci(finder.key(path))
    }
    runs: Counter[Run] = Counter()
    for found in counted.values():
        runs.update(found)
    files = dict.fromkeys(_leading_to_mlcharter(finder, _follow(finder, own)))
    files |= dict.fromkeys(finder.list_running())
    hooks = [path for path in above if not is_ci(finder.key(path))]
    files |= dict.fromkeys(path for path in hooks if PROGRAM.search(finder.text(path)))
    triggers = {finder.key(path): finder.triggers(path) for path, found in counted.items() if found}
    return Enforcement(tuple(map(finder.key, files)), runs, triggers)


def is_ci(path: str) -> bool:
    """Return whether a CI host starts with this file."""
    path = path.removeprefix("/")
    return path.startswith(f"{WORKFLOWS}/") or path in OTHER_CI


def show(charter: Charter, path: str) -> str:
    """Return the path of a file of `Enforcement` from the charter's folder."""
    above = charter.tree.above
    return posixpath.relpath(path, f"/{above.prefix}") if above and path[0] == "/" else path


def content(charter: Charter, path: str) -> bytes | None:
    """Return the content of a file of `Enforcement`; None if it is missing or can't be read."""
    above = charter.tree.above
    if not path.startswith("/"):
        data = charter.file(path) if charter.is_file(path) else None
    else:
        data = above.tree.read(path[1:]) if above else None
    return data if isinstance(data, bytes) else None


def _list_starts(finder: Finder, prefix: str) -> Iterator[str]:
    for name in finder.list_folder(f"{prefix}{WORKFLOWS}"):
        if name.endswith((".yml", ".yaml")):
            yield f"{prefix}{WORKFLOWS}/{name}"
    yield from (f"{prefix}{name}" for name in (*OTHER_CI, *_HOOKS))


def _follow(finder: Finder, starts: list[str]) -> list[str]:
    """Return the files that some start with, and all that these name."""
    found = dict.fromkeys(starts)
    waiting = list(starts)
    while waiting and len(found) < _MOST_FILES:
        new = [path for path in finder.named(waiting.pop(0)) if path not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def _leading_to_mlcharter(finder: Finder, paths: list[str]) -> tuple[str, ...]:
    """Return the files that name mlcharter, and those that name such a file."""
    found = {path for path in paths if PROGRAM.search(path + finder.text(path))}
    naming: dict[str, list[str]] = {}
    for path in paths:
        for named in finder.named(path):
            naming.setdefault(named, []).append(path)
    waiting = list(found)
    while waiting:
        new = {path for path in naming.get(waiting.pop(), ()) if path not in found}
        found |= new
        waiting += new
    return tuple(path for path in paths if path in found)
