"""A whole eval on mixed columns with gaps, as a team writes it; its gates see defects."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import OrdinalEncoder

from mlcharter.evals import defects, digests, metrics, probes, splits
from mlcharter.evals.reports import Report
from mlcharter.formats import report as format_
from mlcharter.gate import engine
from mlcharter.support import plugins

FEATURES = ["income", "county", "asked"]


def loans() -> pd.DataFrame:
    """Synthetic applications: two a person, numbers, text and dates with gaps, three outcomes."""
    generator = np.random.default_rng(9)
    n = 400
    score = generator.normal(size=n)
    county = np.where(score + generator.normal(size=n) > 0, "north", "süd").astype(object)
    county[generator.random(n) < 0.1] = None
    income = score * 10 + generator.normal(size=n) * 3
    income[generator.random(n) < 0.1] = np.nan
    outcome = pd.cut(score, [-9, -0.5, 0.5, 9], labels=["deny", "review", "grant"]).astype(str)
    return pd.DataFrame(
        {
            "person": np.arange(n) // 2,
            "income": income,
            "county": county,
            "asked": pd.date_range("2026-01-01", periods=n, freq="h"),
            "outcome": outcome,
        }
    )


def predicted(table: pd.DataFrame, split: splits.Split) -> np.ndarray:
    train, test = table[split.train], table[split.test]
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer(
        (encode, ["county"]), ("passthrough", make_column_selector(dtype_include="number"))
    )
    used = ["income", "county"]
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0)
    model.fit(columns.fit_transform(train[used]), train["outcome"])
    found: np.ndarray = model.predict(columns.transform(test[used]))
    return found


def measured(table: pd.DataFrame) -> bytes:
    """The report of the eval."""
    split = splits.by_group(table["person"], share=0.5, salt="loans-1")
    test = table[split.test]
    duplicates = splits.near_duplicates(table[FEATURES], split, tolerance=0.001)
    report = Report("applied", seed=7)
    report.add_dataset("loans-test", digests.frame(test), rows=len(test))
    accuracy = metrics.estimate(
        "multi-class",
        "balanced-accuracy",
        test["outcome"],
        predicted(table, split),
        clusters=test["person"],
        unit="person",
        seed=7,
        resamples=200,
    )
    report.add("balanced-accuracy", "loans-test", accuracy)
    report.add_count("duplicates", "loans-test", len(np.unique(duplicates[:, 0])), n=len(test))
    return json.dumps(report.content(command="python -m evals.applied")).encode()


def verdicts(report: format_.Report) -> dict[str, str]:
    """What the gates "at least 0.6" and "no duplicates" say."""
    common = {"dataset": "loans-test", "slice": "all", "min_n": 50, "on_fail": "block"}
    common |= {"decided_on": datetime.date(2026, 11, 1), "rationale": "a reason"}
    accuracy = {"id": "accurate", "metric": "balanced-accuracy", "op": ">=", "threshold": 0.6}
    duplicates = {"id": "no-near-duplicates", "metric": "duplicates", "op": "<=", "threshold": 0}
    by = {"unit": "ratio", "produced_by": "evals/applied.py"}
    dataset = {"id": "loans-test", "uri": "data/loans.csv", "licence": "CC0-1.0"}
    data = {"sha256": report.datasets[0].sha256, "rows": report.datasets[0].rows}
    about = {"card": "x.md", "synthetic": 1.0, "split": {"kind": "group", "key": "person"}}
    about["split"]["sha256"] = None  # type: ignore[index]
    blocks: dict[str, Any] = {
        "gates": [
            {**accuracy, **common, "bound": "lower95"},
            {**duplicates, **common, "bound": "point"},
        ],
        "metrics": [
            {"id": "balanced-accuracy", "direction": "up", "method": "bootstrap", **by}
            | {"resample": "person"},
            {"id": "duplicates", "direction": "down", "method": "exact", "resample": "row", **by},
        ],
        "slices": [
            {"id": "all", "dataset": "loans-test", "where": "all", "min_n": 50, "protected": False}
            | {"alert": None}
        ],
        "datasets": [{**dataset, **data, **about}],
    }
    configs = {
        kind: msgspec.convert(value, plugins.load_one("mlcharter.charter.config", kind).MODEL)
        for kind, value in blocks.items()
    }
    found = engine.decide(configs, {"applied": report}, {}, datetime.date(2026, 12, 1))
    return {verdict.gate: verdict.reason for verdict in found}


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (lambda table: table, {"accurate": "holds", "no-near-duplicates": "holds"}),
        (
            lambda table: table.assign(outcome=defects.shuffle_labels(table["outcome"], seed=1)),
            {"accurate": "missed", "no-near-duplicates": "holds"},
        ),
        (
            lambda table: defects.blank_column(
                defects.blank_column(table, "income", share=0.9),
                "county",
                share=0.9,
                seed=1,
            ),
            {"accurate": "missed", "no-near-duplicates": "holds"},
        ),
        (
            lambda table: defects.duplicate_rows(table, share=0.2, seed=1).assign(
                person=lambda doubled: np.arange(len(doubled)) // 2
            ),
            {"accurate": "holds", "no-near-duplicates": "missed"},
        ),
    ],
    ids=["sound", "labels shuffled", "features missing", "rows doubled"],
)
def test_the_gate_passes_a_sound_system_and_sees_each_defect(
    broken: Callable[[pd.DataFrame], pd.DataFrame], expected: dict[str, str]
) -> None:
    report = format_.parse(measured(broken(loans())), "reports/applied.json")

    assert verdicts(report) == expected


def test_leak_probes_take_the_same_table() -> None:
    table = loans()
    leaky = defects.leak_target(table[FEATURES], table["outcome"], name="decision")

    assert probes.column_scores(leaky, table["outcome"]).index[0] == "decision"
    assert probes.column_scores(table[FEATURES], table["outcome"]).iloc[0] < 0.9
