"""Decide the gates of the config block `gates`, one verdict each."""

import datetime
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.gate.measurements import Measurements, Requirement, index_by_id
from mlcharter.gate.verdict import Verdict


def decide(gates: Sequence[Gate], measurements: Measurements) -> Iterator[Verdict]:
    for gate in index_by_id("gates", gates).values():
        verdict = measurements.compare(
            Requirement(
                config="gates",
                id=gate.id,
                metric=gate.metric,
                dataset=gate.dataset,
                slice=gate.slice,
                against=gate.against,
                op=gate.op,
                threshold=gate.threshold,
                bound=gate.bound,
                min_n=gate.min_n,
                on_fail=gate.on_fail,
                entry=gate,
                rationale=gate.rationale,
            )
        )
        undecided = _find_undecided(gate, measurements.latest)
        if undecided and verdict.verdict == "pass":
            verdict = replace(verdict, verdict="undecided", why=f"{verdict.why}; {undecided}")
        yield verdict


def _find_undecided(gate: Gate, latest: datetime.date) -> str:
    """Return why nobody has decided on the gate yet; empty if someone has."""
    if gate.decided_on is None:
        return "not configured yet: `decided_on` is null"
    if gate.decided_on > latest:
        return f"`decided_on` is in the future, {gate.decided_on}; give the date of the decision"
    return ""
