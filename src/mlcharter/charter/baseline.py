"""Findings that were there when a repository was first checked: counted with their age, not failed.

An entry is found again by a fingerprint of its rule, file and message, never of its line.
"""

import datetime
from collections.abc import Iterator, Sequence
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
    """A finding as it was recorded, and since when."""

    fingerprint: Text
    rule: Text
    path: Text
    message: str
    since: Date


class Recorded(Part, frozen=True, kw_only=True):
    """The file. Who let the findings stand answers for them."""

    version: Literal[1]
    owner: Text
    findings: list[Known]


class Baseline(Struct, frozen=True, dict=True):
    """What was recorded; where it cannot be read, nothing is, and `problems` say why."""

    owner: str = ""
    findings: tuple[Known, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = ""

    def line(self, fingerprint: str) -> int:
        """The first line that names a fingerprint in quotes, 1 where none does."""
        return self._lines.get(fingerprint, 1)

    @cached_property
    def _lines(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, line in enumerate(self.text.split("\n"), 1):
            for name in line.split('"')[1::2]:
                found.setdefault(name, number)
        return found


def read(tree: files.Tree) -> Baseline:
    """Return the baseline of a repository; an empty one where there is none."""
    data = tree.read(FILE, 8 * files.MAX_SIZE)
    if isinstance(data, Unreadable):
        wrong = Problem(1, 1, f"the baseline {data.message}")
        return Baseline(problems=(wrong,)) if tree.lexists(FILE) else Baseline()
    try:
        recorded = msgspec.json.decode(data, type=Recorded, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Baseline(problems=tuple(_problems(data)))
    return Baseline(recorded.owner, tuple(recorded.findings), (), data.decode())


_AGAIN = "mend it, or restore it from Git"


def _problems(data: bytes) -> Iterator[Problem]:
    """What is wrong with a baseline that cannot be read, as a hand edit leaves it."""
    import json

    try:
        text = data.decode()
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"the baseline is not JSON from here on; {_AGAIN}"
        yield Problem(error.lineno, error.colno, message)
        return
    except (ValueError, RecursionError):
        yield Problem(1, 1, f"the baseline is not JSON in UTF-8; {_AGAIN}")
        return
    if not isinstance(value, dict):
        yield Problem(1, 1, f"the baseline is no object; {_AGAIN}")
        return
    tree = yamlblock.parse(text)  # JSON is YAML, and its places are known
    for wrong in model_errors.find_mistakes(value, Recorded):
        yield Problem(*tree.key(*wrong.path), f"the baseline {wrong.message}")


def written(
    findings: Sequence[Finding],
    names: dict[Finding, str],
    before: Baseline,
    owner: str,
    today: datetime.date,
) -> str:
    """The file that records these findings; those that stood in `before` keep their day."""
    since = {known.fingerprint: known.since for known in before.findings}
    entries = [
        {
            "fingerprint": names[finding],
            "rule": finding.rule,
            "path": finding.path,
            "message": finding.message,
            "since": since.get(names[finding], today).isoformat(),
        }
        for finding in findings
    ]
    import json

    content = {"version": 1, "owner": before.owner or owner, "findings": entries}
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"
