"""Read and write the baseline: findings that existed before and do not fail.

An entry matches a finding by a fingerprint of its rule, file and message, not of its line.
"""

import datetime
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

import msgspec
from msgspec import Struct

from mlcharter.formats import model_errors, yamlblock
from mlcharter.formats.models import Date, Part, Text
from mlcharter.formats.yamlblock import Problem
from mlcharter.support import files
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

FILE = ".mlcharter-baseline.json"


class Known(Part, frozen=True, kw_only=True):
    """A recorded finding, and the date since which it is recorded."""

    fingerprint: Text
    rule: Text
    path: Text
    message: str
    since: Date


class Recorded(Part, frozen=True, kw_only=True):
    """The content of the file; `owner` is responsible for the recorded findings."""

    version: Literal[1]
    owner: Text
    findings: list[Known]


class Baseline(Struct, frozen=True, dict=True):
    """The recorded findings. If the file cannot be read, there are none, and `problems` say why."""

    owner: str = ""
    findings: tuple[Known, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = ""

    def line(self, fingerprint: str) -> int:
        """Return the first line that has a fingerprint in quotes, 1 if there is none."""
        return self._lines.get(fingerprint, 1)

    @cached_property
    def _lines(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, line in enumerate(self.text.split("\n"), 1):
            for name in line.split('"')[1::2]:
                found.setdefault(name, number)
        return found


def read(tree: files.Tree) -> Baseline:
    """Return the baseline of a repository; an empty one if it has none."""
    data = tree.read(FILE, 8 * files.MAX_SIZE)
    if isinstance(data, Unreadable):
        wrong = Problem(1, 1, f"the baseline {data.message}")
        return Baseline(problems=(wrong,)) if tree.lexists(FILE) else Baseline()
    try:
        recorded = msgspec.json.decode(data, type=Recorded, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Baseline(problems=tuple(_problems(data)))
    return Baseline(recorded.owner, tuple(recorded.findings), (), data.decode())


_REMEDY = "correct it, or restore it from Git"


def _problems(data: bytes) -> Iterator[Problem]:
    """Yield the problems of a baseline that cannot be read, such as after a manual edit."""
    import json

    try:
        text = data.decode()
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"the baseline is not JSON from here on; {_REMEDY}"
        yield Problem(error.lineno, error.colno, message)
        return
    except (ValueError, RecursionError):
        yield Problem(1, 1, f"the baseline is not JSON in UTF-8; {_REMEDY}")
        return
    if not isinstance(value, dict):
        yield Problem(1, 1, f"the baseline is not a JSON object; {_REMEDY}")
        return
    tree = yamlblock.parse(text)  # JSON is YAML, and this parser gives positions
    for wrong in model_errors.find_mistakes(value, Recorded):
        yield Problem(*tree.key(*wrong.path), f"the baseline {wrong.message}")


def render(names: dict[Finding, str], before: Baseline, owner: str, today: datetime.date) -> str:
    """Return the text of a baseline with these findings, by fingerprint.

    Those in `before` keep their date.
    """
    since = {known.fingerprint: known.since for known in before.findings}
    entries = [
        {
            "fingerprint": name,
            "rule": finding.rule,
            "path": finding.path,
            "message": finding.message,
            "since": since.get(name, today).isoformat(),
        }
        for finding, name in names.items()
    ]
    import json

    content = {"version": 1, "owner": before.owner or owner, "findings": entries}
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"
