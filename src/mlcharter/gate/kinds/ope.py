"""Decide whether an off-policy estimate can be trusted, and whether it is good enough.

On the log, a report has `ess-ratio`, `largest-weight`, `estimator-disagreement`, a `value-…` for
each estimator of the document, and the difference of `go`.
If one of them is outside the limits of the document, or an interval has no width, the verdict is
insufficient support, and `go` fails too, whatever the estimate.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.ope import Ope
from mlcharter.gate.measurements import Failure, Measurements, Requirement
from mlcharter.gate.verdict import Reason, Verdict

# Reasons that mean too little data; others mean that the report does not fit the document.
TOO_LITTLE_DATA: tuple[Reason, ...] = (
    "missed",
    "too-few",
    "no-interval",
    "zero-width",
    "not-finite",
)


def decide(ope: Ope, measurements: Measurements) -> Iterator[Verdict]:
    for go in measurements.expand(_require_go(ope)):
        yield from _decide_slice(ope, go, measurements)


def _decide_slice(ope: Ope, go: Requirement, measurements: Measurements) -> Iterator[Verdict]:
    """Return the verdicts of one slice: its limits must pass there, not on another slice."""
    requirements = [
        on_slice
        for limit in _require_limits(ope, measurements)
        for on_slice in _on_slice_of(limit, go, measurements)
    ]
    limits = [measurements.compare(requirement) for requirement in requirements]
    limits.append(_decide_estimators(ope, go, measurements))
    limits = [measurements.settle(_mark_insufficient(verdict), ope) for verdict in limits]
    yield from limits
    failed = [v.gate.removeprefix("ope/") for v in limits if v.verdict == "fail"]
    verdict = measurements.compare(go)
    if failed and verdict.verdict == "pass":
        why = f"limits not met: {', '.join(failed)}"
        verdict = replace(verdict, verdict="fail", reason="insufficient-support", why=why)
    if verdict.reason != "missed":
        verdict = _mark_insufficient(verdict)
    yield measurements.settle(verdict, ope)


def _on_slice_of(
    requirement: Requirement, go: Requirement, measurements: Measurements
) -> list[Requirement]:
    """Return a requirement on the slice of `go`, or on each measured slice if it has none."""
    if not go.slice:
        return measurements.expand(requirement)
    return [replace(requirement, id=requirement.id + go.id.removeprefix("ope/go"), slice=go.slice)]


def _require_go(ope: Ope) -> Requirement:
    go = ope.go
    return Requirement(
        config="ope",
        id="ope/go",
        metric=go.metric,
        dataset=ope.log,
        against=go.against,
        op=go.op,
        threshold=go.threshold,
        bound=go.bound,
    )


def _require_limits(ope: Ope, measurements: Measurements) -> Iterator[Requirement]:
    limits = (
        ("ess-ratio", ">=", ope.min_ess_ratio),
        ("largest-weight", "<=", ope.max_weight),
        ("estimator-disagreement", "<=", ope.max_disagreement),
    )
    for metric, op, limit in limits:
        yield Requirement(
            config="ope",
            id=f"ope/{metric}",
            metric=metric,
            dataset=ope.log,
            op=op,
            threshold=limit,
            bound=measurements.choose_bound(metric, op),
        )


def _decide_estimators(ope: Ope, go: Requirement, measurements: Measurements) -> Verdict:
    """Return whether every estimator of the document has an interval over whole episodes."""
    failures = _find_estimator_failures(ope, go, measurements)
    reason, why = next(failures, ("holds", ", ".join(ope.estimators)))
    gate = "ope/estimators" + go.id.removeprefix("ope/go")
    return Verdict.without_number("ope", gate, reason, why)


def _find_estimator_failures(
    ope: Ope, go: Requirement, measurements: Measurements
) -> Iterator[Failure]:
    for metric in (*(f"value-{name}" for name in ope.estimators), ope.go.metric):
        known = measurements.metrics.get(metric)
        if known is not None and known.resample != ope.resample:
            why = f"{metric} is resampled by {known.resample}, not by {ope.resample}"
            yield "unit-differs", why
        op = "<=" if known is not None and known.direction == "down" else ">="
        # The threshold has no effect: only whether there is a number to compare matters.
        requirement = Requirement(
            config="ope",
            id="ope/estimators",
            metric=metric,
            dataset=ope.log,
            op=op,
            threshold=0,
            bound=measurements.choose_bound(metric, op),
        )
        for on_slice in _on_slice_of(requirement, go, measurements):
            failure = measurements.find_failure(on_slice)
            if failure is not None:
                yield failure


def _mark_insufficient(verdict: Verdict) -> Verdict:
    """Return a failure with too little data as `insufficient-support`; others unchanged."""
    if verdict.verdict != "fail" or verdict.reason not in TOO_LITTLE_DATA:
        return verdict
    why = f"{verdict.why} ({verdict.reason})"
    return replace(verdict, reason="insufficient-support", why=why)
