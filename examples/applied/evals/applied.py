"""Measures the applied track: `python -m evals.applied`.

What is measured is `applied/system.py` of the package. Writes reports/applied.json with two
pictures, and the model as plain numbers into reports/applied/model.json.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd
from mlcharter.evals import defects, digests, running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report
from mlcharter.evals.supervised import ERROR, SCORE, Evaluation, System, by_row, within

from biopsy_triage.applied import system

SEED = 7
PACKAGES = ["numpy", "pandas", "scikit-learn", "scipy"]
INPUTS = Inputs.read(
    [
        "evals/__init__.py",
        "evals/applied.py",
        "src/biopsy_triage/*.py",
        "src/biopsy_triage/applied/**/*.py",
    ]
)


@cache
def own() -> System:
    """The system of this repository, with its rows."""
    return System.read(system)


def measure(folder: Path) -> Report:
    """Measure everything, and draw it."""
    done = Evaluation(own(), seed=SEED).quality().against().by_group().calibration()
    done.near_duplicates().best_column().shuffled_labels().draw(folder)
    if export := getattr(system, "export", None):
        path = folder / "applied/model.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(digests.canonical(export(done.model)))
        place = "reports/applied/model.json"
        done.report.add_artifact("model", "applied", digests.file(path), place)
    return done.report


def broken(**place: Any) -> Evaluation:
    """Return an evaluation of the system that is broken at one place."""
    return Evaluation(own(), seed=SEED, **place)


def labels_shuffled(rows: pd.DataFrame) -> pd.DataFrame:
    """A join that lost its key: every training row has another row's label."""
    labels = rows[own().target]
    return rows.assign(**{own().target: defects.shuffle_labels(labels, seed=SEED)})


def joined_by_position(rows: pd.DataFrame) -> pd.DataFrame:
    """Each row arrives with the features of another one, half of the table away."""
    return defects.shift_rows(rows, own().features, by=len(rows) // 2)


def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows are doubled, as is done to balance classes, before they are split."""
    return defects.duplicate_rows(rows, share=0.2, seed=SEED)


def known_afterwards(rows: pd.DataFrame) -> pd.DataFrame:
    """The first column is filled in when the outcome is known."""
    labels = rows[own().target]
    return defects.overwrite_with_labels(rows, labels, own().features[:1])


def encoded_before_the_split(features: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Every column is encoded by the labels of all rows, test rows included."""
    return defects.overwrite_with_labels(features, labels, own().features)


def in_group(name: str) -> Report:
    """In one group only, rows arrive with the features of others."""
    return broken(test=within(own(), name, joined_by_position)).by_group(name).report


answers_mixed_up = partial(defects.shuffle_predictions, seed=SEED)
unsure = partial(defects.overconfident, factor=0.2)


def find_defects() -> dict[str, Callable[[], Report]]:
    """By gate, the system with the defect that the gate is there to find."""
    score, error = SCORE[own().kind], ERROR[own().kind]  # such as auc and brier
    found: dict[str, Callable[[], Report]] = {
        f"{score}-overall": lambda: broken(train=labels_shuffled).quality().report,
        f"{score}-over-one-column": lambda: (
            broken(test=joined_by_position).against("one-column").report
        ),
        f"{score}-beside-boosted": lambda: (
            broken(predictions=answers_mixed_up).against("boosted").report
        ),
        f"{error}-overall": lambda: broken(predictions=answers_mixed_up).quality().report,
        **{f"{error}-{name}": partial(in_group, name) for name in own().slices(own().table)},
        "no-near-duplicates": lambda: (
            broken(before_split=doubled, split=by_row).near_duplicates().report
        ),
        "no-column-tells-all": lambda: broken(before_split=known_afterwards).best_column().report,
        "probe-shuffled-labels": lambda: (
            broken(leak=encoded_before_the_split).shuffled_labels().report
        ),
    }
    if own().costs:
        found["cost-overall"] = lambda: broken(predictions=answers_mixed_up).quality().report
    if own().kind != "regression":
        found["calibration-overall"] = lambda: broken(predictions=unsure).calibration().report
    return found


if __name__ == "__main__":
    running.main("evals.applied", measure, find_defects, inputs=INPUTS, packages=PACKAGES)
