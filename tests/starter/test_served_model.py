"""The service of a repository serves the model that `starter replace` writes, of any columns."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import Render
from mlcharter.starter import page, profile
from mlcharter.starter.profile import Request

TEST = "tests/platform/test_backend_applied.py"
TARGETS = {
    "binary": lambda score: np.where(score > 0, "yes", "no"),
    "multi-class": lambda score: np.where(score > 1, "high", np.where(score > 0, "middle", "low")),
    "regression": lambda score: score.round(3),
}


def table(columns: list[str]) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Return columns with names that are no identifiers, numbers of any size and gaps."""
    generator = np.random.default_rng(3)
    drawn = generator.normal(size=(160, 2))
    known = {
        "Length (mm)": drawn[:, 0] * 1e4 + 2e5,
        "a/m²": (drawn[:, 1] * 1e-8).round(12),
        "copy": np.where(drawn[:, 0] > 0.3, 'a "b"', "c"),
        "_kind": np.where(drawn[:, 1] > 0, "x", "y"),
    }
    rows = pd.DataFrame({name: known[name] for name in columns})
    gaps = generator.random(rows.shape) < 0.1
    return rows.mask(gaps), pd.Series(drawn.sum(axis=1))


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("binary", ["Length (mm)", "a/m²", "copy", "_kind"]),
        ("multi-class", ["Length (mm)", "a/m²"]),
        ("regression", ["copy", "_kind"]),
    ],
)
def test_what_is_served_is_what_was_fitted(
    render: Render, tmp_path: Path, kind: str, columns: list[str]
) -> None:
    """By the test that the repository keeps, on tables with numbers, with texts, and with both."""
    system = tmp_path / "system"
    shutil.copytree(render(tracks=["applied", "platform"], package="system"), system)
    rows, score = table(columns)
    (system / "data").mkdir(exist_ok=True)
    rows.assign(target=TARGETS[kind](score)).to_csv(system / "data/cases.csv", index=False)
    positive = "yes" if kind == "binary" else None
    found = profile.read(Request(system / "data/cases.csv", "target", positive=positive))
    assert found.kind == kind
    (system / "src/system/applied/system.py").write_text(page.write(found), encoding="utf-8")

    words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", TEST]
    env = os.environ | {"PYTHONPATH": "src", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, cwd=system, env=env, capture_output=True, text=True)

    assert "3 passed" in done.stdout, done.stdout + done.stderr
