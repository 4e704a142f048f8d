"""An SLO has no usable error budget.

If `good` and `total` are the same, the SLO is always met. Each needs one range, such as `[5m]`, in
whose place `mlcharter export` puts the windows of alerts. The time window must be 1 to 92 days.
With Timeslices, OpenSLO also needs the length of a slice and the share from which it counts as
good.

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers,
        ratioMetric: {good: "rate(asked_total[5m])", total: "rate(asked_total[5m])"},
        timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99, alertPolicies: [burn]}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers,
        ratioMetric: {good: answered_total, total: "rate(asked_total[5m])"},
        timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99, alertPolicies: [burn]}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers,
        ratioMetric: {good: "rate(answered_total[5m])", total: "rate(asked_total[5m])"},
        timeWindow: 28m, budgetingMethod: Occurrences, target: 0.99, alertPolicies: [burn]}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers,
        ratioMetric: {good: "rate(answered_total[5m])", total: "rate(asked_total[5m])"},
        timeWindow: 28d, budgetingMethod: Timeslices, target: 0.99, alertPolicies: [burn]}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers,
        ratioMetric: {good: "rate(answered_total[5m])", total: "rate(asked_total[5m])"},
        timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99, alertPolicies: [burn]}
    - {name: fast, service: watch, description: it answers soon,
        ratioMetric: {good: "rate(soon_total[5m])", total: "rate(asked_total[5m])"},
        timeWindow: 28d, budgetingMethod: Timeslices, timeSliceWindow: 5m, timeSliceTarget: 0.95,
        target: 0.99, alertPolicies: [burn]}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_TIMESLICE_KEYS = ("timeSliceWindow", "timeSliceTarget")


def check(charter: Charter) -> Iterator[Finding]:
    for slo in charter.entries("slos"):
        value = slo.value
        if promql.read(value.ratioMetric.good).text == promql.read(value.ratioMetric.total).text:
            message = (
                f"{slo.subject} has the same `good` and `total`; count only good events in `good`"
            )
            yield slo.finding(message, "ratioMetric", "good")
        for key in ("good", "total"):
            query = promql.read(getattr(value.ratioMetric, key))
            if not query.problem and len(set(query.windows)) != 1:
                message = f"the `{key}` of {slo.subject} has {len(set(query.windows))} ranges"
                mend = "write one, as in `sum(rate(requests_total[5m]))`"
                yield slo.finding(f"{message}; {mend}", "ratioMetric", key)
        days = promql.to_seconds(value.timeWindow) / 86400
        if not 1 <= days <= 92:
            message = f"the `timeWindow` of {slo.subject} is {value.timeWindow}"
            yield slo.finding(f"{message}; use 1 to 92 days, such as 28d", "timeWindow")
        for key in _TIMESLICE_KEYS:
            uses_slices = value.budgetingMethod == "Timeslices"
            if uses_slices and getattr(value, key) is None:
                message = f"{slo.subject} uses Timeslices but has no `{key}`; add it"
                yield slo.finding(message, "budgetingMethod")
            elif not uses_slices and getattr(value, key) is not None:
                message = f"{slo.subject} has `{key}` but uses Occurrences; remove one"
                yield slo.finding(message, key)
