"""Read the answers that a repository was generated with, as untrusted data.

Every command reads them here. They are YAML 1.2: `NO` is text. A number or a date is kept as the
text in the file, since no question asks for a number.
"""

import re
import stat
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from msgspec import Struct, field

from mlcharter.formats import yamlblock
from mlcharter.formats.yamlblock import Problem, Tree
from mlcharter.support import files
from mlcharter.support.addresses import without_secrets
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import remedy

ANSWERS = ".copier-answers.yml"
BESIDE = ".copier-answers.mlcharter.yml"  # where ANSWERS belongs to another Copier template
FILES = (BESIDE, ANSWERS)
TIERS = ("prototype", "production", "critical")
LAYOUTS = ("full", "documents")
_MOST_FOLDERS = 500  # that are searched for answers
_TEXTS = (
    "project_name",
    "owner",
    "package",
    "kept",
    "only",
)  # what this program itself reads as text
# Copier writes the first for every template; our templates have at least two of the others.
_FROM_COPIER = re.compile(rb"(?m)^_src_path[ ]*:")
_OURS = re.compile(rb"(?m)^(tracks|tier|layout|ai_act_role|personal_data)[ ]*:")
_HINT = "bring this repository in with `mlcharter adopt`, or create one with `mlcharter new`"


class Answers(Struct, frozen=True):
    """The answers in the file `path`: `values` by name, empty if there are `problems`."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    tree: Tree | None = None
    path: str = ANSWERS

    @property
    def problem(self) -> Problem | None:
        """Return the first problem, None if there is none."""
        return self.problems[0] if self.problems else None

    def line(self, name: str) -> int:
        """Return the line of an answer, 1 if it is missing."""
        return self.tree.key(name).line if self.tree else 1

    def finding(self, name: str, message: str) -> Finding:
        return Finding(self.path, self.line(name), 1, "", message)

    @property
    def tier(self) -> str:
        return str(self.values.get("tier", "production"))

    @property
    def commit(self) -> str:
        """Return the version of the template that the repository was generated from."""
        return str(self.values.get("_commit") or "")

    @property
    def has_make(self) -> bool:
        """Return whether the template's Makefile is there: not beside code, or in place of ours."""
        return self.values.get("layout") == "full" and "Makefile" not in self.kept

    @property
    def kept(self) -> tuple[str, ...]:
        """Return the files that the template leaves to the team."""
        return tuple(path for path in str(self.values.get("kept") or "").split(", ") if path)

    @property
    def only(self) -> tuple[str, ...]:
        """Return the only files that the template writes; empty if it writes all."""
        return tuple(path for path in str(self.values.get("only") or "").split(", ") if path)


def find_file(tree: files.Tree) -> str:
    """Return the path of a repository's answers file, whether it exists or not."""
    return BESIDE if tree.lexists(BESIDE) else ANSWERS


def is_charter(tree: files.Tree, folder: str = "") -> bool:
    """Return whether a folder has mlcharter's answers, valid or not, and not another template's.

    `folder` is empty for the top, or ends with `/`.
    """
    if tree.lexists(folder + BESIDE):
        return True
    return tree.lexists(folder + ANSWERS) and not is_foreign(tree, folder)


def is_foreign(tree: files.Tree, folder: str = "") -> bool:
    """Return whether ANSWERS is another Copier template's: it names a source, and no track."""
    data = tree.read(folder + ANSWERS)
    if not isinstance(data, bytes) or not _FROM_COPIER.search(data):
        return False
    return len(set(_OURS.findall(data))) < 2


def read(repository: files.Tree, tracks: tuple[str, ...]) -> Answers:
    """Return the answers of a repository, checked against the template's `tracks`."""
    loaded = load(repository)
    if loaded.problem or loaded.tree is None:
        return loaded
    found = _find_wrong_choices(loaded.values, tracks)
    problems = tuple(Problem(*loaded.tree.key(*at), text) for at, text in found)
    return Answers({}, problems, loaded.tree, loaded.path) if problems else loaded


def load(repository: files.Tree) -> Answers:
    """Return the answers of a repository, for any version of the template."""
    path = find_file(repository)
    data = repository.read(path)
    if isinstance(data, Unreadable):
        if not repository.lexists(path):
            return _invalid(path, Problem(1, 1, _missing(repository)))
        return _invalid(path, Problem(1, 1, f"{path} {data.message}"))
    try:
        tree = parse(data.decode())
    except UnicodeDecodeError:
        return _invalid(path, Problem(1, 1, "it is not UTF-8; restore it from Git"))
    if tree.problem:
        return _invalid(path, tree.problem)
    found = _find_wrong_types(tree.value)
    problems = tuple(Problem(*tree.key(*at), message) for at, message in found)
    return Answers({} if problems else tree.value, problems, tree, path)


def parse(text: str) -> Tree:
    """Parse answers as YAML 1.2, with numbers and dates as the text in the file."""
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
    """Return the message for missing answers; the folder may contain repositories."""
    listed = islice(tree.list_folder("."), _MOST_FOLDERS)
    names = sorted(name for name, kind in listed if kind == stat.S_IFDIR)
    inside = [name for name in names if is_charter(tree, f"{name}/")]
    if not inside:
        return f"there is no {ANSWERS}; {_HINT}"
    shown = ", ".join(f"`{name}`" for name in inside[:3]) + (", …" if len(inside) > 3 else "")
    return f"there is no {ANSWERS} here, but in {shown}; name one of those folders"


def _invalid(path: str, problem: Problem) -> Answers:
    return Answers(problems=(problem,), path=path)


def _find_wrong_types(values: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the path and a message for each value whose type no question has."""
    if not isinstance(values, dict):
        yield (), "it is not a mapping of answers; restore it from Git"
        return
    for key, value in values.items():
        parts = value if isinstance(value, list) else [value]
        if any(isinstance(part, dict | list) for part in parts):
            yield (key,), f"`{key}` is nested; write one value, or a list of them"
        elif key in _TEXTS and not isinstance(value, str):
            yield (key,), f"`{key}` is not text; write one value, in quotes"


def _find_wrong_choices(
    values: Any, tracks: tuple[str, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the path and a message for each answer that is not one of its choices."""
    chosen = values.get("tracks")
    if chosen is None:
        source = without_secrets(str(values.get("_src_path", "another template")))
        yield ("_src_path",), f"`tracks` is missing: it was generated from {source}; {_HINT}"
        return
    if not isinstance(chosen, list) or not chosen:
        yield ("tracks",), f"`tracks` must be a list of {', '.join(tracks)}"
    else:
        for n, track in enumerate(chosen):
            if track not in tracks:
                known = remedy(str(track), tracks)
                yield ("tracks", n), f"there is no track `{track}`; {known}"
    for name, allowed in (("tier", TIERS), ("layout", LAYOUTS)):
        value = values.get(name)
        if value is None:
            yield (name,), f"`{name}` is missing; add one of {', '.join(allowed)}"
        elif value not in allowed:
            yield (name,), f"there is no {name} `{value}`; {remedy(str(value), allowed)}"
