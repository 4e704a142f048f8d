"""A team puts its own table into a new repository of the track `applied`.

The tables are those of packages on PyPI: the penguins of `palmerpenguins` as they were measured,
with gaps, dates, ids and remarks, and the diabetes patients of scikit-learn.
"""

import shutil
from importlib import resources
from pathlib import Path

import pytest
from journey import Team

pytestmark = pytest.mark.journey

DIABETES = '''"""How far diabetes has progressed after a year, from what was measured before."""

from typing import Any

import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DATASET = "patients"
TARGET = "target"
KIND = "regression"
GROUPS = ["sex"]


def load() -> pd.DataFrame:
    """Return one row a patient."""
    table: pd.DataFrame = load_diabetes(as_frame=True, scaled=False).frame
    return table


def build() -> Any:
    """Return the unfitted estimator."""
    return make_pipeline(StandardScaler(), RidgeCV())
'''
DATASETS = """\
- id: patients
  uri: pkg:pypi/scikit-learn#sklearn.datasets.load_diabetes
  sha256: {zeros}
  rows: 1
  licence: BSD-3-Clause
  card: docs/cards/data_patients.md
  split: {{kind: group, key: content, sha256: {zeros}}}
  synthetic: 0.0
""".format(zeros="0" * 64)
METRICS = """\
- {id: r2, unit: ratio, direction: up, method: bootstrap, resample: row,
   produced_by: evals/applied.py}
- {id: mae, unit: points, direction: down, method: bootstrap, resample: row,
   produced_by: evals/applied.py}
- {id: best-column-score, unit: ratio, direction: down, method: exact, resample: none,
   produced_by: evals/applied.py}
"""
SLICES = """\
- {id: patients-test, dataset: patients, where: every row of the test set, min_n: 30,
   protected: false, alert: null}
- {id: sex-1, dataset: patients, where: sex is 1, min_n: 30, protected: false, alert: null}
- {id: sex-2, dataset: patients, where: sex is 2, min_n: 30, protected: false, alert: null}
"""
GATE = """\
- id: {}
  metric: {}
  dataset: patients
  slice: {}
{}  op: "{}"
  threshold: {}
  bound: {}
  min_n: 30
  on_fail: block
  decided_on: 2026-11-23
  rationale: {}
"""
GATES = "".join(
    GATE.format(*gate)
    for gate in [
        ("r2-overall", "r2", "patients-test", "", ">=", 0.25, "lower95", "a first guess"),
        (
            *("r2-over-one-column", "r2", "patients-test", "  against: one-column\n"),
            *(">=", 0, "lower95", "one column alone is no reason for a model"),
        ),
        ("mae-sex-1", "mae", "sex-1", "", "<=", 60, "upper95", "the same for both"),
        ("mae-sex-2", "mae", "sex-2", "", "<=", 60, "upper95", "the same for both"),
        (
            *("no-column-tells-all", "best-column-score", "patients-test", "", "<=", 0.95),
            *("point", "such a column is filled in afterwards"),
        ),
    ]
)
PRIVACY = """\
- {dataset: patients, field: "*", category: none, purpose: null, basis: null,
   retention_days: null, redaction: none, region: null}
"""
CARD = """\
# Data card: patients

Owner:

Reviewed:

`patients` is what scikit-learn ships as `load_diabetes`: 442 patients, without names.
"""


@pytest.fixture
def team(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))
    return Team(tmp_path, "--track", "applied")


def test_penguins_as_they_were_measured_go_in_by_one_command(team: Team, tmp_path: Path) -> None:
    """Three classes, texts, dates, ids of individuals, and gaps."""
    shipped = resources.files("palmerpenguins") / "data/penguins-raw.csv"
    shutil.copy(str(shipped), tmp_path / "penguins.csv")
    columns = ["--target", "Species", "--group", "Sex", "--entity", "Individual ID"]

    printed = team.starter("replace", "../penguins.csv", *columns, "--licence", "CC0-1.0")
    assert "left out of the model: `Individual ID` (--entity), `Date Egg` (dates)" in printed
    assert "10 gates are proposed in docs/eval_pack.md" in printed
    text = (team.root / "src/system/applied/system.py").read_text(encoding="utf-8")
    remarks = text[text.index('    "Comments": [') : text.index("}\nNUMBERS")]
    number = next(line for line in text.splitlines(keepends=True) if "Sample Number" in line)
    # By hand: a number that counts within a species, and remarks of the field, are no features.
    team.replace("src/system/applied/system.py", (number, ""), (remarks, ""))
    team.run("make", "eval")
    left = team.decide()
    # A gate that no row misses is for a person.
    assert left == {"auc-ovo-overall": "zero-width", "auc-ovo-beside-boosted": "zero-width"}

    team.finish()
    assert team.print_cost("penguins as measured: three classes, gaps, dates, ids, remarks") == [
        "docs/eval_pack.md",
        "src/system/applied/system.py",
    ]


def test_patients_go_in_by_hand_as_the_readme_says(team: Team) -> None:
    """A regression on data of a package, without a file."""
    team.starter("remove")
    team.write("src/system/applied/system.py", DIABETES)
    team.write("docs/cards/data_patients.md", CARD)
    for path, kind, entries in [
        *(("docs/eval_pack.md", "datasets", DATASETS), ("docs/eval_pack.md", "metrics", METRICS)),
        *(("docs/eval_pack.md", "slices", SLICES), ("docs/eval_pack.md", "gates", GATES)),
        ("safety/safety_checklist.md", "pii_map", PRIVACY),
    ]:
        text = (team.root / path).read_text(encoding="utf-8")
        empty = text.partition(f"<!-- config: {kind} -->\n```yaml\n")[2].partition("```")[0]
        team.replace(path, (f"{kind} -->\n```yaml\n{empty}", f"{kind} -->\n```yaml\n{entries}"))
    team.run("make", "eval")
    team.run(".venv/bin/mlcharter", "gate", "--pin", "reports/applied.json")

    assert team.decide() == {}
    team.finish()
    assert team.print_cost("diabetes patients: a regression, by hand") == [
        "docs/cards/data_patients.md",
        "docs/eval_pack.md",
        "safety/safety_checklist.md",
        "src/system/applied/system.py",
    ]
