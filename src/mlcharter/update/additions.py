"""Adding what the template has to files that are there, where a person asks for it by name.

Nothing of such a file is lost or changed; where that can't be made sure of, there is no addition.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter.charter import settings
from mlcharter.charter.charter import Charter
from mlcharter.check import fixing
from mlcharter.formats import yamlblock
from mlcharter.markdown import document
from mlcharter.support.files import Folder, Overlay
from mlcharter.template import answers, composing, history, specification
from mlcharter.template.composing import ForeignSyntaxError
from mlcharter.template.specification import DocumentSpec, Specification

_ROUNDS = 4  # a section gets its id first, then what belongs into it


@dataclass(frozen=True)
class Named:
    """An addition to the file `path`: `add` takes its text and the template's.

    It gives the new text; None where nothing can be added safely.
    """

    path: str
    add: Callable[[str, str], str | None]


def _with_lines(ours: str, theirs: str) -> str | None:
    have = {line.strip() for line in ours.splitlines()}
    new = [ln for ln in theirs.splitlines() if ln.strip() not in have and not ln.startswith("#")]
    start = ours if not ours or ours.endswith("\n") else f"{ours}\n"
    return start + "".join(f"{line}\n" for line in new)


def _with_entries(key: str) -> Callable[[str, str], str | None]:
    """Append what is under a key of theirs to what is under it in ours."""

    def add(ours: str, theirs: str) -> str | None:
        mine, new = yamlblock.parse(ours), yamlblock.parse(theirs)
        if not all(isinstance(tree.value, dict) and tree.value.get(key) for tree in (mine, new)):
            return None
        if list(mine.value)[-1] != key or type(mine.value[key]) is not type(new.value[key]):
            return None
        start = new.key(key).line
        body = theirs.splitlines(keepends=True)[start:]
        depth = mine.mark(key).column - new.mark(key).column
        if isinstance(mine.value[key], list):
            depth = _dash(ours, mine.key(key).line) - _dash(theirs, start)
        rows = [" " * depth + row if depth > 0 else row[-depth:] for row in body if row.strip()]
        out = ours if ours.endswith("\n") else f"{ours}\n"
        out += "".join(rows)
        done = yamlblock.parse(out)
        whole = done.problem is None and len(done.value[key]) == len(mine.value[key]) + len(
            new.value[key]
        )
        return out if whole else None

    return add


def _with_hooks(ours: str, theirs: str) -> str | None:
    """Append our hooks, in the words that every version of pre-commit knows.

    `language: unsupported` is new in pre-commit 4.4, which calls the older name deprecated; one
    hook in a language that is not known stops all of them.
    """
    return _with_entries("repos")(ours, theirs.replace("language: unsupported", "language: system"))


_STAGE = "test"  # where GitLab runs a job that names no stage


def _with_job(ours: str, theirs: str) -> str | None:
    """Append the job that checks the charter to a GitLab pipeline."""
    mine, new = yamlblock.parse(ours), yamlblock.parse(theirs)
    if not isinstance(mine.value, dict) or "charter" in mine.value:
        return None
    if not isinstance(new.value, dict) or list(new.value)[-1:] != ["charter"]:
        return None
    stages = mine.value.get("stages")
    if stages is not None and (not isinstance(stages, list) or _STAGE not in stages):
        return None
    rows = theirs.splitlines(keepends=True)[new.key("charter").line - 1 :]
    out = f"{ours.rstrip()}\n\n{''.join(rows)}"
    return out if yamlblock.parse(out).problem is None else None


def _dash(text: str, line: int) -> int:
    rows = text.splitlines()[line:]
    found = next((row for row in rows if re.match(r" *-", row)), "-")
    return len(found) - len(found.lstrip())


FILES = {
    "gitignore": Named(".gitignore", _with_lines),
    "pre-commit": Named(".pre-commit-config.yaml", _with_hooks),
    "ci": Named(".github/workflows/ci.yml", _with_entries("jobs")),
    "gitlab-ci": Named(".gitlab-ci.yml", _with_job),
}


# Documents


class Sections:
    """Adds to a document what the template's has: fields, sections, config blocks, items."""

    def __init__(self, root: Path, template: Path, values: Mapping[str, Any]) -> None:
        self._root, self._template, self._values = root, template, values
        try:
            spec = specification.read(template, {**values, "kept": ""})
            self._demands = history.held(spec, str(values.get("_commit") or ""))
        except ForeignSyntaxError:
            self._demands = Specification()  # a template that can't be read as text

    def demand(self, path: str) -> DocumentSpec | None:
        """What the template has in the document at a path."""
        return self._demands.document(path)

    def added(self, path: str, ours: str) -> str | None:
        """The document with what it lacks; None where some of it would be lost, or no section."""
        demand = self.demand(path)
        if demand is None or not demand.sections:
            return None
        text = self._titled(path, ours)
        for _ in range(_ROUNDS):
            charter = self._charter(path, text)
            new, done = fixing.fix_document(charter, demand, self._template)
            if not done:
                break
            text = new
        here = document.parse(text, path)
        markers = [(f"<!-- section: {section.id} -->", section.id) for section in demand.sections]
        # Behind a fence or a comment that is open, what is added is no section, and comes again.
        whole = all(
            here.section(id) and text.count(marker) == max(1, ours.count(marker))
            for marker, id in markers
        )
        return text if whole and _contains(text, ours) else None

    def _titled(self, path: str, ours: str) -> str:
        """The document under the template's title where it has none: fields are below a title."""
        headings = document.parse(ours).headings
        if ours.startswith("---") or not ours.strip() or (headings and headings[0].level == 1):
            return ours
        text = composing.composed(self._template, f"{path}.jinja", self._values)
        title = document.parse(self._demands.text(text)).headings[0].text
        end = "\r\n" if "\r\n" in ours else "\n"
        return f"# {title}{end}{end}{ours}"

    def _charter(self, path: str, text: str) -> Charter:
        """A charter with this one document, as if its file had this text."""
        spec = Specification(
            tuple(d for d in self._demands.documents if d.path == path), frozenset(), self._values
        )
        read = answers.Answers(dict(self._values))
        today = datetime.datetime.now(datetime.UTC).date()
        tree = Overlay(Folder(self._root), {path: text.encode()})
        return Charter(tree, read, settings.read(tree), spec, today)


def _contains(text: str, ours: str) -> bool:
    """Whether every line of ours is in a text, in the same order; the form of fields may differ."""
    lines = iter(_bare(text))
    return all(any(line == other for other in lines) for line in _bare(ours))


def _bare(text: str) -> list[str]:
    found = (re.sub(r"[\W_]+", "", line).lower() for line in text.splitlines())
    return [line for line in found if line]
