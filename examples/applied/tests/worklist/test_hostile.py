"""Masses and models that are wrong, by accident or on purpose, never sink to the end of a list."""

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from biopsy_triage import worklist

from tests.worklist import ROOT, SHA256, mass, model

FITTING = {"mean_radius": 14.0, "mean_area": math.pi * 14.0**2}

HOSTILE: dict[str, dict[str, Any]] = {
    "another site": {"site": "elsewhere"},
    "a scanner version that nobody has tried": {"scanner": "4.3"},
    "area in pixels": {
        "measures": {
            **FITTING,
            "mean_area": math.pi * 14.0**2 / 0.0625,
            "worst_concave_points": 0.1,
        }
    },
    "a measure that is missing": {"measures": FITTING},
    "not a number": {"measures": {**FITTING, "worst_concave_points": math.nan}},
    "infinite": {"measures": {**FITTING, "worst_concave_points": math.inf}},
    "minus one for an outline that could not be followed, as on 4 November": {
        "measures": {**FITTING, "worst_concave_points": -1.0}
    },
    "no radius at all": {"measures": {"mean_radius": 0.0, "worst_concave_points": 0.1}},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_mass_that_cannot_be_believed_stands_first_and_unscored(what: str) -> None:
    masses = [mass("fine", 0.3), mass("odd", **HOSTILE[what])]
    shown = worklist.order(masses, model(), 10.0, "release-2026-10")
    assert shown.ids == ("odd", "fine")
    assert shown.marks["odd"] == "not scored"


def test_a_mass_made_to_look_benign_still_waits_no_longer_than_the_rule() -> None:
    benign = mass("benign", 0.0, arrived=10.0 - worklist.WAITED - 0.01)
    masses = [mass(f"m{n}", 0.3) for n in range(20)]
    assert worklist.order([*masses, benign], model(), 10.0, "release-2026-10").ids[0] == "benign"


def test_the_slip_of_the_referring_doctor_is_no_input() -> None:
    given = {field.name for field in fields(worklist.Mass)}
    assert given == {"id", "site", "scanner", "arrived", "measured", "measures", "opted_out"}


def test_a_model_with_one_changed_digit_is_refused(tmp_path: Path) -> None:
    content = json.loads((ROOT / "reports/released/2026-10-model.json").read_text(encoding="utf-8"))
    content["intercept"][0] += 0.001
    swapped = tmp_path / "model.json"
    swapped.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=f"the release names {SHA256[:12]}"):
        worklist.read_model(swapped, SHA256)
