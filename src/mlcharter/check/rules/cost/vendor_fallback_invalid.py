"""A vendor's fallback is undefined, the vendor itself, or part of a cycle.

If the vendor fails, nothing takes over its traffic.

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: south, ceiling: 900, currency: EUR, period: month,
        requests_per_minute: 60, tokens_per_minute: null, cut_over: {alert: north-down,
        after_failures: 3}, evidence: reports/a.log}
    - {id: south, role: generation, fallback: north, ceiling: 900, currency: EUR, period: month,
        requests_per_minute: 60, tokens_per_minute: null, cut_over: {alert: south-down,
        after_failures: 3}, evidence: reports/a.log}
    ```

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: vendors -->
    ```yaml
    - {id: north, role: generation, fallback: south, ceiling: 900, currency: EUR, period: month,
        requests_per_minute: 60, tokens_per_minute: null, cut_over: {alert: north-down,
        after_failures: 3}, evidence: reports/a.log}
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

from collections.abc import Iterator, Mapping

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    vendors = charter.named("vendors")
    modes = charter.named("degrade_modes")
    for vendor in charter.entries("vendors"):
        name, fallback = vendor.value.id, vendor.value.fallback
        if fallback == name:
            message = (
                f"{vendor.subject} falls back to itself; name another vendor or a degrade mode"
            )
            yield vendor.finding(message, "fallback")
        elif fallback in vendors:
            if _is_in_cycle(name, vendors):
                message = (
                    f"the fallbacks of {vendor.subject} form a cycle; end them in a degrade mode"
                )
                yield vendor.finding(message, "fallback")
        elif fallback not in modes and charter.settled("degrade_modes"):
            message = f"{vendor.subject} falls back to `{fallback}`, which is not defined"
            why = "in `vendors` or `degrade_modes`; define it or correct the id"
            yield vendor.finding(f"{message} {why}", "fallback")


def _is_in_cycle(start: str, vendors: Mapping[str, Entry]) -> bool:
    seen: set[str] = set()
    current = start
    while current in vendors and current not in seen:
        seen.add(current)
        current = vendors[current].value.fallback
    return current == start
