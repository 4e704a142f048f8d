"""Something is counted that has no price, or has a price and is not counted.

A sku is the label `sku` of the metrics that unit costs sum. One without a price costs nothing in
every number, and one that nothing sums is paid for and not seen. A price that has not come into
effect yet is none, and a vendor of a price stands in `vendors` (null for what is our own).

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: spend, expr: "sum(increase(cost_total{sku='serving'}[30d]))", unit: EUR, otel: null,
        focus: []}
    ```

    <!-- config: price_table -->
    ```yaml
    - {sku: server, vendor: null, unit: hour, price: 2.0, currency: EUR,
        effective_from: 2026-01-01, source: "agreement of 2025"}
    ```

Flagged:

    --- cost/cost_dashboard_spec.md
    <!-- config: price_table -->
    ```yaml
    - {sku: serving, vendor: north, unit: hour, price: 2.0, currency: EUR,
        effective_from: 2027-01-01, source: "agreement of 2026"}
    ```

Fine:

    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: spend, expr: "sum(increase(cost_total{sku='serving'}[30d]))", unit: EUR, otel: null,
        focus: []}
    ```

    <!-- config: price_table -->
    ```yaml
    - {sku: serving, vendor: null, unit: hour, price: 2.0, currency: EUR,
        effective_from: 2026-01-01, source: "agreement of 2025"}
    - {sku: serving, vendor: null, unit: hour, price: 2.2, currency: EUR,
        effective_from: 2027-01-01, source: "agreement of 2026"}
    ```
"""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")  # anything else is a pattern that stands for several


def check(charter: Charter) -> Iterator[Finding]:
    prices = charter.entries("price_table")
    current = {p.value.sku for p in prices if p.value.effective_from <= charter.latest}
    counted, whole = _counted(charter)
    for entry, sku in counted:
        if charter.settled("price_table") and sku not in {p.value.sku for p in prices}:
            message = f"{entry.subject} counts the sku `{sku}`, which has no price"
            yield entry.finding(f"{message}; add it to `price_table`, or correct it", "expr")
    known = {sku for _, sku in counted}
    vendors = {None, *charter.named("vendors")} if charter.settled("vendors") else None
    currencies = {budget.value.currency for budget in charter.entries("budgets")}
    for price in prices:
        value = price.value
        name = f"`price_table`: the sku `{value.sku}`"
        if value.sku not in current:
            message = f"{name} has no price before {value.effective_from}; add today's"
            yield price.finding(message, "effective_from")
        if charter.settled("unit_metrics") and not whole and value.sku not in known:
            message = f"{name} is counted by no unit metric; count it, or remove it"
            yield price.finding(message, "sku")
        if vendors is not None and value.vendor not in vendors:
            message = f"{name} is of `{value.vendor}`, which is not in `vendors`"
            yield price.finding(f"{message}; add it, or give null for your own", "vendor")
        if charter.settled("budgets") and currencies and value.currency not in currencies:
            message = f"{name} is in {value.currency}, in which there is no budget"
            yield price.finding(f"{message}; correct it, or budget it", "currency")


def _counted(charter: Charter) -> tuple[list[tuple[Entry, str]], bool]:
    """Each sku that a unit metric names, and whether one sums costs without naming each sku."""
    found = []
    whole = False
    for entry in charter.entries("unit_metrics"):
        for name, labels in promql.read(entry.value.expr).selectors:
            skus = [value for label, value in sorted(labels) if label == "sku"]
            plain = [sku for sku in skus if _PLAIN.fullmatch(sku)]
            found += [(entry, sku) for sku in plain]
            whole = whole or ("cost" in name and not plain)
    return found, whole
