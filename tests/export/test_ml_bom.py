"""The ML-BOM of the next release, judged by the schema of CycloneDX."""

import datetime
import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from conftest import ROOT
from mlcharter.check import engine
from mlcharter.export.kinds import ml_bom
from mlcharter.support.files import Folder, Overlay

TODAY = datetime.date(2026, 12, 1)
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


def render(example: str, changes: dict[str, bytes] | None = None) -> str:
    tree = Overlay(Folder(ROOT / "examples" / example), changes or {})
    charter = engine.open_charter(tree, TODAY)
    try:
        return ml_bom.render(charter)[ml_bom.PATHS[0]]
    finally:
        charter.close()


@pytest.mark.parametrize("example", ["applied", "rag", "rl"])
def test_it_is_valid_and_has_each_member_with_version_and_licence(example: str) -> None:
    text = render(example)

    assert VALIDATOR.validate_str(text) is None
    components = json.loads(text)["components"]
    models = [one for one in components if one["type"] == "machine-learning-model"]
    assert models
    for one in components:
        assert one["version"] == f"sha256:{one['hashes'][0]['content']}"
        assert one["licenses"]


def test_a_model_has_its_card_its_data_and_its_numbers() -> None:
    model = json.loads(render("applied"))["components"][0]

    assert model["name"] == "model/applied"
    assert model["licenses"] == [{"expression": "Apache-2.0"}]
    card = {"type": "model-card", "url": "docs/cards/model.md"}
    assert model["externalReferences"] == [card]
    [data] = model["modelCard"]["modelParameters"]["datasets"]
    assert data["ref"].startswith("dataset/wdbc@sha256:")
    metrics = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert {"auc", "brier"} <= {one["type"] for one in metrics}


def test_the_schema_refuses_a_licence_that_spdx_does_not_know() -> None:
    content: Any = json.loads(render("applied"))
    content["components"][0]["licenses"] = [{"license": {"id": "Apache-3.0"}}]

    assert VALIDATOR.validate_str(json.dumps(content)) is not None


def test_hostile_text_in_the_registry_stays_valid() -> None:
    path = "versioning/registries.md"
    text = (ROOT / "examples/applied" / path).read_text()
    evil = text.replace("licence: Apache-2.0", 'licence: "x\\"}], \\u202e<b>"', 1)
    evil = evil.replace("card: docs/cards/model.md", 'card: "docs/a{b}|c\\\\d.md"', 1)

    made = render("applied", {path: evil.encode()})

    assert VALIDATOR.validate_str(made) is None
    assert json.loads(made)["components"][0]["licenses"] == [
        {"license": {"name": 'x"}], \u202e<b>'}}
    ]


def test_it_changes_with_what_is_pinned() -> None:
    path = "versioning/registries.md"
    text = (ROOT / "examples/applied" / path).read_text()

    assert render(
        "applied", {path: text.replace("stage: retired", "stage: released").encode()}
    ) == (render("applied"))
    moved = text.replace("model/applied@sha256:e5", "model/applied@sha256:f5")
    assert render("applied", {path: moved.encode()}) != render("applied")
