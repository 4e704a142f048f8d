"""A vendor has no degrade mode, or a degrade mode does not match its vendor.

Each vendor needs a degrade mode that its cut-over alert triggers, so that it is decided what users
get when the vendor fails.

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
        vendor_modes = [mode for mode in modes if mode.value.vendor == name]
        if not vendor_modes:
            message = f"{vendor.subject} has no mode in `degrade_modes`"
            yield vendor.finding(f"{message}; add one with `vendor: {name}`", "id")
        elif all(mode.value.alert != alert for mode in vendor_modes):
            message = f"{vendor.subject} cuts over on `{alert}`, which triggers none of its modes"
            yield vendor.finding(f"{message}; use one alert", "cut_over", "alert")
    vendors = charter.named("vendors")
    for mode in modes:
        name = mode.value.vendor
        if name is not None and charter.settled("vendors") and name not in vendors:
            message = f"{mode.subject} has the vendor `{name}`, which is not defined in `vendors`"
            yield mode.finding(f"{message}; define it or correct the id", "vendor")
        if mode.value.behaviour != "fallback-vendor":
            continue
        if name is None:
            message = f"{mode.subject} uses a fallback vendor but names no vendor; set `vendor`"
            yield mode.finding(message, "vendor")
        elif name in vendors and vendors[name].value.fallback not in vendors:
            message = f"{mode.subject} uses a fallback vendor, but `{name}` has none"
            yield mode.finding(f"{message}; correct one of them", "behaviour")
