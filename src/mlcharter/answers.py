"""The answers that a repository was generated with, read as data and trusted with nothing."""

from pathlib import Path
from typing import Any

from msgspec import Struct, field

from mlcharter import reading, yamlblock
from mlcharter.finding import Finding
from mlcharter.reading import Unreadable
from mlcharter.yamlblock import Problem, Tree

ANSWERS = ".copier-answers.yml"
TIERS = ("prototype", "production", "critical")
_HINT = "found a repository with `mlcharter new`, or bring this one in with `mlcharter adopt`"


class Answers(Struct, frozen=True):
    """`values` by name; where they cannot be read they are empty and `problem` says why."""

    values: dict[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    tree: Tree | None = None

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
            return Answers(problem=Problem(1, 1, f"there is no {ANSWERS}; {_HINT}"))
        return Answers(problem=Problem(1, 1, f"{ANSWERS} {data.message}"))
    try:
        tree = yamlblock.parse(data.decode())
    except UnicodeDecodeError:
        return Answers(problem=Problem(1, 1, "it is not UTF-8; restore it from Git"))
    if tree.problem:
        return Answers(problem=tree.problem)
    wrong = _wrong(tree.value, tracks)
    if wrong is None:
        return Answers(tree.value, None, tree)
    name, message = wrong
    return Answers(problem=Problem(*tree.key(name), message), tree=tree)


def _wrong(values: Any, tracks: tuple[str, ...]) -> tuple[str, str] | None:
    """The first answer that cannot be used, and why."""
    if not isinstance(values, dict):
        return "", "it holds no answers; restore it from Git"
    chosen = values.get("tracks")
    if chosen is None:
        source = str(values.get("_src_path", "another template"))
        return "_src_path", f"it has no `tracks`: it was made from {source}; {_HINT}"
    if not isinstance(chosen, list) or not chosen:
        return "tracks", f"`tracks` is not a list; give some of {', '.join(tracks)}"
    for track in chosen:
        if track not in tracks:
            return "tracks", f"there is no track `{track}`; there are {', '.join(tracks)}"
    if values.get("tier") not in TIERS:
        return "tier", f"`tier` is not one of {', '.join(TIERS)}; restore it"
    if values.get("layout") not in ("full", "documents"):
        return "layout", "`layout` is not one of full, documents; restore it"
    return None
