"""The wrong outputs of the error catalogue stay no worse than they are.

The rows are from `wdbc` (CC BY 4.0); the model is that of release-2026-11.
"""

import json
from pathlib import Path

import pytest

from biopsy_triage import worklist

from tests.worklist import ROOT, mass

SHA256 = "e5fc086b1c7018ed623a2f55cc7d943facb02a659d20bed49f2f84bb71c1d8ed"
MODEL = worklist.read_model(ROOT / "reports/released/2026-11-model.json", SHA256)
ROWS = json.loads((Path(__file__).parent / "known_errors.json").read_text(encoding="utf-8"))


def probability(row: str, **changed: float) -> float:
    return MODEL.probability({**ROWS[row]["measures"], **changed})


def test_large_even_nuclei_stay_above_the_threshold() -> None:
    assert probability("255") > worklist.FIRST


def test_few_concave_points_stay_above_the_threshold_and_more_move_the_mass_up() -> None:
    points = ROWS["38"]["measures"]["worst_concave_points"]
    assert ROWS["38"]["malignant"] == 1
    assert worklist.FIRST < probability("38") < probability("38", worst_concave_points=1.3 * points)


def test_a_smaller_nucleus_moves_a_large_benign_mass_down() -> None:
    measures = ROWS["363"]["measures"]
    smaller = {name: 0.85 * measures[name] for name in ("worst_radius", "worst_perimeter")}
    smaller["worst_area"] = 0.85**2 * measures["worst_area"]
    assert probability("363", **smaller) < probability("363")


@pytest.mark.parametrize("measure", ["worst_smoothness", "worst_symmetry"])
def test_more_even_nuclei_move_a_benign_mass_down(measure: str) -> None:
    uneven = ROWS["469"]["measures"][measure]
    assert probability("469", **{measure: 0.7 * uneven}) < probability("469")


@pytest.mark.parametrize("row", ["238", "413"])
def test_a_finer_stain_moves_a_coarse_benign_mass_down(row: str) -> None:
    texture = ROWS[row]["measures"]["worst_texture"]
    assert probability(row, worst_texture=0.7 * texture) < probability(row)


def test_the_mass_that_looks_benign_is_read_before_the_eighth_hour() -> None:
    assert ROWS["40"]["malignant"] == 1
    assert probability("40") < 0.1
    quiet = mass("row-40", measures=ROWS["40"]["measures"], arrived=10.0 - worklist.WAITED - 0.1)
    others = [mass(f"m{n}", measures=ROWS["255"]["measures"]) for n in range(15)]
    assert worklist.order([*others, quiet], MODEL, 10.0, "release-2026-11").ids[0] == "row-40"
