"""An offline estimate would be believed on less than it takes, or no gate asks for it.

It was measured: below an ESS ratio of 0.2, or with weights above 50, nominal 95 % intervals hold
the truth far less often. One estimator alone fails in its own way, so `dr` and `fqe` must agree.
What is said here is what the gates ask: the same metric, log, baseline and threshold.

Flagged:

    <!-- config: ope -->
    ```yaml
    log: trips
    propensity: logged
    estimators: [ips, snips, wdr]
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
    estimators: [snips, dr, fqe]
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
_ESS_RATIO = 0.2
_WEIGHT = 50
_NEEDED = ("dr", "fqe")


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("ope")
    if entry is None:
        return
    yield from _limits(entry)
    if charter.settled("metrics"):
        yield from _metrics(charter, entry)
    if charter.settled("gates"):
        yield from _gates(charter, entry)


def _limits(entry: Entry) -> Iterator[Finding]:
    ope = entry.value
    for name in _NEEDED:
        if name not in ope.estimators:
            message = f"the estimators lack `{name}`; add it, since each fails in its own way"
            yield entry.finding(message, "estimators")
    for n, name in enumerate(ope.estimators):
        if name in ope.estimators[:n]:
            yield entry.finding(f"`{name}` stands twice; keep one", "estimators", n)
    if ope.min_ess_ratio < _ESS_RATIO:
        message = f"`min_ess_ratio` is {ope.min_ess_ratio:g}; below {_ESS_RATIO} intervals do not"
        yield entry.finding(f"{message} hold the truth, so raise it", "min_ess_ratio")
    if ope.max_weight > _WEIGHT:
        message = f"`max_weight` is {ope.max_weight:g}; above {_WEIGHT} single episodes decide"
        yield entry.finding(f"{message}, so lower it", "max_weight")
    if ope.go.metric.startswith("value-") and ope.go.metric[6:] not in ope.estimators:
        message = f"`go` asks for `{ope.go.metric}`, which is none of the estimators; add it"
        yield entry.finding(message, "go", "metric")


def _metrics(charter: Charter, entry: Entry) -> Iterator[Finding]:
    """Each estimator has its metric, resampled by whole episodes."""
    metrics = charter.named("metrics")
    for n, name in enumerate(entry.value.estimators) if metrics else ():
        metric = metrics.get(f"value-{name}")
        if metric is None:
            message = f"`metrics` has no `value-{name}` for this estimator"
            yield entry.finding(
                f"{message}; {cross_references.near(f'value-{name}', metrics)}", *_at(n)
            )
        elif metric.value.resample != entry.value.resample:
            message = f"{metric.subject} is resampled by {metric.value.resample}, and not by"
            remedy = "or its intervals are too narrow"
            yield metric.finding(
                f"{message} {entry.value.resample}; correct it, {remedy}", "resample"
            )


def _at(n: int) -> tuple[str, int]:
    return "estimators", n


def _gates(charter: Charter, entry: Entry) -> Iterator[Finding]:
    ope, go = entry.value, entry.value.go
    wanted = (
        (("go", "threshold"), go.metric, go.against, go.op, go.threshold),
        (("min_ess_ratio",), "ess-ratio", None, ">=", ope.min_ess_ratio),
        (("max_weight",), "largest-weight", None, "<=", ope.max_weight),
        (("max_disagreement",), "estimator-disagreement", None, "<=", ope.max_disagreement),
    )
    gates = [gate.value for gate in charter.entries("gates") if gate.value.on_fail == "block"]
    for place, metric, against, op, threshold in wanted:
        on_log = [g for g in gates if g.metric == metric and g.dataset == ope.log]
        on_log = [g for g in on_log if g.against == against]
        if any((g.op, g.threshold) == (op, threshold) for g in on_log):
            continue
        said = f"`{metric}` {op} {threshold:g} on `{ope.log}`"
        if against:
            said += f" against `{against}`"
        there = ", ".join(f"`{g.id}` {g.op} {g.threshold:g}" for g in on_log)
        message = f"no blocking gate asks for {said}"
        remedy = f"there is {there}; make them agree" if on_log else "add it to `gates`"
        yield entry.finding(f"{message}; {remedy}", *place)
