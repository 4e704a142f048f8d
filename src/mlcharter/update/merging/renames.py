"""Read the renames of a template's history from `template/renames.yml`, for updates.

    files:
      docs/eval_pack.md: docs/evals.md
    sections:
      ci-gates: gates
    items:
      gates-first: gates-before-results
    configs:
      gates: {limit: threshold}
    answers:
      team: owner
    choices:
      ci: {travis: none}
    retired:
      slice-gates: every gate names its slice now

Each line maps an old name to the present one. Lines are never removed, since some repository
may still have an older version.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcharter.markdown.document import parse
from mlcharter.support.errors import UserError


@dataclass(frozen=True)
class Renames:
    """Old name → new name, for each kind of name; `retired` has the reason instead.

    `choices` has those of each answer, by its present name.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    configs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)

    def apply(self, text: str, theirs: str) -> str:
        """Return a document with sections, items and keys renamed as in the new template."""
        for old, new in self.sections.items():
            if f"<!-- section: {new} -->" in theirs and f"<!-- section: {new} -->" not in text:
                text = text.replace(f"<!-- section: {old} -->", f"<!-- section: {new} -->")
        for old, new in self.items.items():
            if f"`{new}`" in theirs and f"] `{new}`" not in text:
                text = re.sub(
                    rf"(?m)^([^\S\n]*+[-*+] +\[[ xX]\] )`{re.escape(old)}`", rf"\1`{new}`", text
                )
        for kind, keys in self.configs.items():
            for old, new in keys.items():
                text = _rename_key(text, kind, old, new)
        return text


def read(text: str) -> Renames:
    """Return the renames in a file's text, which may be empty."""
    import yaml

    known = set(Renames.__dataclass_fields__)
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise UserError(f"template/renames.yml is not YAML: {error}", hint=_HINT) from None
    if not isinstance(content, dict) or set(content) - known:
        raise UserError("template/renames.yml has unknown keys", hint=_HINT)
    return Renames(**{name: value or {} for name, value in content.items()})


_HINT = "update to a version of the template that fixes this"


def _rename_key(text: str, kind: str, old: str, new: str) -> str:
    """Return `text` with a key renamed in the config blocks of one kind, at any depth."""
    if f"config: {kind}" not in text or old not in text:
        return text
    document = parse(text)
    lines = list(document.lines)
    for config in document.configs_of(kind):
        marks = [config.key(*path) for path in _find_keys(config.value, old, new)]
        for line, column in sorted(marks, reverse=True):
            row = lines[line - 1]
            if row[column - 1 :].startswith(old):
                lines[line - 1] = row[: column - 1] + new + row[column - 1 + len(old) :]
    return "".join(lines)


def _find_keys(value: Any, old: str, new: str) -> list[tuple[str | int, ...]]:
    """Return the paths of the keys called `old` whose mapping has none called `new`."""
    paths: list[tuple[str | int, ...]] = []
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, here = waiting.pop()
        if isinstance(here, dict):
            if old in here and new not in here:
                paths.append((*path, old))
            waiting += [((*path, key), below) for key, below in here.items()]
        elif isinstance(here, list):
            waiting += [((*path, at), below) for at, below in enumerate(here)]
    return paths
