"""An SLO has no error budget that anyone could compute.

When good and total are the same, it is always met. Over less than a day a budget means nothing,
over more than a quarter nobody remembers. With Timeslices, OpenSLO wants to know how long a slice
is and which share of one is good.

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: asked_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28m, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Timeslices, target: 0.99,
        alertPolicies: [burn]}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: slos -->
    ```yaml
    - {name: ready, service: watch, description: it answers, ratioMetric: {good: answered_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Occurrences, target: 0.99,
        alertPolicies: [burn]}
    - {name: fast, service: watch, description: it answers soon, ratioMetric: {good: soon_total,
        total: asked_total}, timeWindow: 28d, budgetingMethod: Timeslices, timeSliceWindow: 5m,
        timeSliceTarget: 0.95, target: 0.99, alertPolicies: [burn]}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_SLICING = ("timeSliceWindow", "timeSliceTarget")


def check(charter: Charter) -> Iterator[Finding]:
    for slo in charter.entries("slos"):
        value = slo.value
        if promql.read(value.ratioMetric.good).text == promql.read(value.ratioMetric.total).text:
            message = f"{slo.subject} counts the same as good and as total; count what users got"
            yield slo.finding(message, "ratioMetric", "good")
        days = promql.seconds(value.timeWindow) / 86400
        if not 1 <= days <= 92:
            message = f"{slo.subject} has a `timeWindow` of {value.timeWindow}"
            yield slo.finding(f"{message}; give a day to a quarter, such as 28d", "timeWindow")
        for key in _SLICING:
            sliced = value.budgetingMethod == "Timeslices"
            if sliced and getattr(value, key) is None:
                message = f"{slo.subject} counts Timeslices and has no `{key}`; give it"
                yield slo.finding(message, "budgetingMethod")
            elif not sliced and getattr(value, key) is not None:
                message = f"{slo.subject} has a `{key}` and counts Occurrences; remove one"
                yield slo.finding(message, key)
