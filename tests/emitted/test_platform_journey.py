"""A team lets the service of the track `platform` serve its own system.

One system is a model of the track applied on the penguins of `palmerpenguins`, which the service
takes from there; the other one, on scikit-learn's irises, brings its own eval.
"""

import json
import shutil
import socket
import subprocess
import urllib.request
from importlib import resources
from pathlib import Path

import pytest
from journey import Team, run

pytestmark = pytest.mark.journey

EXPORT = '''

def export(model: Pipeline) -> dict[str, Any]:
    """Return the fitted model as plain numbers, which the service reads."""
    columns, last = model
    imputer, scaler = columns.named_transformers_["pipeline"]
    texts = columns.named_transformers_["onehotencoder"].categories_
    return {
        "numbers": list(zip(NUMBERS, imputer.statistics_.tolist(), strict=True)),
        "flagged": [NUMBERS[n] for n in imputer.indicator_.features_],
        "mean": scaler.mean_.round(6).tolist(),
        "scale": scaler.scale_.round(6).tolist(),
        "texts": list(zip(TEXTS, (found.tolist() for found in texts), strict=True)),
        "weights": last.coef_[0].round(6).tolist(),
        "intercept": round(float(last.intercept_[0]), 6),
    }
'''
PENGUINS = '''"""Measures of a penguin in, the probability that it is a male out."""

import math
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat

from ...parsing import parsed
from ..releases import Member
from ..service import Backend

NAME = "penguins"
MODEL = Path("reports/applied/model.json")
REF = "model/applied"


class Question(BaseModel):
    """What was measured of a penguin; a number may be missing."""

    model_config = ConfigDict(extra="forbid")
    numbers: dict[str, FiniteFloat | None]
    texts: dict[str, str]


SMOKE: dict[str, Any] = {"numbers": {}, "texts": {}}


class Model:
    """A logistic regression from plain numbers."""

    name = NAME

    def __init__(self, data: bytes) -> None:
        self._model = parsed(data)

    def answer(self, question: Question) -> dict[str, Any]:
        model, given = self._model, question.numbers
        filled = [
            median if given.get(name) is None else given[name] for name, median in model["numbers"]
        ]
        row = filled + [float(given.get(name) is None) for name in model["flagged"]]
        scaled = [
            (x - mean) / scale
            for x, mean, scale in zip(row, model["mean"], model["scale"], strict=True)
        ]
        for name, known in model["texts"]:
            scaled += [float(question.texts.get(name) == text) for text in known]
        score = sum(w * x for w, x in zip(model["weights"], scaled, strict=True))
        return {"male": round(1 / (1 + math.exp(-score - model["intercept"])), 6)}

    def fallback(self, question: Question) -> dict[str, Any] | None:
        return None


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    data = (root / MODEL).read_bytes()
    return [(Member("model", "applied", sha256(data).hexdigest(), "json"), data)]


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Model(parts[REF]), {}
'''
PENGUINS_TEST = '''"""What is served is what was fitted."""

import numpy as np

from system.applied import system
from system.digests import canonical
from system.serving.backends import penguins


def test_it_says_what_the_fitted_model_says() -> None:
    rows = system.load().head(60)
    model = system.build().fit(system.load(), system.load()[system.TARGET])
    backend, _ = penguins.loaded({penguins.REF: canonical(system.export(model))})
    said = []
    for row in rows.to_dict("records"):
        numbers = {n: None if np.isnan(row[n]) else float(row[n]) for n in system.NUMBERS}
        texts = {n: str(row[n]) for n in system.TEXTS}
        question = penguins.Question(numbers=numbers, texts=texts)
        said.append(backend.answer(question)["male"])
    np.testing.assert_allclose(said, model.predict_proba(rows)[:, 1], atol=1e-3)
'''
IRIS = '''"""Which iris it is, from four lengths: the species whose mean is nearest."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from ...parsing import parsed
from ..releases import Member
from ..service import Backend

NAME = "iris"
MODEL = Path("reports/iris/model.json")
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


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    data = (root / MODEL).read_bytes()
    return [(Member("model", "iris", sha256(data).hexdigest(), "json"), data)]


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
PRIVACY = (
    '- {dataset: iris, field: "*", category: none, purpose: null, basis: null, '
    "retention_days: null, redaction: none, region: null}\n"
)


@pytest.fixture(autouse=True)
def _pinned(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))


def test_the_service_serves_what_applied_measured_on_its_own_table(tmp_path: Path) -> None:
    """A binary target with costs."""
    team = Team(tmp_path, "--track", "applied", "--track", "platform")
    shutil.copy(str(resources.files("palmerpenguins") / "data/penguins.csv"), tmp_path)
    words = ["--target", "sex", "--positive", "male", "--group", "island", "--licence", "CC0-1.0"]
    words += ["--cost-false-negative", "2", "--cost-false-positive", "1"]

    printed = team.starter("replace", "../penguins.csv", *words)
    assert "src/*/serving/backends has no module for your system yet; write one" in printed
    page = "src/system/applied/system.py"
    team.replace(
        page, ("from pathlib import Path\n", "from pathlib import Path\nfrom typing import Any\n")
    )
    team.write(page, (team.root / page).read_text(encoding="utf-8") + EXPORT)
    team.write("src/system/serving/backends/penguins.py", PENGUINS)
    team.write("tests/platform/test_backend_penguins.py", PENGUINS_TEST)
    team.run("make", "eval")
    left = team.decide()
    assert set(left.values()) <= {"missed", "zero-width"}
    assert not {"auc-overall", "cost-overall", "p99-at-70"} & set(left)

    team.finish()
    files = team.print_cost()
    assert files == [
        "docs/eval_pack.md",
        page,
        "src/system/serving/backends/penguins.py",
        "tests/platform/test_backend_penguins.py",
    ]
    chinstrap = {"bill_length_mm": 51.5, "bill_depth_mm": 19.8, "body_mass_g": 4300.0}
    answer = ask(team, "penguins", {"numbers": chinstrap, "texts": {"species": "Chinstrap"}})
    assert answer["male"] > 0.8


def test_the_service_alone_serves_a_system_with_an_eval_of_its_own(tmp_path: Path) -> None:
    team = Team(tmp_path, "--track", "platform")

    team.starter("remove")
    team.write("src/system/serving/backends/iris.py", IRIS)
    team.write("evals/iris.py", IRIS_EVAL)
    team.write("docs/cards/data_iris.md", IRIS_CARD)
    for kind, entry in IRIS_ENTRIES.items():
        block = f"<!-- config: {kind} -->\n```yaml\n"
        team.replace("docs/eval_pack.md", (block, block + entry))
    empty = "```yaml\n- dataset: null\n"
    text = (team.root / "safety/safety_checklist.md").read_text(encoding="utf-8")
    unfilled = empty + text.partition(empty)[2].partition("```")[0]
    team.replace("safety/safety_checklist.md", (unfilled, f"```yaml\n{PRIVACY}"))
    team.run("make", "eval")
    team.run(".venv/bin/mlcharter", "gate", "--pin", "reports/iris.json", "reports/platform.json")
    assert team.decide() == {}

    team.finish()
    assert team.print_cost() == [
        "docs/cards/data_iris.md",
        "docs/eval_pack.md",
        "evals/iris.py",
        "safety/safety_checklist.md",
        "src/system/serving/backends/iris.py",
    ]
    assert ask(team, "iris", {"lengths": [5.9, 3.0, 5.1, 1.8]}) == {"species": "virginica"}


def ask(team: Team, backend: str, question: dict[str, object]) -> dict[str, float]:
    """Release what was measured, serve it, and return the answer to a question."""
    release = team.run("make", "--silent", "release").split()[-1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [".venv/bin/python", "-m", "system.serving", "build/release", "--id", release]
    served = subprocess.Popen([*words, "--port", str(port)], cwd=team.root)
    try:
        url = f"http://127.0.0.1:{port}"
        ready = ["curl", "-sf", "--retry", "60", "--retry-delay", "1", "--retry-all-errors"]
        run(team.root, *ready, f"{url}/health/ready")
        body = json.dumps(question).encode()
        header = {"content-type": "application/json"}
        asked = urllib.request.Request(f"{url}/v1/{backend}", body, header)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            found: dict[str, float] = json.loads(answer.read())["result"]
        return found
    finally:
        served.terminate()
        served.wait(30)
