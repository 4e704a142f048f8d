"""The requirements on an off-policy estimate are too weak, or no gate checks them.

In measurements, nominal 95 % intervals contained the true value far less often with an ESS ratio
below 0.2, or with weights above 50. Each estimator fails in its own way, so `dr` and one of
weights alone, `ips` or `snips`, must agree. The gates must have the same metrics, log, baseline
policy and thresholds as `ope`.

Flagged:

    <!-- config: ope -->
    ```yaml
    log: trips
    propensity: logged
    estimators: [wdr, fqe, dr]
    resample: episode
    resamples: 1000
    min_ess_ratio: 0.05
    max_weight: 500
    max_disagreement: 0.1
    go: {metric: value-dr, against: behaviour, op: ">=", threshold: 0.02, bound: lower95}
    decided_on: 2026-11-09
    canary_not_before: 2027-01-11
    ```

Fine:

    <!-- config: ope -->
    ```yaml
    log: trips
    propensity: logged
    estimators: [ips, snips, dr]
    resample: episode
    resamples: 1000
    min_ess_ratio: 0.2
    max_weight: 50
    max_disagreement: 0.1
    go: {metric: value-dr, against: behaviour, op: ">=", threshold: 0.02, bound: lower95}
    decided_on: 2026-11-09
    canary_not_before: 2027-01-11
    ```

    <!-- config: gates -->
    ```yaml
    - {id: uplift, metric: value-dr, dataset: trips, slice: later, against: behaviour, op: ">=",
        threshold: 0.02, bound: lower95, min_n: 500, on_fail: block, decided_on: 2026-11-09,
        rationale: a smaller gain does not pay for a canary}
    - {id: ess, metric: ess-ratio, dataset: trips, slice: later, op: ">=", threshold: 0.2,
        bound: lower95, min_n: 500, on_fail: block, decided_on: 2026-11-09, rationale: as above}
    - {id: weight, metric: largest-weight, dataset: trips, slice: later, op: "<=", threshold: 50,
        bound: point, min_n: 500, on_fail: block, decided_on: 2026-11-09, rationale: as above}
    - {id: same, metric: estimator-disagreement, dataset: trips, slice: later, op: "<=",
        threshold: 0.1, bound: upper95, min_n: 500, on_fail: block, decided_on: 2026-11-09,
        rationale: as above}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import cross_references
from mlcharter.support.finding import Finding

LEVEL = "complete"
_MIN_ESS_RATIO = 0.2
_MAX_WEIGHT = 50
_REQUIRED = (("dr",), ("ips", "snips"))


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("ope")
    if entry is None:
        return
    yield from _check_limits(entry)
    if charter.settled("metrics"):
        yield from _check_metrics(charter, entry)
    if charter.settled("gates"):
        yield from _check_gates(charter, entry)


def _check_limits(entry: Entry) -> Iterator[Finding]:
    ope = entry.value
    for names in _REQUIRED:
        if not set(names) & set(ope.estimators):
            missing = " or ".join(f"`{name}`" for name in names)
            message = f"`estimators` lacks {missing}; add it, since each fails in its own way"
            yield entry.finding(message, "estimators")
    for n, name in enumerate(ope.estimators):
        if name in ope.estimators[:n]:
            yield entry.finding(f"`{name}` is listed twice; keep one", "estimators", n)
    if ope.min_ess_ratio < _MIN_ESS_RATIO:
        message = f"`min_ess_ratio` is {ope.min_ess_ratio:g}, but must be at least {_MIN_ESS_RATIO}"
        yield entry.finding(f"{message}; raise it, or intervals are too narrow", "min_ess_ratio")
    if ope.max_weight > _MAX_WEIGHT:
        message = f"`max_weight` is {ope.max_weight:g}, but must be at most {_MAX_WEIGHT}"
        yield entry.finding(f"{message}; lower it, or single episodes decide", "max_weight")
    if ope.go.metric.startswith("value-") and ope.go.metric[6:] not in ope.estimators:
        message = f"`go` has the metric `{ope.go.metric}`, but `estimators` lacks it; add it"
        yield entry.finding(message, "go", "metric")


def _check_metrics(charter: Charter, entry: Entry) -> Iterator[Finding]:
    """Check that each estimator has a metric, resampled by the same unit as `ope`."""
    metrics = charter.named("metrics")
    for n, name in enumerate(entry.value.estimators) if metrics else ():
        metric = metrics.get(f"value-{name}")
        if metric is None:
            message = f"`value-{name}` of this estimator is not defined in `metrics`"
            remedy = cross_references.near(f"value-{name}", metrics)
            yield entry.finding(f"{message}; {remedy}", "estimators", n)
        elif metric.value.resample != entry.value.resample:
            message = f"{metric.subject} is resampled by {metric.value.resample}, but `ope` by"
            remedy = "correct it, or its intervals are too narrow"
            yield metric.finding(f"{message} {entry.value.resample}; {remedy}", "resample")


def _check_gates(charter: Charter, entry: Entry) -> Iterator[Finding]:
    ope, go = entry.value, entry.value.go
    required = (
        (("go", "threshold"), go.metric, go.against, go.op, go.threshold),
        (("min_ess_ratio",), "ess-ratio", None, ">=", ope.min_ess_ratio),
        (("max_weight",), "largest-weight", None, "<=", ope.max_weight),
        (("max_disagreement",), "estimator-disagreement", None, "<=", ope.max_disagreement),
    )
    gates = [gate.value for gate in charter.entries("gates") if gate.value.on_fail == "block"]
    for place, metric, against, op, threshold in required:
        on_log = [g for g in gates if g.metric == metric and g.dataset == ope.log]
        on_log = [g for g in on_log if g.against == against]
        if any((g.op, g.threshold) == (op, threshold) for g in on_log):
            continue
        message = f"no blocking gate requires `{metric}` {op} {threshold:g} on `{ope.log}`"
        if against:
            message += f" against `{against}`"
        gated = ", ".join(f"`{g.id}` {g.op} {g.threshold:g}" for g in on_log)
        remedy = f"there is {gated}; make them match" if on_log else "add it to `gates`"
        yield entry.finding(f"{message}; {remedy}", *place)
