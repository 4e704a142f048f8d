"""The size and the price of the platform, worked out by hand."""

import pytest
from slip_reader.capacity import DEMAND, MONTH_HOURS, Demand, price_month

from tests.records import block, entries, read

CAPACITY = 200.0  # requests a second of one instance: 4 slots, 20 ms each


def test_the_peak_is_a_quarter_of_three_instances_and_too_much_for_one() -> None:
    assert DEMAND.peak == 150
    assert DEMAND.busy(3, CAPACITY) == 0.25
    assert DEMAND.busy(2, CAPACITY) == 0.375
    assert DEMAND.busy(1, CAPACITY) == 0.75


@pytest.mark.parametrize(("factor", "instances"), [(1, 3), (2, 5), (3, 6)])
def test_enough_instances_are_left_when_a_zone_is_gone(factor: int, instances: int) -> None:
    """At three times the load, 450 a second need four instances at 70 %, and six of which a third
    is gone."""
    grown = Demand(90.0 * factor, 60.0 * factor, 800_000 * factor).sized(CAPACITY)
    assert grown.instances == instances
    assert grown.busy(grown.instances * 2 // 3, CAPACITY) <= 0.75


def test_an_error_budget_is_a_count_of_requests() -> None:
    assert DEMAND.window() == 16_000_000
    assert DEMAND.budget(0.995) == 80_000
    assert DEMAND.budget(0.99) == 160_000


def test_a_month_adds_up() -> None:
    lines = {name: count * price for name, count, _, price in price_month(DEMAND)}
    assert MONTH_HOURS == 730
    assert {name: round(value, 2) for name, value in lines.items()} == {
        "serving": 98.55,
        "canary": 1.8,
        "continuous integration": 2.7,
        "metrics and logs": 3.0,
    }
    assert round(sum(lines.values()), 2) == 106.05


def test_the_price_is_the_one_in_the_expressions_and_in_the_text() -> None:
    prices = {name: price for name, _, _, price in price_month(DEMAND)}
    units = {one["id"]: one["expr"] for one in entries("cost/cost_dashboard_spec.md", "unit_metrics")}
    text = read("cost/cost_dashboard_spec.md")
    assert f"/ 120 * {prices['serving']}" in units["serving-spend"]
    assert f"/ 120 * {prices['serving']} /" in units["spend-per-thousand"]
    assert f"{prices['serving']} EUR for an hour" in text
    assert f"{prices['metrics and logs']:.2f} EUR for a GB-month" in text


def test_the_plan_is_below_the_first_warning_and_a_fourth_instance_above_it() -> None:
    [budget] = entries("cost/cost_dashboard_spec.md", "budgets")
    first = budget["warn_at"][0] * budget["amount"]
    assert 3 * 720 * 0.045 < first < 4 * 720 * 0.045


def test_the_objectives_are_those_of_the_runbook() -> None:
    targets = {one["name"]: one["target"] for one in entries("ops/runbook.md", "slos")}
    assert targets == {"availability": 0.995, "full-answers": 0.99, "latency": 0.99}
    assert block("ops/runbook.md", "rollback")["rto"] == "5m"
    assert "800,000 requests" in read("docs/design_doc.md")
