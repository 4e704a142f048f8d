"""The answers that a repository was generated with, read as data and trusted with nothing."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from mlcharter import reading, yamlblock
from mlcharter.addresses import without_secrets
from mlcharter.finding import Finding
from mlcharter.nearest import remedy
from mlcharter.reading import Unreadable
from mlcharter.yamlblock import Problem, Tree

ANSWERS = ".copier-answers.yml"
TIERS = ("prototype", "production", "critical")
LAYOUTS = ("full", "documents")
_MOST_FOLDERS = 500  # in which answers are looked for
_HINT = "bring this repository in with `mlcharter adopt`, or found one with `mlcharter new`"


class Answers(Struct, frozen=True):
    """`values` by name; where they cannot be used they are empty and `problems` say why."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    tree: Tree | None = None

    @property
    def problem(self) -> Problem | None:
        """The first thing that is wrong."""
        return self.problems[0] if self.problems else None

    def line(self, name: str) -> int:
        """Where an answer stands, 1 when it does not."""
        return self.tree.key(name).line if self.tree else 1

    def finding(self, name: str, message: str) -> Finding:
        return Finding(ANSWERS, self.line(name), 1, "", message)

    @property
    def tier(self) -> str:
        return str(self.values.get("tier", "production"))

    @property
    def commit(self) -> str:
        """The version of the template that the repository was made from."""
        return str(self.values.get("_commit") or "")


def read(root: Path, tracks: tuple[str, ...]) -> Answers:
    """The answers of the repository at `root`; `tracks` are those that the template knows."""
    data = reading.read_bytes(ANSWERS, root)
    if isinstance(data, Unreadable):
        if not reading.lies(ANSWERS, root):
            return _refused(Problem(1, 1, _missing(root)))
        return _refused(Problem(1, 1, f"{ANSWERS} {data.message}"))
    try:
        tree = yamlblock.parse(data.decode())
    except UnicodeDecodeError:
        return _refused(Problem(1, 1, "it is not UTF-8; restore it from Git"))
    if tree.problem:
        return _refused(tree.problem)
    wrong = [Problem(*tree.key(*at), message) for at, message in _wrong(tree.value, tracks)]
    if wrong:
        return Answers(problems=tuple(wrong), tree=tree)
    return Answers(tree.value, (), tree)


def _missing(root: Path) -> str:
    """What to do where there are no answers: perhaps it is a folder of repositories."""
    if not (reading.lies(".", root) and root.is_dir()):
        return f"there is no {ANSWERS}; {_HINT}"
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in islice(entries, _MOST_FOLDERS))
    inside = [name for name in names if reading.lies(f"{name}/{ANSWERS}", root)]
    if not inside:
        return f"there is no {ANSWERS}; {_HINT}"
    shown = ", ".join(f"`{name}`" for name in inside[:3]) + (", …" if len(inside) > 3 else "")
    return f"there is no {ANSWERS} here, but in {shown}; name the repositories themselves"


def _refused(problem: Problem) -> Answers:
    return Answers(problems=(problem,))


def _wrong(values: Any, tracks: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each answer that cannot be used with its place, and why."""
    if not isinstance(values, dict):
        yield (), "it holds no answers; restore it from Git"
        return
    chosen = values.get("tracks")
    if chosen is None:
        source = without_secrets(str(values.get("_src_path", "another template")))
        yield ("_src_path",), f"it has no `tracks`: it was made from {source}; {_HINT}"
        return
    if not isinstance(chosen, list) or not chosen:
        yield ("tracks",), f"`tracks` is not a list; give some of {', '.join(tracks)}"
    else:
        for n, track in enumerate(chosen):
            if track not in tracks:
                known = remedy(str(track), tracks)
                yield ("tracks", n), f"there is no track `{track}`; {known}"
    for name, allowed in (("tier", TIERS), ("layout", LAYOUTS)):
        given = values.get(name)
        if given is None:
            yield (name,), f"it has no `{name}`; give one of {', '.join(allowed)}"
        elif given not in allowed:
            yield (name,), f"there is no {name} `{given}`; {remedy(str(given), allowed)}"
