"""Show how a repository answers the clauses of a framework: `crosswalks.measure`.

A clause is answered by items with evidence, written sections and filled-in config blocks. Its
state is the least of theirs, and `partly` if they do not show all that it asks.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from mlcharter.charter import crosswalks
from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import Clause, Crosswalk, Tier
from mlcharter.formats.models import Part
from mlcharter.status import judgements
from mlcharter.status.clause_parts import ClausePart, Reader
from mlcharter.status.judgements import Judgements
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import nearest

State = Literal["with-evidence", "partly", "waived", "open", "not-covered"]
STATES: dict[State, str] = {
    "with-evidence": "with evidence",
    "partly": "partly",
    "waived": "waived",
    "open": "open",
    "not-covered": "not covered",
}


class ClauseStatus(Part, frozen=True):
    """A clause with its state in a repository; `gap` is what its parts do not show, or null."""

    id: str
    asks: str
    state: State
    gap: str | None
    parts: tuple[ClausePart, ...]


class CrosswalkStatus(Part, frozen=True, kw_only=True):
    """The clauses of one framework in one repository; `counts` has how many are in each state."""

    version: Literal[1]
    root: str
    name: str
    tier: Tier
    tracks: tuple[str, ...]
    crosswalk: str
    title: str
    source: str | None
    url: str | None
    checked_on: str | None
    counts: dict[State, int]
    clauses: tuple[ClauseStatus, ...]


def measure(charter: Charter, name: str, prefix: str = "") -> CrosswalkStatus:
    """Return the state of each clause; an unknown name is a UserError that lists the known."""
    known = crosswalks.read(charter)
    if name not in known:
        raise _unknown(name, known)
    return next(measure_all(charter, {name: known[name]}, prefix))


def measure_all(
    charter: Charter, chosen: Mapping[str, Crosswalk], prefix: str = ""
) -> Iterator[CrosswalkStatus]:
    """Yield the state of some crosswalks; the rules run once. Broken answers are a UserError."""
    judgements.refuse_broken_answers(charter, prefix)
    reader = Reader(charter, Judgements.of(charter))
    for name, crosswalk in chosen.items():
        yield _measure_one(reader, name, crosswalk, prefix)


def _measure_one(reader: Reader, name: str, crosswalk: Crosswalk, prefix: str) -> CrosswalkStatus:
    charter = reader.charter
    answers = charter.answers.values
    clauses = tuple(_judge(reader, clause) for clause in crosswalk.clauses)
    tier: Tier = charter.tier  # type: ignore[assignment]
    return CrosswalkStatus(
        version=1,
        root=prefix.rstrip("/") or ".",
        name=str(answers.get("project_name", "")),
        tier=tier,
        tracks=tuple(map(str, answers.get("tracks", ()))),
        crosswalk=name,
        title=crosswalk.title or name,
        source=crosswalk.source,
        url=crosswalk.url,
        checked_on=crosswalk.checked_on.isoformat() if crosswalk.checked_on else None,
        counts={state: sum(clause.state == state for clause in clauses) for state in STATES},
        clauses=clauses,
    )


def _judge(reader: Reader, clause: Clause) -> ClauseStatus:
    parts = tuple(reader.read(clause))
    return ClauseStatus(clause.id, clause.asks or "", _find_state(clause, parts), clause.gap, parts)


def _find_state(clause: Clause, parts: tuple[ClausePart, ...]) -> State:
    states = {part.state for part in parts}
    if states <= {"not-asked", "not-applicable"}:
        return "not-covered"
    if "open" in states:
        return "open"
    if "waived" in states:
        return "waived"
    return "partly" if clause.gap or "not-asked" in states else "with-evidence"


def _unknown(name: str, known: Mapping[str, Crosswalk]) -> UserError:
    close = nearest(name, known)
    listed = ", ".join(f"`{one}`" for one in known)
    suggestion = f"did you mean `{close[0]}`? " if close else ""
    return UserError(f"there is no crosswalk `{name}`", hint=f"{suggestion}there are {listed}")
