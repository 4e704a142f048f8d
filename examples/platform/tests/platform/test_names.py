"""Which metric names an expression asks for."""

import pytest

from slip_reader.serving.signals import Signals

from evals import _platform_names as names
from evals._platform_parts import Renamed


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("up", {"up"}),
        ('rate(a_total{mode=~"x|y"}[5m]) / rate(b_count[5m]) > 0.01', {"a_total", "b_count"}),
        ("max by (backend, site) (state) > 0", {"state"}),
        ("a > 14.4 * (1 - 99.5e-2) and b > 1e-3", {"a", "b"}),
        ("a unless on (job) b offset 5m", {"a", "b"}),
        ("job:a:rate5m > bool 1", {"job:a:rate5m"}),
    ],
)
def test_metrics_are_told_from_labels(expression: str, asked: set[str]) -> None:
    assert names.queried(expression) == asked


def test_a_renamed_metric_is_missed_and_told() -> None:
    assert names.exported(Signals()) - names.exported(Renamed()) == {"admission_waiting"}
    assert names.exported(Renamed()) - names.exported(Signals()) == {"queue_length"}


def test_samples_of_one_metric_are_one_family() -> None:
    said = [names.family(f"x_seconds{ending}") for ending in names.PARTS]
    assert set(said) == {"x_seconds"}
