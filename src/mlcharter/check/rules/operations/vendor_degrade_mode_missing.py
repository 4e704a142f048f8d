"""No degrade mode answers the failure of a vendor, or one answers a vendor that is not there.

Its cut-over alert triggers at least one mode, so that the price list and the runbook speak of the
same night.

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: abstain, ceiling: 900, currency: EUR,
        period: month, requests_per_minute: 60, tokens_per_minute: null,
        cut_over: {alert: north-down, after_failures: 3}, evidence: reports/a.log}
    ```

    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: abstain, alert: north-down, vendor: null, behaviour: abstain, test: tests/test_modes.py}
    ```

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: abstain, ceiling: 900, currency: EUR,
        period: month, requests_per_minute: 60, tokens_per_minute: null,
        cut_over: {alert: north-down, after_failures: 3}, evidence: reports/a.log}
    ```

    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: abstain, alert: slow, vendor: north, behaviour: abstain, test: tests/test_modes.py}
    ```

Fine:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: abstain, ceiling: 900, currency: EUR,
        period: month, requests_per_minute: 60, tokens_per_minute: null,
        cut_over: {alert: north-down, after_failures: 3}, evidence: reports/a.log}
    ```

    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: abstain, alert: north-down, vendor: north, behaviour: abstain,
        test: tests/test_modes.py}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    modes = charter.entries("degrade_modes")
    for vendor in charter.entries("vendors") if charter.settled("degrade_modes") else ():
        name, alert = vendor.value.id, vendor.value.cut_over.alert
        mine = [mode for mode in modes if mode.value.vendor == name]
        if not mine:
            message = f"{vendor.subject} can fail, and no mode in `degrade_modes` answers it"
            yield vendor.finding(f"{message}; add one with `vendor: {name}`", "id")
        elif all(mode.value.alert != alert for mode in mine):
            message = f"{vendor.subject} is cut over by `{alert}`, which triggers none of its modes"
            yield vendor.finding(f"{message}; name one alert in both", "cut_over", "alert")
    vendors = charter.named("vendors")
    for mode in modes:
        name = mode.value.vendor
        if name is not None and charter.settled("vendors") and name not in vendors:
            message = f"{mode.subject} answers a vendor `{name}` that is not in `vendors`"
            yield mode.finding(f"{message}; correct the id", "vendor")
        if mode.value.behaviour != "fallback-vendor":
            continue
        if name is None:
            message = f"{mode.subject} falls back from a vendor and names none; name it"
            yield mode.finding(message, "vendor")
        elif name in vendors and vendors[name].value.fallback not in vendors:
            message = f"{mode.subject} falls back to a vendor, and `{name}` to none"
            yield mode.finding(f"{message}; make them agree", "behaviour")
