"""The schemas that are published for editors and programs are those of the models."""

import json
from pathlib import Path
from typing import Any

import pytest

import mlcharter
from mlcharter.charter.settings import SettingsFile
from mlcharter.check.outputs.json import Checked
from mlcharter.diff.outputs.json import Compared
from mlcharter.fleet.rows import Row
from mlcharter.fleet.updating import Updated
from mlcharter.formats.models import published_schema
from mlcharter.formats.proofs import Proofs
from mlcharter.formats.report import Report
from mlcharter.status.crosswalks import CrosswalkStatus
from mlcharter.status.progress import Progress

SCHEMAS = Path(mlcharter.__file__).parent / "schemas"


@pytest.mark.parametrize(
    ("name", "title", "model"),
    [
        ("settings", "mlcharter settings", SettingsFile),
        ("check", "mlcharter check, version 1", Checked),
        ("diff", "mlcharter diff, version 1", Compared),
        ("status", "mlcharter status, version 1", Progress),
        ("crosswalk", "mlcharter status --crosswalk, version 1", CrosswalkStatus),
        ("fleet", "mlcharter fleet check, version 1", Row),
        ("fleet-update", "mlcharter fleet update, version 1", Updated),
        ("report", "mlcharter eval report, version 1", Report),
        ("proofs", "mlcharter proofs, version 1", Proofs),
    ],
)
def test_a_published_schema_is_that_of_its_model(
    name: str, title: str, model: Any, request: pytest.FixtureRequest
) -> None:
    file = SCHEMAS / f"{name}.json"
    text = json.dumps(published_schema(title, model), indent=1) + "\n"
    if request.config.getoption("--accept"):
        file.write_text(text)

    assert file.read_text() == text, "run `pytest --accept` and read the difference"
