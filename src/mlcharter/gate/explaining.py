"""Say what each gate can decide: which true value passes, how probably, and with how many cases."""

from collections.abc import Iterator, Sequence

from mlcharter.formats.report import Result
from mlcharter.gate import power
from mlcharter.gate.measurements import LAST_RELEASE, Measurements, key_of
from mlcharter.gate.power import Proportion, Spread
from mlcharter.gate.verdict import Explanation, Verdict

# Without these, a result says nothing about a gate.
_USABLE = ("holds", "missed", "too-few", "waived", "waiver-expired")


def explain(verdicts: Sequence[Verdict], measurements: Measurements) -> Iterator[Explanation]:
    """Return what each gate on an interval can decide, in the order of the verdicts.

    Left out are gates on counts, which have no interval.
    """
    for verdict in verdicts:
        if verdict.bound not in ("", "point"):
            yield _explain(verdict, measurements)


def _explain(verdict: Verdict, measurements: Measurements) -> Explanation:
    metric = measurements.metrics.get(verdict.metric)
    if metric is None:
        return Explanation(gate=verdict.gate, text=f"{verdict.metric} is not defined in `metrics`")
    result = _find_result(verdict, measurements)
    sampling = _find_sampling(verdict, measurements, result)
    seen = "measured"
    if sampling is None and result is None:
        result, seen = _find_released(verdict, measurements), "released"
        sampling = _find_sampling(verdict, measurements, result) if result else None
    if sampling is None:
        return Explanation(gate=verdict.gate, text=_UNKNOWN)
    if isinstance(sampling, Spread) and not sampling.has_errors:
        return Explanation(gate=verdict.gate, n=sampling.n, text=_FEW_ERRORS.format(sampling.n))
    is_known = isinstance(sampling, Proportion) or sampling.is_known
    passes_at = sampling.passing if is_known else None
    measured = result.value if result else None
    return Explanation(
        gate=verdict.gate,
        text=_describe(verdict, sampling, measured, seen),
        n=sampling.n,
        passes_at=_rounded(passes_at),
        measured=measured,
        probability=None if measured is None else _rounded(sampling.probability(measured)),
        cases=None if measured is None else sampling.cases(measured),
    )


_UNKNOWN = "it depends on the spread of the numbers; name a report that has them"
_FEW_ERRORS = (
    "with n {}, the spread is that of fewer than 3 errors, which is too few to say which true "
    "value passes; evaluate on more cases"
)


def _find_result(verdict: Verdict, measurements: Measurements) -> Result | None:
    """Return the result that the gate compares, if it can be compared."""
    found = measurements.results.get(key_of(verdict)) if verdict.reason in _USABLE else None
    return found[0] if found else None


def _find_released(verdict: Verdict, measurements: Measurements) -> Result | None:
    """Return the result of the last release that the gate would compare."""
    reports = (report.by_key for report in measurements.released.values())
    return next((found[key_of(verdict)] for found in reports if key_of(verdict) in found), None)


def _find_sampling(
    verdict: Verdict, measurements: Measurements, result: Result | None
) -> Proportion | Spread | None:
    metric = measurements.metrics[verdict.metric]
    threshold = verdict.threshold or 0.0
    is_ratio = metric.unit == "ratio" and verdict.against in (None, LAST_RELEASE)
    if result is None:
        part = measurements.slices.get(verdict.slice)
        n = max(verdict.min_n, part.min_n if part else 1)
        how = {"against": verdict.against, "is_ratio": is_ratio}
        return power.from_entry(metric.method, n, verdict.op, threshold, **how)  # type: ignore[arg-type]
    if verdict.against == LAST_RELEASE:
        before = _find_released(verdict, measurements)
        if before is None:
            return None
        threshold = round(threshold + before.value, 9)
    rising = verdict.op in (">=", ">")
    return power.of_result(result, threshold, rising=rising, is_ratio=is_ratio)


def _describe(
    verdict: Verdict, sampling: Proportion | Spread, measured: float | None, seen: str
) -> str:
    """Return what a gate decides; `seen` says whether a report or the last release measured it."""
    passes_at = sampling.passing
    if passes_at is None:
        fewest = sampling.fewest_cases if isinstance(sampling, Proportion) else None
        remedy = f"; it takes at least {fewest} cases" if fewest else ""
        return f"no system passes: {power.describe_impossible(sampling, verdict.bound)}{remedy}"
    side = "at least" if sampling.rising else "at most"
    against = verdict.against not in (None, LAST_RELEASE)
    of = f"difference to {verdict.against}" if against else verdict.metric
    spread = about = ""
    if isinstance(sampling, Spread):
        spread, about = f" and the {seen} spread", "about "
    text = (
        f"with n {sampling.n}{spread}, a true {of} of {side} {about}{passes_at:.4g} passes "
        "with 80 % probability"
    )
    if isinstance(sampling, Spread) and not sampling.is_known:
        text = (
            f"with n {sampling.n}, which true {of} passes with 80 % probability is unknown: it is "
            f"far from the {seen} {measured:.4g}, and the spread there may be another"
        )
    if measured is None:
        return text + _describe_half(sampling)
    misses = measured < sampling.threshold if sampling.rising else measured > sampling.threshold
    if misses:
        return f"{text}; the {seen} {measured:.4g} misses the threshold, whatever n is"
    probability = sampling.probability(measured)
    percent = "over 99" if probability > 0.995 else f"{100 * probability:.0f}"
    text += f"; a true {measured:.4g}, as {seen}, passes with {percent} %"
    needed = sampling.cases(measured)
    if probability >= power.POWER or needed is None:
        return text
    return f"{text}, and needs about {needed} cases for 80 %"


def _describe_half(sampling: Proportion | Spread) -> str:
    """Return how many cases a system needs that makes half of the errors that are allowed."""
    threshold = sampling.threshold
    half = (1 + threshold) / 2 if sampling.rising else threshold / 2
    needed = sampling.cases(half)
    if needed is None:
        return ""
    return f"; a true {half:.4g}, half of the errors that are allowed, needs about {needed} cases"


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 6)
