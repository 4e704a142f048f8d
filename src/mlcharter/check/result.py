"""What `check` says about one repository: findings, and what becomes of each."""

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

    `fails` at this level; `counted`, since its rule fails at a later `level` only; `allowed` by an
    entry of the settings; `known` from the baseline. `why` names who accepted it, and until when.
    """

    finding: Finding
    outcome: Outcome
    level: str
    why: str = ""


class Result(Struct, frozen=True, dict=True):
    """One repository. `prefix` leads from the working directory to it, and ends with `/`."""

    prefix: str
    level: str
    documents: int
    judged: tuple[Judged, ...]
    baseline_owner: str = ""
    baseline_since: str = ""
    paths: tuple[str, ...] = ()  # of the documents

    @property
    def fails(self) -> bool:
        return any(judged.outcome == "fails" for judged in self.judged)

    def narrowed(self, asks: Callable[[str], bool]) -> "Result":
        """The findings, and the count of the documents, in the files that are asked for."""
        kept = tuple(judged for judged in self.judged if asks(judged.finding.path))
        return replace(self, judged=kept, documents=sum(map(asks, self.paths)))

    def having(self, outcome: Outcome) -> Iterator[Judged]:
        return (judged for judged in self.judged if judged.outcome == outcome)

    @cached_property
    def fingerprints(self) -> dict[Finding, str]:
        """A name for each finding that stays when lines move."""
        return fingerprints([judged.finding for judged in self.judged])

    def path(self, judged: Judged) -> str:
        """The file of a finding, from the working directory."""
        return self.prefix + judged.finding.path


def fingerprints(findings: Sequence[Finding]) -> dict[Finding, str]:
    """A name for each finding that stays when lines move; equal ones are counted from the top."""
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


def failing(results: Sequence[Result]) -> Iterator[tuple[str, Judged]]:
    """Every finding that fails, with its path from the working directory."""
    for result in results:
        for judged in result.having("fails"):
            yield result.path(judged), judged


_MOST_NOTES = 5


def _notes(result: Result) -> list[str]:
    """What fails at no level; it is there to be read, so it is shown and not counted."""
    notes = [judged for judged in result.having("counted") if judged.level == "note"]
    lines = [
        f"for information: {result.path(note)}:{note.finding.line}: "
        f"{note.finding.message} [{note.finding.rule}]"
        for note in notes[:_MOST_NOTES]
    ]
    more = len(notes) - len(lines)
    return lines + ([f"for information: {more} more"] if more else [])


def summary(result: Result) -> list[str]:
    """What a person reads at the end: a line for the level, and one for each kind of leniency."""
    count = sum(1 for _ in result.having("fails"))
    found = "no findings" if not count else f"{count} finding{'' if count == 1 else 's'}"
    documents = f"{result.documents} document{'' if result.documents == 1 else 's'}"
    lines = [f"{result.level}: {found} in {documents}"]
    for level in ("draft", "complete", "release"):
        rules = Counter(j.finding.rule for j in result.having("counted") if j.level == level)
        if rules:
            each = ", ".join(f"{n} {rule}" for rule, n in rules.most_common())
            lines.append(f"fails at {level}: {each}")
    lines += _notes(result)
    allowed = sum(1 for _ in result.having("allowed"))
    if allowed:
        lines.append(f"allowed by the settings: {allowed}")
    known = sum(1 for _ in result.having("known"))
    if known:
        since = f", the oldest since {result.baseline_since}" if result.baseline_since else ""
        lines.append(f"in the baseline of {result.baseline_owner}: {known}{since}")
    return lines
