"""A SKU has no price, or a price has no unit metric.

A SKU is a value of the label `sku` in the metrics of `unit_metrics`. A SKU without a price counts
as free, and a price that no unit metric uses is spend that no dashboard shows. A price applies from
its `effective_from` on. Its vendor must be in `vendors`; null means your own people and machines.

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
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")  # anything else is a pattern that matches several SKUs


def check(charter: Charter) -> Iterator[Finding]:
    prices = charter.entries("price_table")
    current = {p.value.sku for p in prices if p.value.effective_from <= charter.latest}
    used, sums_all = _find_skus(charter)
    for entry, sku in used:
        if charter.settled("price_table") and sku not in {p.value.sku for p in prices}:
            message = f"{entry.subject} uses the SKU `{sku}`, which has no price"
            yield entry.finding(f"{message}; add it to `price_table` or correct it", "expr")
    used_skus = {sku for _, sku in used}
    vendors = {None, *charter.named("vendors")} if charter.settled("vendors") else None
    currencies = {budget.value.currency for budget in charter.entries("budgets")}
    for price in prices:
        value = price.value
        name = f"`price_table`: the SKU `{value.sku}`"
        if value.sku not in current:
            message = f"{name} has no price before {value.effective_from}; add the current one"
            yield price.finding(message, "effective_from")
        if charter.settled("unit_metrics") and not sums_all and value.sku not in used_skus:
            message = f"{name} is not used in `unit_metrics`; use it or remove it"
            yield price.finding(message, "sku")
        if vendors is not None and value.vendor not in vendors:
            message = f"{name} has the vendor `{value.vendor}`, which is not defined in `vendors`"
            yield price.finding(f"{message}; define it, or use null for your own", "vendor")
        if charter.settled("budgets") and currencies and value.currency not in currencies:
            message = f"{name} is in {value.currency}, but no budget is"
            yield price.finding(f"{message}; correct it or add a budget", "currency")


def _find_skus(charter: Charter) -> tuple[list[tuple[Entry, str]], bool]:
    """Return each SKU that a unit metric names, and whether one sums the costs of all SKUs."""
    skus = []
    sums_all = False
    for entry in charter.entries("unit_metrics"):
        for name, labels in promql.read(entry.value.expr).selectors:
            values = [value for label, value in sorted(labels) if label == "sku"]
            plain = [sku for sku in values if _PLAIN.fullmatch(sku)]
            skus += [(entry, sku) for sku in plain]
            sums_all = sums_all or ("cost" in name and not plain)
    return skus, sums_all
