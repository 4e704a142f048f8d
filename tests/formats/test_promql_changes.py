"""Whether an alert fires less after a change of its expression."""

import pytest

from mlcharter.formats.promql_changes import compare_firing

RATIO = "sum(rate(bad[5m])) / sum(rate(all[5m]))"

CHANGES = [
    ("a > 5", "a > 6", "less"),
    ("a > 5", "a > 4", "more"),
    ("a >= 5", "a >= 6", "less"),
    ("a < 5", "a < 4", "less"),
    ("a < 5", "a < 6", "more"),
    ("5 < a", "6 < a", "less"),
    ("5 > a", "6 > a", "more"),
    ("a > -3", "a > -2", "less"),
    ("a > 5", "(a) > (5)", "unknown"),
    ("a > 5", "a > 5 # comment", "same"),
    ("a>5", "a  > 5.0", "same"),
    (f"{RATIO} > 14.4 * 0.001", f"{RATIO} > 14.4 * 0.01", "less"),
    (f"{RATIO} > 14.4 * (1 - 0.999)", f"{RATIO} > 14.4 * (1 - 0.99)", "less"),
    (f"{RATIO} > 14.4 * 0.001", f"{RATIO} > 0.0288", "less"),
    ("a > 5 and b > 1", "a > 5 and b > 2", "less"),
    ("a > 5 or b > 1", "a > 5 or b > 2", "less"),
    ("a > 5 and b > 1", "a > 4 and b > 2", "less"),  # one of the two fires less
    ("a > 5 and b > 1", "a > 4 and b > 0", "more"),
    ("a > 5 unless b > 1", "a > 6 unless b > 1", "less"),
    ("a > 5 unless b > 1", "a > 5 unless b > 0", "unknown"),
    ("a > 5 and b > 1", "a > 5 or b > 1", "unknown"),
    ("a > 5", "b > 5", "unknown"),
    ('a{x="1"} > 5', 'a{x="2"} > 5', "unknown"),
    ("a > 5", "a < 5", "unknown"),
    ("a == 5", "a == 6", "unknown"),
    ("a > bool 5", "a > bool 6", "unknown"),
    ("a > b", "a > b * 2", "unknown"),
    ("sum(a) by (x) > 5", "sum by (x) (a) > 6", "less"),
    ("a > 5", "a > ", "unknown"),
    # windows
    (f"{RATIO} > 0.1", f"{RATIO.replace('5m', '1h')} > 0.1", "less"),
    (f"{RATIO} > 0.1", f"{RATIO.replace('5m', '1m')} > 0.1", "unknown"),
    ("increase(a[5m]) > 3", "increase(a[1m]) > 3", "less"),
    ("increase(a[5m]) > 3", "increase(a[1h]) > 3", "more"),
    ("increase(a[5m]) < 3", "increase(a[1h]) < 3", "less"),
    ("min_over_time(a[5m]) > 3", "min_over_time(a[1h]) > 3", "less"),
    ("max_over_time(a[5m]) > 3", "max_over_time(a[1m]) > 3", "less"),
    ("increase(a[5m]) > 3", "increase(a[1h]) > 300", "less"),
    ("absent_over_time(a[5m])", "absent_over_time(a[1h])", "less"),
    ("absent_over_time(a[5m])", "absent_over_time(a[1m])", "more"),
    ("quantile_over_time(0.9, a[5m]) > 3", "quantile_over_time(0.9, a[1h]) > 3", "unknown"),
    ("quantile_over_time(0.9, a[5m]) > 3", "quantile_over_time(0.5, a[5m]) > 3", "unknown"),
    ("rate(a[5m]) > 3", "irate(a[5m]) > 3", "unknown"),
    ("max_over_time(rate(a[5m])[1h:]) > 3", "max_over_time(rate(a[5m])[1m:]) > 3", "less"),
    ('rate(a{b="[5m]"}[5m]) > 3', 'rate(a{b="[1h]"}[5m]) > 3', "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "firing"), CHANGES)
def test_an_expression_of_the_same_shape_fires_less_or_more(
    before: str, after: str, firing: str
) -> None:
    assert compare_firing(before, after) == firing
