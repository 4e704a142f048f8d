"""Metrics of the evaluation on cases that were worked out by hand."""

from evals import _platform_load as load

TOGETHER = 14
WORK = 0.1


def test_a_percentile_is_the_smallest_value_that_a_share_does_not_exceed() -> None:
    values = [float(number) for number in range(100)]
    assert load.percentile(values, 0.5) == 50
    assert load.percentile(values, 0.99) == 99
    assert load.percentile([], 0.99) == 0


def test_of_fourteen_at_once_four_work_eight_wait_and_two_are_refused() -> None:
    """Work of 0.1 s on four slots: four answers after 0.1 s, four after 0.2 s, four after 0.3 s."""
    found = load.loaded([(0.0, WORK)] * TOGETHER, 1.0)
    assert round(found.refused, 4) == round(2 / TOGETHER, 4)
    assert found.queue_peak == 8
    assert round(found.p50, 2) == 0.2
    assert round(found.p99, 2) == 0.3
    assert found.refusal == 0
    assert round(found.goodput, 2) == round(12 / (load.CAPACITY * 0.3), 2)
