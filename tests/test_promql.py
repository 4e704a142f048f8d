"""What is read out of a PromQL expression, and how it is refused."""

import pytest

from mlcharter.formats import promql
from mlcharter.formats.promql import Comparison


def test_an_expression_tells_its_metrics_labels_windows_and_limits() -> None:
    query = promql.read(
        'sum by (site) (rate(refused_total{why!="late"}[1h]))'
        " / sum by (site) (rate(seen_total[1h]))"
        " > 14.4 * (1 - 0.99) or absent(seen_total offset 5m)"
    )

    assert query.problem is None
    assert query.metrics == ("refused_total", "seen_total")
    assert query.labels == {("why", "late")}
    assert query.windows == (3600, 3600)
    [comparison] = query.comparisons
    assert comparison.limit == pytest.approx(0.144)
    assert comparison.windows == (3600, 3600)
    assert query.condition


@pytest.mark.parametrize(
    ("expression", "limits"),
    [
        ("a > 700 or a > 1120", [700, 1120]),
        ("a > (14.4 * 0.01) and b > (14.4 * 0.01)", [0.144, 0.144]),
        ("a > 0.5 * b", []),
        ("a > 1 + b", []),
        ("(a > 5) * 2", [5]),
        ("a > bool 1e3", [1000]),
    ],
)
def test_a_limit_is_a_product_of_constants(expression: str, limits: list[float]) -> None:
    found = [comparison.limit for comparison in promql.read(expression).comparisons]
    assert found == pytest.approx(limits)


def test_comparisons_that_hold_together_share_a_group() -> None:
    query = promql.read("rate(a[6h]) > 6 and rate(a[30m]) > 6 or rate(a[1h]) > 14")

    assert query.comparisons == (
        Comparison(">", (6.0,), (21600.0,), 0),
        Comparison(">", (6.0,), (1800.0,), 0),
        Comparison(">", (14.0,), (3600.0,), 1),
    )


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "lacks a value before its end"),
        ("sum(a", "has a parenthesis that is not closed"),
        ("sum(a))", "closes a parenthesis that was not opened"),
        ("a b", "lacks an operator before `b`"),
        ("a > > 1", "lacks a value before `>`"),
        ("a, b", "lacks an operator before `,`"),
        ("a{b=1}", "has a label `b` without a value in quotes"),
        ("a{b='c'", "lacks `}` before its end"),
        ("rate(a[soon])", "has `[soon]` for a window; write one such as `[5m]`"),
        ("a offset b", "lacks a duration before `b`"),
        ("sum by (a) b", "lacks `(` before `b`"),
        ('a{b="c}', 'cannot be read from `"c}` on'),
        ("suum(a)", "calls `suum`, which PromQL does not have"),
        ("12month", "cannot be read from `12month` on"),
    ],
)
def test_what_is_no_promql_is_refused(expression: str, problem: str) -> None:
    assert promql.read(expression).problem == problem


@pytest.mark.parametrize("piece", ["(", "a{", '"', "-", "a + ", "[", "sum by (", "1 * ", "5m"])
def test_a_long_hostile_expression_is_refused(piece: str) -> None:
    assert promql.read(piece * 50_000).problem


@pytest.mark.parametrize(
    ("duration", "seconds"), [("90s", 90), ("28d", 2419200), ("1h30m", 5400), ("500ms", 0.5)]
)
def test_a_duration_is_told_in_seconds(duration: str, seconds: float) -> None:
    assert promql.seconds(duration) == seconds


def test_blanks_do_not_make_another_expression() -> None:
    assert promql.normal("sum( a )>1 # note") == promql.normal("sum(a) > 1")
