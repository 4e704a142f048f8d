"""The result of a check of one repository: findings with their outcomes."""

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.support.finding import Finding

Outcome = Literal["fails", "counted", "allowed", "known"]


class Judged(Struct, frozen=True):
    """A finding with its outcome.

    `fails`: it fails at this level. `counted`: its rule fails only at a later `level`. `allowed`:
    an entry of the settings accepts it. `known`: it is in the baseline. `why` says who accepted
    it, and until when.
    """

    finding: Finding
    outcome: Outcome
    level: str
    why: str = ""


class Result(Struct, frozen=True, dict=True):
    """The result for one repository; `prefix` is its path from the working directory."""

    prefix: str
    level: str
    documents: int
    judged: tuple[Judged, ...]
    baseline_owner: str = ""
    baseline_since: str = ""
    paths: tuple[str, ...] = ()  # of the documents
    lines: tuple[str, ...] = ()  # of the summary, if it is not that of a check

    @property
    def fails(self) -> bool:
        return any(judged.outcome == "fails" for judged in self.judged)

    def narrow(self, selects: Callable[[str], bool]) -> "Result":
        """Return the part of the result about the selected files."""
        kept = tuple(judged for judged in self.judged if selects(judged.finding.path))
        return replace(self, judged=kept, documents=sum(map(selects, self.paths)))

    def with_outcome(self, outcome: Outcome) -> Iterator[Judged]:
        return (judged for judged in self.judged if judged.outcome == outcome)

    @cached_property
    def fingerprints(self) -> dict[Finding, str]:
        """The fingerprint of each finding, which does not change when lines move."""
        return fingerprints([judged.finding for judged in self.judged])

    @property
    def next_level(self) -> str | None:
        """The lowest level at which something fails that does not fail yet; None if all of it."""
        levels = {judged.level for judged in self.with_outcome("counted")}
        return next((level for level in _LEVELS if level in levels and not self.fails), None)

    def path(self, judged: Judged) -> str:
        """Return the path of a finding from the working directory."""
        return join(self.prefix, judged.finding.path)


def join(prefix: str, path: str) -> str:
    """Return the path of a file by that of its charter; the file may be above the charter."""
    return posixpath.normpath(prefix + path) if path.startswith("../") else prefix + path


def fingerprints(findings: Sequence[Finding]) -> dict[Finding, str]:
    """Return a fingerprint of each finding that does not change when lines move.

    Equal findings in a file are numbered from the top.
    """
    import hashlib

    seen: Counter[tuple[str, str, str]] = Counter()
    named = {}
    for finding in sorted(findings):
        key = finding.rule, finding.path, finding.message
        seen[key] += 1
        content = "\0".join((*key, str(seen[key])))
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass"))
        named[finding] = digest.hexdigest()[:32]
    return named


def failing(results: Sequence[Result]) -> Iterator[tuple[Result, Judged]]:
    """Yield every failing finding, with the result that it is in."""
    return ((result, judged) for result in results for judged in result.with_outcome("fails"))


_LEVELS = ("draft", "complete", "release")
_MOST_NOTES = 5


def _notes(result: Result) -> list[str]:
    """Return lines about notes, which fail at no level and are shown for information."""
    notes = [judged for judged in result.with_outcome("counted") if judged.level == "note"]
    lines = [
        f"for information: {result.path(note)}:{note.finding.line}: "
        f"{note.finding.message} [{note.finding.rule}]"
        for note in notes[:_MOST_NOTES]
    ]
    more = len(notes) - len(lines)
    return lines + ([f"for information: {more} more"] if more else [])


def summary(result: Result) -> list[str]:
    """Return the lines of the summary: the level, then what is counted, allowed or known."""
    if result.lines:
        return list(result.lines)
    counts = Counter(judged.outcome for judged in result.judged)
    count = counts["fails"]
    found = "no findings" if not count else f"{count} finding{'' if count == 1 else 's'}"
    documents = f"{result.documents} document{'' if result.documents == 1 else 's'}"
    lines = [f"{result.level}: {found} in {documents}"]
    for level in _LEVELS:
        rules = Counter(j.finding.rule for j in result.with_outcome("counted") if j.level == level)
        if rules:
            each = ", ".join(f"{n} {rule}" for rule, n in rules.most_common())
            lines.append(f"fails at {level}: {each}")
    lines += _notes(result)
    if allowed := counts["allowed"]:
        lines.append(f"allowed by the settings: {allowed}")
    if known := counts["known"]:
        since = f", the oldest since {result.baseline_since}" if result.baseline_since else ""
        lines.append(f"in the baseline of {result.baseline_owner}: {known}{since}")
    return lines
