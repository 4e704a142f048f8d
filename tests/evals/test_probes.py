"""Leak probes work on mixed columns with gaps, find planted leaks, and accept honest procedures."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcharter.evals import columns, probes, splits

ROWS = 120
LABELS = pd.Series(
    np.random.default_rng(4).choice(["deny", "grant"], ROWS), index=np.arange(ROWS) + 7
)


def mixed() -> pd.DataFrame:
    """Features of every type with gaps, which say nothing about the label."""
    generator = np.random.default_rng(5)
    gaps = generator.random(ROWS) < 0.2
    return pd.DataFrame(
        {
            "income": np.where(gaps, np.nan, generator.normal(size=ROWS)),
            "county": pd.Series(generator.choice(["a", "b", "ü"], ROWS)).where(~gaps).to_numpy(),
            "grade": pd.Categorical(generator.choice(["x", "y"], ROWS)),
            "asked": pd.date_range("2026-01-01", periods=ROWS).where(~gaps),
            "mixed": np.array([1, "1", None] * (ROWS // 3), dtype=object),
        },
        index=LABELS.index,
    )


def model() -> object:
    return make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())


def honest(table: pd.DataFrame, labels: pd.Series) -> float:
    values = columns.encoded(table)
    return float(cross_val_score(model(), values, labels, scoring="roc_auc").mean())


def selecting_first(table: pd.DataFrame, labels: pd.Series) -> float:
    """A leak: the selection sees the labels of the rows that are tested later."""
    kept = SelectKBest(k=5).fit_transform(np.nan_to_num(columns.encoded(table)), labels)
    return float(cross_val_score(model(), kept, labels, scoring="roc_auc").mean())


def test_an_honest_procedure_scores_chance_with_shuffled_labels() -> None:
    scores = probes.shuffled_labels(honest, mixed(), LABELS, seed=1, repeats=10)

    assert scores.shape == (10,)
    assert scores.mean() == pytest.approx(0.5, abs=0.08)


def test_shuffled_labels_are_the_same_labels_in_another_order() -> None:
    seen = []

    def remember(table: pd.DataFrame, labels: pd.Series) -> float:
        seen.append(labels)
        return 0.0

    table = mixed()
    probes.shuffled_labels(remember, table, LABELS, seed=1, repeats=2)

    assert all(sorted(s) == sorted(LABELS) and s.index.equals(LABELS.index) for s in seen)
    assert not seen[0].equals(LABELS) and not seen[0].equals(seen[1])


def test_noise_tells_selection_before_the_folds_from_an_honest_procedure() -> None:
    leaky = probes.noise_features(selecting_first, LABELS, seed=1, width=300, repeats=3)
    fair = probes.noise_features(honest, LABELS, seed=1, width=20, repeats=6)

    assert leaky.min() > 0.65
    assert fair.mean() == pytest.approx(0.5, abs=0.08)


def test_a_column_that_holds_the_label_is_first() -> None:
    table = mixed().assign(reason=np.where(LABELS == "deny", "too little income", None))

    scores = probes.column_scores(table, LABELS)

    assert scores.index[0] == "reason" and scores.iloc[0] == 1.0
    assert scores.iloc[1] < 0.35


def test_a_column_that_holds_a_number_to_predict_is_first() -> None:
    target = pd.Series(np.random.default_rng(6).normal(size=ROWS), index=LABELS.index)
    table = mixed().assign(copy=np.sign(target) * np.abs(target))

    scores = probes.column_scores(table, target, kind="number")

    assert scores.index[0] == "copy" and scores.iloc[0] > 0.8 and scores.iloc[1] < 0.2


def test_a_missing_label_is_refused() -> None:
    with pytest.raises(ValueError, match="1 labels are missing"):
        probes.column_scores(mixed(), LABELS.where(LABELS.index != 7))


def test_a_random_split_cannot_be_told_and_one_by_time_can() -> None:
    table = mixed()
    random = splits.by_group(range(ROWS), share=0.5, salt="a")
    later = splits.by_time(pd.Series(range(ROWS)), cutoff=ROWS // 2)

    assert probes.side_auc(table, random) == pytest.approx(0.5, abs=0.15)
    assert probes.side_auc(table, later) > 0.9


def test_columns_become_numbers_with_gaps() -> None:
    table = pd.DataFrame(
        {
            "number": pd.array([3, None], dtype="Int64"),
            "text": ["a", None],
            "yes": [True, False],
            "date": pd.to_datetime(["1970-01-02", None]),
            "aware": pd.to_datetime(["1970-01-02", None]).tz_localize("Asia/Tokyo"),
            "length": pd.to_timedelta(["1min", None]),
            "mixed": np.array([1, "1"], dtype=object),
        }
    )

    assert np.nan_to_num(columns.encoded(table), nan=-1).T.tolist() == [
        [3, -1],
        [0, -1],
        [0, 1],
        [86400, -1],
        [86400 - 9 * 3600, -1],
        [60, -1],
        [0, 1],
    ]


def test_a_column_without_any_value_tells_nothing() -> None:
    table = mixed().assign(empty=np.nan, text=pd.Series([None] * ROWS, LABELS.index, dtype=object))
    split = splits.by_group(range(ROWS), share=0.5, salt="a")

    assert probes.column_scores(table, LABELS)[["empty", "text"]].tolist() == [0, 0]
    assert probes.side_auc(table, split) == probes.side_auc(mixed(), split)
    assert probes.side_auc(table[["empty"]], split) == pytest.approx(0.5, abs=0.05)
    once = table[["empty"]].assign(once=[1.0] + [np.nan] * (ROWS - 1))
    assert probes.side_auc(once, split) == pytest.approx(0.5, abs=0.05)
