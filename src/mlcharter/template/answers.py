"""The answers that a repository was generated with, read as data and trusted with nothing.

Every command reads them here. They are YAML 1.2: `NO` is text. A number or a date is the text that
is written in the file, since no question asks for a number.
"""

import re
import stat
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from msgspec import Struct, field

from mlcharter.formats import yamlblock
from mlcharter.support import files
from mlcharter.support.addresses import without_secrets
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import remedy
from mlcharter.formats.yamlblock import Problem, Tree

ANSWERS = ".copier-answers.yml"
BESIDE = ".copier-answers.mlcharter.yml"  # where ANSWERS belongs to another Copier template
FILES = (BESIDE, ANSWERS)
TIERS = ("prototype", "production", "critical")
LAYOUTS = ("full", "documents")
_MOST_FOLDERS = 500  # in which answers are looked for
_TEXTS = ("project_name", "owner", "package", "kept")  # what this program itself reads as text
# Copier writes the first for every template; two of the others are answers to our questions.
_FROM_COPIER = re.compile(rb"(?m)^_src_path[ ]*:")
_OURS = re.compile(rb"(?m)^(tracks|tier|layout|ai_act_role|personal_data)[ ]*:")
_HINT = "bring this repository in with `mlcharter adopt`, or found one with `mlcharter new`"


class Answers(Struct, frozen=True):
    """`values` by name; where they cannot be used they are empty and `problems` say why.

    `path` is the file that they are in.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    tree: Tree | None = None
    path: str = ANSWERS

    @property
    def problem(self) -> Problem | None:
        """The first thing that is wrong."""
        return self.problems[0] if self.problems else None

    def line(self, name: str) -> int:
        """Where an answer stands, 1 when it does not."""
        return self.tree.key(name).line if self.tree else 1

    def finding(self, name: str, message: str) -> Finding:
        return Finding(self.path, self.line(name), 1, "", message)

    @property
    def tier(self) -> str:
        return str(self.values.get("tier", "production"))

    @property
    def commit(self) -> str:
        """The version of the template that the repository was made from."""
        return str(self.values.get("_commit") or "")

    @property
    def kept(self) -> tuple[str, ...]:
        """The files that the template leaves to the team."""
        return tuple(path for path in str(self.values.get("kept") or "").split(", ") if path)


def name(tree: files.Tree) -> str:
    """Return the path of a repository's answers file, whether it is there or not."""
    return BESIDE if tree.lexists(BESIDE) else ANSWERS


def is_charter(tree: files.Tree, folder: str = "") -> bool:
    """Return whether a folder has answers of ours, be they damaged: not only another template's.

    `folder` is empty for the top, or ends with `/`.
    """
    if tree.lexists(folder + BESIDE):
        return True
    return tree.lexists(folder + ANSWERS) and not is_foreign(tree, folder)


def is_foreign(tree: files.Tree, folder: str = "") -> bool:
    """Whether ANSWERS is another Copier template's: it names a source, and answers none of ours."""
    data = tree.read(folder + ANSWERS)
    if not isinstance(data, bytes) or not _FROM_COPIER.search(data):
        return False
    return len(set(_OURS.findall(data))) < 2


def read(repository: files.Tree, tracks: tuple[str, ...]) -> Answers:
    """Return the answers of a repository; `tracks` are those that the template knows."""
    loaded = load(repository)
    if loaded.problem or loaded.tree is None:
        return loaded
    wrong = [Problem(*loaded.tree.key(*at), text) for at, text in _wrong(loaded.values, tracks)]
    return Answers({}, tuple(wrong), loaded.tree, loaded.path) if wrong else loaded


def load(repository: files.Tree) -> Answers:
    """Return the answers of a repository, whatever template version they are for."""
    path = name(repository)
    data = repository.read(path)
    if isinstance(data, Unreadable):
        if not repository.lexists(path):
            return _refused(path, Problem(1, 1, _missing(repository)))
        return _refused(path, Problem(1, 1, f"{path} {data.message}"))
    try:
        tree = parse(data.decode())
    except UnicodeDecodeError:
        return _refused(path, Problem(1, 1, "it is not UTF-8; restore it from Git"))
    if tree.problem:
        return _refused(path, tree.problem)
    wrong = [Problem(*tree.key(*at), message) for at, message in _misshapen(tree.value)]
    return Answers({} if wrong else tree.value, tuple(wrong), tree, path)


def parse(text: str) -> Tree:
    """Answers as YAML 1.2, in which numbers and dates are the text that is written there."""
    tree = yamlblock.parse(text)
    if isinstance(tree.value, dict):
        for key, value in tree.value.items():
            if isinstance(value, list):
                tree.value[key] = [_as_text(text, tree, v, key, n) for n, v in enumerate(value)]
            else:
                tree.value[key] = _as_text(text, tree, value, key)
    return tree


def _as_text(text: str, tree: Tree, value: Any, *at: str | int) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | date):
        return value
    start, end = tree.span(*at)
    return text.splitlines()[start.line - 1][start.column - 1 : end.column - 1]


def _missing(tree: files.Tree) -> str:
    """Return what to do where there are no answers: perhaps it is a folder of repositories."""
    listed = islice(tree.list_folder("."), _MOST_FOLDERS)
    names = sorted(name for name, kind in listed if kind == stat.S_IFDIR)
    inside = [name for name in names if is_charter(tree, f"{name}/")]
    if not inside:
        return f"there is no {ANSWERS}; {_HINT}"
    shown = ", ".join(f"`{name}`" for name in inside[:3]) + (", …" if len(inside) > 3 else "")
    return f"there is no {ANSWERS} here, but in {shown}; name the repositories themselves"


def _refused(path: str, problem: Problem) -> Answers:
    return Answers(problems=(problem,), path=path)


def _misshapen(values: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each value that answers no question, whatever the question is, with its place, and why."""
    if not isinstance(values, dict):
        yield (), "it holds no answers; restore it from Git"
        return
    for key, value in values.items():
        parts = value if isinstance(value, list) else [value]
        if any(isinstance(part, dict | list) for part in parts):
            yield (key,), f"`{key}` is nested; write one value, or a list of them"
        elif key in _TEXTS and not isinstance(value, str):
            yield (key,), f"`{key}` is not text; write one value, in quotes"


def _wrong(values: Any, tracks: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each answer that cannot be used with its place, and why."""
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
