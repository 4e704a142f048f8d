"""Numbers of the evidence that no report has: `python evidence/study.py`, in the whole repository.

Calibration by outline, the cost of each threshold on held-out training rows, the first release on
the test rows, and the gated metrics on ten other splits. It takes some minutes.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from biopsy_triage import worklist
from biopsy_triage.applied import system
from mlcharter.evals import calibration, metrics
from mlcharter.evals.baselines import BASELINES
from mlcharter.evals.metrics import METRICS
from mlcharter.evals.supervised import Evaluation, System
from sklearn.model_selection import StratifiedKFold

SEED = 7
FIRST = Path("reports/released/2026-10-model.json")


def calibration_by_slice(done: Evaluation) -> None:
    for name, rows in done.system.slices(done.tested).items():
        found = calibration.estimate_ece(
            done.truth[rows], done.predicted[rows], unit="row", seed=SEED
        )
        print(f"{name}: {found.value:.3f} [{found.lower:.3f}, {found.upper:.3f}]")


def cost_by_threshold(done: Evaluation) -> None:
    """Four for a malignant mass at or below the threshold, one for a benign one above it."""
    rows = done.trained[done.system.features]
    truth = done.system.coded(done.trained[done.system.target])
    held_out = np.zeros(len(rows))
    for learn, judge in StratifiedKFold(5, shuffle=True, random_state=SEED).split(rows, truth):
        model = done.system.build().fit(rows.iloc[learn], truth[learn])
        held_out[judge] = model.predict_proba(rows.iloc[judge])[:, 1]
    for threshold in (0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50):
        missed = int(((held_out <= threshold) & (truth == 1)).sum())
        taken = int(((held_out > threshold) & (truth == 0)).sum())
        print(f"{threshold:.2f}: {4 * missed + taken}")


def first_release(done: Evaluation) -> None:
    """The Brier score of the rule with one measure, by outline."""
    model = worklist.read_model(FIRST, hashlib.sha256(FIRST.read_bytes()).hexdigest())
    rows = done.tested[done.system.features].to_dict("records")
    said = np.array([model.probability(row) for row in rows])
    for name, part in done.system.slices(done.tested).items():
        found = metrics.estimate(
            "binary", "brier", done.truth[part], said[part], unit="row", seed=SEED
        )
        print(f"{FIRST.stem}, {name}: {found.value:.3f} [{found.lower:.3f}, {found.upper:.3f}]")


def spread(salt: str) -> dict[str, Any]:
    """The gated metrics on another split, as a row of seed-spread-2026-11.csv."""
    done = Evaluation(System.read(system, salt=salt), seed=SEED)
    auc, brier = (METRICS["binary"][name] for name in ("auc", "brier"))
    own = auc.score(done.truth, done.predicted)
    row = {
        "auc": own,
        "brier": brier.score(done.truth, done.predicted),
        "calibration_error": calibration.ece(done.truth, done.predicted),
    }
    features, target = done.trained[done.system.features], done.trained[done.system.target]
    for baseline, column in (("one-column", "over_one_column"), ("boosted", "beside_boosted")):
        other = BASELINES[baseline]("binary", SEED).fit(features, target)
        row[f"auc_{column}"] = own - auc.score(
            done.truth, done.system.predict(other, done.tested)
        )
    for name, rows in done.system.slices(done.tested).items():
        row[name.replace("outline-", "brier_")] = brier.score(
            done.truth[rows], done.predicted[rows]
        )
    return {"salt": salt, "test_rows": len(done.truth)} | {k: f"{v:.4f}" for k, v in row.items()}


def main() -> None:
    done = Evaluation(System.read(system), seed=SEED)
    calibration_by_slice(done)
    cost_by_threshold(done)
    first_release(done)
    for number in range(1, 11):
        print(*spread(f"wdbc-spread-{number}").values(), sep=",", flush=True)


if __name__ == "__main__":
    main()
