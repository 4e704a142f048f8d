"""A team lets the service of the track `platform` serve its own system.

One system is a model of the track applied on the penguins of `palmerpenguins`, which the service
takes from there; the other one, on scikit-learn's irises, brings its own eval and backend.
"""

import shutil
from importlib import resources
from pathlib import Path

import pytest
from journey import Team
from released import commit, release, serve

pytestmark = pytest.mark.journey

IRIS = '''"""Which iris it is, from four lengths: the species whose mean is nearest."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from ...parsing import parsed
from ..service import Backend

NAME = "iris"
REF = "model/iris"
SMOKE = {"lengths": [5.0, 3.0, 1.0, 0.5]}


class Question(BaseModel):
    """Length and width of sepal and petal, in cm."""

    model_config = ConfigDict(extra="forbid")
    lengths: Annotated[list[FiniteFloat], Field(min_length=4, max_length=4)]


class Nearest:
    """The species whose mean is nearest."""

    name = NAME

    def __init__(self, data: bytes) -> None:
        self._means: dict[str, list[float]] = parsed(data)

    def answer(self, question: Question) -> dict[str, Any]:
        def distance(species: str) -> float:
            means = self._means[species]
            return sum((x - m) ** 2 for x, m in zip(question.lengths, means, strict=True))

        return {"species": min(self._means, key=distance)}

    def fallback(self, question: Question) -> dict[str, Any] | None:
        return None


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Nearest(parts[REF]), {}
'''
IRIS_EVAL = '''"""Measure how often the served model names the species: `python -m evals.iris`."""

from functools import partial
from pathlib import Path

import numpy as np
from mlcharter.evals import digests, intervals, running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report
from sklearn.datasets import load_iris

from system.serving.backends import iris

INPUTS = Inputs.read(
    ["evals/__init__.py", "evals/iris.py", "src/system/*.py", "src/system/serving/**/*.py"]
)


def fitted() -> bytes:
    """The means of the even rows, by species."""
    raw = load_iris()
    data, species = raw.data[::2], raw.target_names[raw.target][::2]
    means = {str(s): data[species == s].mean(axis=0).round(3).tolist() for s in raw.target_names}
    return digests.canonical(means)


def measured(step: int) -> Report:
    """Ask for the odd rows, whose lengths a caller sends in order (1) or backwards (-1)."""
    raw = load_iris()
    backend, _ = iris.loaded({iris.REF: fitted()})
    asked = [iris.Question(lengths=row[::step]) for row in raw.data[1::2].tolist()]
    said = np.array([backend.answer(question)["species"] for question in asked])
    right = int((said == raw.target_names[raw.target][1::2]).sum())
    report = Report("iris", seed=0)
    report.add_dataset("iris", digests.sha256(raw.data.tolist()), rows=len(raw.data))
    report.add("accuracy", "iris", intervals.wilson(right, len(said), unit="row"), slice="odd")
    return report


def measure(folder: Path) -> Report:
    """Measure, and write the model."""
    report, path = measured(1), folder / "iris/model.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(fitted())
    report.add_artifact("model", "iris", digests.file(path), "reports/iris/model.json")
    return report


if __name__ == "__main__":
    defects = {"iris-accuracy": partial(measured, -1)}
    running.main("evals.iris", measure, defects, inputs=INPUTS, packages=["numpy", "scikit-learn"])
'''
IRIS_CARD = """\
# Data card: iris

Owner:

Reviewed:

`iris` is Fisher's, as scikit-learn ships it: 150 flowers of three species.
"""
IRIS_ENTRIES = {
    "datasets": """\
- id: iris
  uri: pkg:pypi/scikit-learn#sklearn.datasets.load_iris
  sha256: 0000000000000000000000000000000000000000000000000000000000000000
  rows: 1
  licence: CC-BY-4.0
  card: docs/cards/data_iris.md
  split: {kind: none, key: null, sha256: null}
  synthetic: 0.0
""",
    "metrics": "- {id: accuracy, unit: ratio, direction: up, method: wilson, resample: row, "
    "produced_by: evals/iris.py}\n",
    "slices": "- {id: odd, dataset: iris, where: every other row, min_n: 60, protected: false, "
    "alert: null}\n",
    "gates": """\
- id: iris-accuracy
  metric: accuracy
  dataset: iris
  slice: odd
  op: ">="
  threshold: 0.8
  bound: lower95
  min_n: 60
  on_fail: block
  decided_on: 2026-11-23
  rationale: below that, botanists look themselves
""",
}
PRIVACY = """\
- {dataset: iris, field: "*", category: none, purpose: null, basis: null,
   retention_days: null, redaction: none, region: null}
"""


@pytest.fixture(autouse=True)
def _pinned(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))


def ask(team: Team, backend: str, question: object) -> object:
    """Release what was measured, serve it, and return the answer to a question."""
    team.run("make", "setup", "EXTRAS=release")
    commit(team.root, "Prove the gates")
    release(team.root, "2026-11")
    status, answer = serve(team.root, backend, question)
    assert status == 200, answer
    assert answer["degraded"] is None
    return answer["result"]


def test_the_service_serves_what_applied_measured_on_its_own_table(tmp_path: Path) -> None:
    """A binary target with costs, texts and gaps; nothing of the service is written by hand."""
    team = Team(tmp_path, "--track", "applied", "--track", "platform")
    shutil.copy(str(resources.files("palmerpenguins") / "data/penguins.csv"), tmp_path)
    words = ["--target", "sex", "--positive", "male", "--group", "island", "--licence", "CC0-1.0"]
    words += ["--cost-false-negative", "2", "--cost-false-positive", "1"]

    printed = team.starter("replace", "../penguins.csv", *words)
    assert "the service serves your model" in printed
    assert "10 gates are proposed in docs/eval_pack.md" in printed
    team.run("make", "eval")
    assert team.decide() == {}

    team.finish()
    assert team.print_cost("penguins, which the service serves") == ["docs/eval_pack.md"]
    measures = {"bill_length_mm": 51.5, "bill_depth_mm": 19.8, "flipper_length_mm": None}
    penguin = measures | {"body_mass_g": 4300.0, "year": 2008, "species": "Chinstrap"}
    answer = ask(team, "applied", penguin)
    assert isinstance(answer, dict)
    assert 0.8 < answer["probability"] < 1


def test_the_service_alone_serves_a_system_with_an_eval_of_its_own(tmp_path: Path) -> None:
    team = Team(tmp_path, "--track", "platform")

    team.starter("remove")
    team.write("src/system/serving/backends/iris.py", IRIS)
    team.write("evals/iris.py", IRIS_EVAL)
    team.write("docs/cards/data_iris.md", IRIS_CARD)
    for kind, entry in IRIS_ENTRIES.items():
        block = f"<!-- config: {kind} -->\n```yaml\n"
        team.replace("docs/eval_pack.md", (block, block + entry))
    text = (team.root / "safety/safety_checklist.md").read_text(encoding="utf-8")
    empty = text.partition("<!-- config: pii_map -->\n```yaml\n")[2].partition("```")[0]
    team.replace("safety/safety_checklist.md", (empty, PRIVACY))
    team.run("make", "eval")
    team.run(".venv/bin/mlcharter", "gate", "--pin", "reports/iris.json", "reports/platform.json")
    assert team.decide() == {}

    team.finish()
    assert team.print_cost("irises, with an eval and a backend of their own") == [
        "docs/cards/data_iris.md",
        "docs/eval_pack.md",
        "evals/iris.py",
        "safety/safety_checklist.md",
        "src/system/serving/backends/iris.py",
    ]
    assert ask(team, "iris", {"lengths": [5.9, 3.0, 5.1, 1.8]}) == {"species": "virginica"}
