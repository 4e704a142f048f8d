"""An offline estimate may be believed, and says go.

On the log, a report has `ess-ratio`, `largest-weight`, `estimator-disagreement`, a `value-…` for
each estimator of the document, and the difference that `go` asks for.
Where one of them is outside the document's limits, or an interval has no width, the answer is
insufficient support: then the estimate does not say go either, however good it looks.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.ope import Ope
from mlcharter.gate.measurements import Demand, Doubt, Measured
from mlcharter.gate.verdict import Reason, Verdict

# The log is too thin; other reasons say that the report is of something else.
THIN: tuple[Reason, ...] = ("missed", "too-few", "no-interval", "zero-width", "not-finite")


def verdicts(ope: Ope, measured: Measured) -> Iterator[Verdict]:
    for go in measured.everywhere(_go(ope)):
        yield from _on_one_slice(ope, go, measured)


def _on_one_slice(ope: Ope, go: Demand, measured: Measured) -> Iterator[Verdict]:
    """The limits on the slice that says go; support elsewhere is none."""
    demands = [single for limit in _limits(ope, measured) for single in _with(limit, go, measured)]
    admissible = [measured.weigh(demand) for demand in demands]
    admissible.append(_estimators(ope, go, measured))
    admissible = [measured.excused(_thin(verdict), ope.waived) for verdict in admissible]
    yield from admissible
    lacking = [v.gate.removeprefix("ope/") for v in admissible if v.verdict == "fail"]
    verdict = measured.weigh(go)
    if lacking and verdict.verdict == "pass":
        why = f"the estimate is not admissible: {', '.join(lacking)}"
        verdict = replace(verdict, verdict="fail", reason="insufficient-support", why=why)
    if verdict.reason != "missed":
        verdict = _thin(verdict)
    yield measured.excused(verdict, ope.waived)


def _with(demand: Demand, go: Demand, measured: Measured) -> list[Demand]:
    """A demand on the slice that says go; wherever it was measured, if none does."""
    if not go.slice:
        return measured.everywhere(demand)
    return [replace(demand, id=demand.id + go.id.removeprefix("ope/go"), slice=go.slice)]


def _go(ope: Ope) -> Demand:
    go = ope.go
    return Demand(
        config="ope",
        id="ope/go",
        metric=go.metric,
        dataset=ope.log,
        against=go.against,
        op=go.op,
        threshold=go.threshold,
        bound=go.bound,
    )


def _limits(ope: Ope, measured: Measured) -> Iterator[Demand]:
    limits = (
        ("ess-ratio", ">=", ope.min_ess_ratio),
        ("largest-weight", "<=", ope.max_weight),
        ("estimator-disagreement", "<=", ope.max_disagreement),
    )
    for metric, op, limit in limits:
        yield Demand(
            config="ope",
            id=f"ope/{metric}",
            metric=metric,
            dataset=ope.log,
            op=op,
            threshold=limit,
            bound=measured.strict(metric, op),
        )


def _estimators(ope: Ope, go: Demand, measured: Measured) -> Verdict:
    """Whether every estimator of the document gave an interval over whole episodes."""
    doubts = _estimator_doubts(ope, go, measured)
    reason, why = next(doubts, ("holds", ", ".join(ope.estimators)))
    gate = "ope/estimators" + go.id.removeprefix("ope/go")
    return Verdict.without_number("ope", gate, reason, why)


def _estimator_doubts(ope: Ope, go: Demand, measured: Measured) -> Iterator[Doubt]:
    for metric in (*(f"value-{name}" for name in ope.estimators), ope.go.metric):
        said = measured.metrics.get(metric)
        if said is not None and said.resample != ope.resample:
            why = f"{metric} is resampled by {said.resample}, not by {ope.resample}"
            yield "unit-differs", why
        op = "<=" if said is not None and said.direction == "down" else ">="
        # Any threshold will do: what is asked is whether there is a number to compare.
        demand = Demand(
            config="ope",
            id="ope/estimators",
            metric=metric,
            dataset=ope.log,
            op=op,
            threshold=0,
            bound=measured.strict(metric, op),
        )
        for single in _with(demand, go, measured):
            doubt = measured.doubt(single)
            if doubt is not None:
                yield doubt


def _thin(verdict: Verdict) -> Verdict:
    """A failure for want of data in the words of this config block."""
    if verdict.verdict != "fail" or verdict.reason not in THIN:
        return verdict
    why = f"{verdict.why} ({verdict.reason})"
    return replace(verdict, reason="insufficient-support", why=why)
