"""Add the template's parts to existing files that the user names with `--merge`.

Nothing in such a file is lost or changed; if that can't be ensured, nothing is added.
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

_ROUNDS = 4  # a section gets its id in one round, its content in a later one


@dataclass(frozen=True)
class Addition:
    """An addition to the file `path`.

    `add` takes its text and the template's, and returns the new text; None if nothing can be added
    safely.
    """

    path: str
    add: Callable[[str, str], str | None]


def _append_lines(ours: str, theirs: str) -> str | None:
    """Append the lines of theirs that ours lacks, without comments."""
    present = {line.strip() for line in ours.splitlines()}
    new = [ln for ln in theirs.splitlines() if ln.strip() not in present and not ln.startswith("#")]
    start = ours if not ours or ours.endswith("\n") else f"{ours}\n"
    return start + "".join(f"{line}\n" for line in new)


def _append_entries(key: str) -> Callable[[str, str], str | None]:
    """Return a function that appends the entries under a key of theirs to those of ours."""

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
            depth = _dash_column(ours, mine.key(key).line) - _dash_column(theirs, start)
        rows = [" " * depth + row if depth > 0 else row[-depth:] for row in body if row.strip()]
        out = ours if ours.endswith("\n") else f"{ours}\n"
        out += "".join(rows)
        merged = yamlblock.parse(out)
        complete = merged.problem is None and len(merged.value[key]) == len(mine.value[key]) + len(
            new.value[key]
        )
        return out if complete else None

    return add


def _append_hooks(ours: str, theirs: str) -> str | None:
    """Append our hooks, with a `language` that every version of pre-commit knows.

    `language: unsupported` is new in pre-commit 4.4, which deprecates the older name; a hook in an
    unknown language makes pre-commit fail.
    """
    return _append_entries("repos")(
        ours, theirs.replace("language: unsupported", "language: system")
    )


_JOBS = ("charter", "change")
_DEFAULT_STAGE = "test"  # where GitLab runs a job that names no stage


def _append_job(ours: str, theirs: str) -> str | None:
    """Append the jobs that check the charter, and judge a change, to a GitLab pipeline."""
    mine, new = yamlblock.parse(ours), yamlblock.parse(theirs)
    if not isinstance(mine.value, dict) or not mine.value.keys().isdisjoint(_JOBS):
        return None
    if not isinstance(new.value, dict) or tuple(new.value)[-len(_JOBS) :] != _JOBS:
        return None
    stages = mine.value.get("stages")
    if stages is not None and (not isinstance(stages, list) or _DEFAULT_STAGE not in stages):
        return None
    rows = theirs.splitlines(keepends=True)[new.key("charter").line - 1 :]
    out = f"{ours.rstrip()}\n\n{''.join(rows)}"
    return out if yamlblock.parse(out).problem is None else None


def _dash_column(text: str, line: int) -> int:
    rows = text.splitlines()[line:]
    entry = next((row for row in rows if re.match(r" *-", row)), "-")
    return len(entry) - len(entry.lstrip())


FILES = {
    "gitignore": Addition(".gitignore", _append_lines),
    "pre-commit": Addition(".pre-commit-config.yaml", _append_hooks),
    "ci": Addition(".github/workflows/ci.yml", _append_entries("jobs")),
    "gitlab-ci": Addition(".gitlab-ci.yml", _append_job),
}


# Documents


class Sections:
    """Adds the template's fields, sections, config blocks and items to a document."""

    def __init__(self, root: Path, template: Path, values: Mapping[str, Any]) -> None:
        self._root, self._template, self._values = root, template, values
        try:
            spec = specification.read(template, {**values, "kept": ""})
            self._spec = history.limit_to_version(spec, str(values.get("_commit") or ""))
        except ForeignSyntaxError:
            self._spec = Specification()  # the template can't be read as text

    def find_spec(self, path: str) -> DocumentSpec | None:
        """Return what the template requires of the document at a path."""
        return self._spec.document(path)

    def add(self, path: str, ours: str) -> str | None:
        """Return the document with its missing parts; None if they can't be added safely."""
        spec = self.find_spec(path)
        if spec is None or not spec.sections:
            return None
        text = self._add_title(path, ours)
        for _ in range(_ROUNDS):
            charter = self._charter(path, text)
            new, fixes = fixing.fix_document(charter, spec)
            if not fixes:
                break
            text = new
        merged = document.parse(text, path)
        markers = [(f"<!-- section: {section.id} -->", section.id) for section in spec.sections]
        # After an unclosed fence or comment an addition is no section, so each round adds it again.
        complete = all(
            merged.section(id) and text.count(marker) == max(1, ours.count(marker))
            for marker, id in markers
        )
        return text if complete and _contains(text, ours) else None

    def _add_title(self, path: str, ours: str) -> str:
        """Return the document with the template's title if it has none, since fields need one."""
        headings = document.parse(ours).headings
        if ours.startswith("---") or not ours.strip() or (headings and headings[0].level == 1):
            return ours
        text = composing.compose(self._template, f"{path}.jinja", self._values)
        title = document.parse(self._spec.fill_names(text)).headings[0].text
        end = "\r\n" if "\r\n" in ours else "\n"
        return f"# {title}{end}{end}{ours}"

    def _charter(self, path: str, text: str) -> Charter:
        """Return a charter with this one document, as if its file had this text."""
        spec = Specification(
            tuple(d for d in self._spec.documents if d.path == path), frozenset(), self._values
        )
        recorded = answers.Answers(dict(self._values))
        today = datetime.datetime.now(datetime.UTC).date()
        tree = Overlay(Folder(self._root), {path: text.encode()})
        return Charter(tree, recorded, settings.read(tree), spec, today, template=self._template)


def _contains(text: str, ours: str) -> bool:
    """Return whether a text has every line of ours in the same order, apart from punctuation."""
    lines = iter(_normalise_lines(text))
    return all(line in lines for line in _normalise_lines(ours))


def _normalise_lines(text: str) -> list[str]:
    lines = (re.sub(r"[\W_]+", "", line).lower() for line in text.splitlines())
    return [line for line in lines if line]
