"""What would help a gate without a number: the result that was meant."""

import pytest

from mlcharter.formats.report import Key
from mlcharter.gate.advice import nearest_result

AUC: Key = ("auc", "wdbc", "all", None)
PRODUCED: dict[str, list[Key]] = {
    "auc": [AUC, ("auc", "wdbc", "women", None), ("auc", "wdbc", "all", "logreg")],
    "brier": [("brier", "wdbc", "all", None)],
}


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        (("auc", "wdbc", "woman", None), "auc on wdbc, slice all"),
        (("auc", "wdbc", "women", "logreg"), "auc on wdbc, slice women"),
        (("auc", "other", "all", "logreg"), "auc on wdbc, slice all, against logreg"),
        (("brierr", "wdbc", "all", None), "brier on wdbc, slice all"),
        (("recall", "wdbc", "all", None), None),
    ],
)
def test_the_nearest_result_is_of_the_metric_that_was_meant(key: Key, meant: str | None) -> None:
    assert nearest_result(key, PRODUCED) == meant


def test_nothing_is_near_where_nothing_was_produced() -> None:
    assert nearest_result(AUC, {}) is None


def test_of_very_many_results_only_the_first_are_compared() -> None:
    many: list[Key] = [("auc", "wdbc", f"s{n}", None) for n in range(1000)]

    assert nearest_result(("auc", "wdbc", "s199", "x"), {"auc": many}) == "auc on wdbc, slice s199"
    assert nearest_result(("auc", "wdbc", "s200", "x"), {"auc": many}) == "auc on wdbc, slice s0"
