"""Divide a fleet into waves and jobs, and decide whether the next wave may start."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
from msgspec import Struct

from mlcharter.fleet import lines
from mlcharter.fleet.members import Member
from mlcharter.fleet.rows import Row
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy

MOST_JOBS = 256  # of a matrix in GitHub Actions
LONGEST = 500_000  # characters: GitHub takes 1 MB of UTF-16 as the output of a job

Matrix = dict[str, list[dict[str, str]]]


class Decision(Struct, frozen=True):
    """How many repositories of a wave pass; `others` are those that do not, with the reason."""

    wave: str
    repositories: int
    passing: int
    others: tuple[tuple[str, str], ...]

    def allows(self, share: float) -> bool:
        """Return whether at least this share passes; compared exactly, as it was written."""
        return self.passing >= Fraction(str(share)) * self.repositories


def select(members: Sequence[Member], wave: str | None) -> list[Member]:
    """Return the members of a wave, all without one; a wave that no list names is a UserError."""
    if wave is None:
        return list(members)
    found = [member for member in members if member.listed.wave == wave]
    if not found:
        known = sorted({member.listed.wave for member in members} - {""})
        hint = remedy(wave, known) if known else "write a list with a column `wave`"
        raise UserError(f"no repository has the wave `{wave}`", hint=hint)
    return found


def matrix(members: Sequence[Member], jobs: int) -> Matrix:
    """Return the matrix of at most `jobs` jobs of about the same size, for GitHub Actions.

    `list` of a job is the list of its repositories as JSON, which every command of a fleet reads.
    """
    jobs = min(jobs, len(members))
    parts = [
        members[len(members) * n // jobs : len(members) * (n + 1) // jobs] for n in range(jobs)
    ]
    found: Matrix = {
        "include": [
            {"part": f"{n} of {jobs}", "list": _as_list(part)} for n, part in enumerate(parts, 1)
        ]
    }
    length = len(msgspec.json.encode(found))
    if length > LONGEST:
        raise UserError(
            f"the matrix has {length} characters; GitHub Actions takes {LONGEST}",
            hint="run one wave at a time with `--wave`",
        )
    return found


def _as_list(members: Sequence[Member]) -> str:
    rows = [
        {name: value for name, value in msgspec.structs.asdict(member.listed).items() if value}
        for member in members
    ]
    return msgspec.json.encode(rows).decode()


def decide(members: Sequence[Member], rows: Sequence[Row], wave: str) -> Decision:
    """Return how many repositories of a wave pass in the results of the newest day.

    A repository without such a result does not pass, so that a run that was stopped, or is old,
    does not let the next wave start.
    """
    if not rows:
        raise UserError("the results have no repository", hint="name files with results")
    date = max(row.date for row in rows)
    found = {row.name: row for row in rows if row.date == date}
    others = []
    chosen = select(members, wave)
    for member in chosen:
        row = found.get(member.name)
        if row is None:
            others.append((member.name, f"no result of {date}"))
        elif not row.passes:
            others.append((member.name, lines.why(row)))
    return Decision(wave, len(chosen), len(chosen) - len(others), tuple(others))
