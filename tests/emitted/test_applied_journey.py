"""From the starter of the track applied to a team's own system: the files that they touch."""

import datetime
import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from conftest import Render
from mlcharter.cli import cli

pytestmark = pytest.mark.journey

PENGUINS = '''"""Which species a penguin is, from what was measured; some values are missing."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

DATASET = "penguins"
TARGET = "species"
KIND = "multi-class"
GROUPS = ["sex"]
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]


def load() -> pd.DataFrame:
    """Return synthetic penguins: three species, a text column, and gaps in all columns."""
    generator = np.random.default_rng(1)
    means = {"Adelie": (39, 18, 190), "Chinstrap": (49, 18, 196), "Gentoo": (48, 15, 217)}
    species = generator.choice(list(means), 344, p=[0.44, 0.2, 0.36])
    values = np.array([means[s] for s in species]) + generator.normal(0, [4, 1.6, 9], (344, 3))
    table = pd.DataFrame(values.round(1), columns=NUMBERS)
    islands = generator.choice(["Dream", "Biscoe"], 344)
    table["island"] = np.where(species == "Gentoo", "Biscoe", islands)
    table["sex"] = generator.choice(["female", "male"], 344)
    gaps = generator.random(table.shape) < 0.02
    return table.mask(pd.DataFrame(gaps, columns=table.columns)).assign(species=species)


def build() -> Any:
    """Return the unfitted estimator."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = make_column_transformer(
        (numbers, NUMBERS), (OneHotEncoder(handle_unknown="ignore"), ["island", "sex"])
    )
    return make_pipeline(columns, LogisticRegression(max_iter=1000))
'''

STAYS = '''"""How many days a stay in hospital lasts; patients come several times."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

DATASET = "stays"
TARGET = "days"
KIND = "regression"
GROUPS = ["ward"]
ENTITY = "patient"


def load() -> pd.DataFrame:
    """Return synthetic stays: numbers, text and a truth value, with gaps."""
    generator = np.random.default_rng(2)
    patient = generator.integers(0, 400, 900)
    age = generator.normal(60, 15, 400).round()[patient]
    ward = generator.choice(["surgery", "cardiology"], 900).astype(object)
    emergency = generator.random(900) < 0.3
    days = 2 + age / 20 + 3 * emergency + (ward == "surgery") + generator.gamma(2, 0.5, 900)
    age[::17] = np.nan
    columns = {"patient": patient, "age": age, "ward": ward, "emergency": emergency}
    return pd.DataFrame({**columns, "days": days.round(1)})


def build() -> Any:
    """Return the unfitted estimator."""
    texts = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer(
        (texts, make_column_selector(dtype_include=[object, "string"])),
        ("passthrough", ["age", "emergency"]),
    )
    return make_pipeline(columns, HistGradientBoostingRegressor(max_iter=60, random_state=0))
'''

# metric, direction, op and threshold of each gate; the rest is the same in all.
MULTI_CLASS = {
    "auc-ovo-overall": ("auc-ovo", None, "test", ">=", 0.9),
    "auc-ovo-over-one-column": ("auc-ovo", "one-column", "test", ">=", 0.0),
    "auc-ovo-beside-boosted": ("auc-ovo", "boosted", "test", ">=", -0.05),
    "brier-overall": ("brier", None, "test", "<=", 0.3),
    "calibration-overall": ("calibration-error", None, "test", "<=", 0.15),
    "brier-sex-female": ("brier", None, "sex-female", "<=", 0.35),
    "brier-sex-male": ("brier", None, "sex-male", "<=", 0.35),
    "no-near-duplicates": ("near-duplicates", None, "test", "<=", 0),
    "no-column-tells-all": ("best-column-score", None, "test", "<=", 0.95),
    "probe-shuffled-labels": ("auc-ovo-shuffled-labels", None, "repeats", "<=", 0.55),
}
REGRESSION = {
    "r2-overall": ("r2", None, "test", ">=", 0.4),
    "r2-over-one-column": ("r2", "one-column", "test", ">=", 0.0),
    "r2-beside-boosted": ("r2", "boosted", "test", ">=", -0.1),
    "mae-overall": ("mae", None, "test", "<=", 1.0),
    "mae-ward-surgery": ("mae", None, "ward-surgery", "<=", 1.1),
    "mae-ward-cardiology": ("mae", None, "ward-cardiology", "<=", 1.1),
    "no-near-duplicates": ("near-duplicates", None, "test", "<=", 0),
    "no-column-tells-all": ("best-column-score", None, "test", "<=", 0.95),
    "probe-shuffled-labels": ("r2-shuffled-labels", None, "repeats", "<=", 0.05),
}
DECIDED = datetime.date(2026, 11, 23)
UNITS = {"penguins": "row", "stays": "patient"}
Gates = dict[str, tuple[str, str | None, str, str, float]]


def blocks(dataset: str, gates: Gates) -> dict[str, list[dict[str, object]]]:
    """The entries that a team writes into docs/eval_pack.md."""
    found: dict[str, list[dict[str, object]]] = {"gates": [], "slices": [], "metrics": []}
    counts = ("near-duplicates", "best-column-score")
    for gate, (metric, against, part, op, threshold) in gates.items():
        slice_ = f"{dataset}-{part}" if part in ("test", "repeats") else part
        decided = {
            "min_n": 20,
            "on_fail": "block",
            "decided_on": None,
            "rationale": "a first guess",
        }
        bound = "point" if metric in counts else "lower95" if op == ">=" else "upper95"
        named = {"id": gate, "metric": metric, "dataset": dataset, "slice": slice_}
        named |= {"against": against} if against else {}
        found["gates"].append(named | {"op": op, "threshold": threshold, "bound": bound} | decided)
        part_of = {"id": slice_, "dataset": dataset, "where": part, "min_n": 20}
        if slice_ not in [entry["id"] for entry in found["slices"]]:
            found["slices"].append(part_of | {"protected": False, "alert": None})
        how = "exact" if metric in counts else "bootstrap"
        unit = "repeat" if part == "repeats" else "none" if how == "exact" else UNITS[dataset]
        direction = "up" if op == ">=" else "down"
        entry = {"id": metric, "unit": "ratio", "direction": direction, "method": how}
        if metric not in [entry["id"] for entry in found["metrics"]]:
            made = {"resample": unit, "produced_by": "evals/applied.py"}
            found["metrics"].append(entry | made)
    key = "content" if UNITS[dataset] == "row" else UNITS[dataset]
    data = {"id": dataset, "uri": "generated:system.load", "sha256": "0" * 64, "rows": 1}
    about = {"licence": "CC0-1.0", "card": f"docs/cards/data_{dataset}.md", "synthetic": 1.0}
    split = {"kind": "group", "key": key, "sha256": "0" * 64}
    found["datasets"] = [data | about | {"split": split}]
    return found


def replace_blocks(path: Path, entries: dict[str, list[dict[str, object]]]) -> None:
    text = path.read_text(encoding="utf-8")
    for kind, values in entries.items():
        dumped = "".join(
            "- " + yaml.safe_dump(v, default_flow_style=True, width=9999, sort_keys=False)
            for v in values
        )
        block = f"<!-- config: {kind} -->\n```yaml\n"
        pattern = re.escape(block) + r".*?```"
        text, n = re.subn(pattern, lambda _, b=block, d=dumped: f"{b}{d}```", text, flags=re.S)
        assert n == 1, kind
    path.write_text(text, encoding="utf-8")


def put_in(root: Path, dataset: str, page: str, gates: Gates) -> None:
    """What a team does by hand."""
    (root / "src/harbour_watch/applied/system.py").write_text(page)
    replace_blocks(root / "docs/eval_pack.md", blocks(dataset, gates))
    privacy: dict[str, object] = {"dataset": dataset, "field": "*", "category": "none"}
    privacy |= dict.fromkeys(("purpose", "basis", "retention_days", "region"))
    replace_blocks(
        root / "safety/safety_checklist.md", {"pii_map": [privacy | {"redaction": "none"}]}
    )
    licences = root / "safety/licences.md"
    row = f"| `{dataset}`, generated | CC0-1.0 | none | training, evaluation | |"
    licences.write_text(re.sub(r"\| `wdbc`.*", row, licences.read_text()))
    card = root / "docs/cards/data_wdbc.md"
    title = f"# Data card: {dataset}\n\nOwner: @acme/ml\n\nReviewed:\n\n"
    card.with_name(f"data_{dataset}.md").write_text(f"{title}The id is `{dataset}`.\n")
    card.unlink()


def touched(before: Path, after: Path) -> dict[str, int]:
    """The files that differ, a renamed one once, with the number of lines that differ."""
    found = {}
    for path in sorted({p.relative_to(r) for r in (before, after) for p in r.rglob("*")}):
        old, new = (
            (r / path).read_text().splitlines() if (r / path).is_file() else []
            for r in (before, after)
        )
        lines = [d for d in difflib.ndiff(old, new) if d[0] in "+-"] if old != new else []
        if lines:
            name = "docs/cards/data_*.md" if path.name.startswith("data_") else path.as_posix()
            found[name] = found.get(name, 0) + len(lines)
    return found


@pytest.mark.parametrize(
    ("dataset", "page", "gates"),
    [("penguins", PENGUINS, MULTI_CLASS), ("stays", STAYS, REGRESSION)],
    ids=["three classes", "regression"],
)
def test_five_files_put_the_teams_own_system_in(
    dataset: str,
    page: str,
    gates: Gates,
    render: Render,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starter = render(tracks=["applied"], tier="production")
    root = Path(shutil.copytree(starter, tmp_path / "system"))
    put_in(root, dataset, page, gates)
    changed = touched(starter, root)
    print(f"{dataset}: {len(changed)} files, {sum(changed.values())} lines: {changed}")

    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", f"{root / 'src'}{os.pathsep}{root}")
    subprocess.run([sys.executable, "-m", "evals.applied"], check=True)
    assert call("gate", "--pin", "reports/applied.json")[0] == 0
    code, printed = call("gate", "reports/applied.json")
    assert code == 0, printed
    assert printed.endswith(f"{len(gates)} gates: {len(gates)} pass\n")
    code, printed = call("prove")
    assert code == 0, printed
    code, printed = call("check")
    assert (code, printed.split(":")[0]) == (0, "draft"), printed
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/applied"]
    subprocess.run(tests, check=True)

    assert len(changed) <= 5
    left = [p for p in root.rglob("*") if p.is_file() and re.search(b"wdbc|breast", p.read_bytes())]
    assert left == []


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, words)
    return done.exit_code, done.output
