"""Findings that were there when a repository was first checked: counted with their age, not failed.

An entry is found again by a fingerprint of its rule, file and message, never of its line.
"""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from mlcharter import reading
from mlcharter.contract import Date, Part, Text
from mlcharter.finding import Finding
from mlcharter.reading import Unreadable

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


class Baseline(Struct, frozen=True):
    """What was recorded; where it cannot be read, nothing is, and `problem` says why."""

    owner: str = ""
    findings: tuple[Known, ...] = ()
    problem: str | None = None
    text: str = ""

    def line(self, fingerprint: str) -> int:
        at = self.text.find(fingerprint)
        return self.text.count("\n", 0, at) + 1 if at >= 0 else 1


def read(root: Path) -> Baseline:
    """The baseline of the repository at `root`; an empty one where there is none."""
    data = reading.read_bytes(FILE, root, 8 * reading.MAX_SIZE)
    if isinstance(data, Unreadable):
        there = reading.lies(FILE, root)
        return Baseline(problem=f"the baseline {data.message}") if there else Baseline()
    try:
        recorded = msgspec.json.decode(data, type=Recorded, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Baseline(problem=f"the baseline cannot be read: {error}; write it again")
    return Baseline(recorded.owner, tuple(recorded.findings), None, data.decode())


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
