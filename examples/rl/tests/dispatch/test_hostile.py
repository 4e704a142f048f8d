"""What a stranger, a broken sensor or a wrong file could hand to the dispatcher."""

import hashlib
import json

import pytest

from quay_dispatch import dispatcher

from tests.dispatch import fix, running

SIGNED = json.dumps({"cells": {"r1c1": [0.0, 1.0, 0.0, 0.0]}}).encode()
DIGEST = hashlib.sha256(SIGNED).hexdigest()


def test_the_signed_policy_is_loaded_and_any_changed_byte_is_refused() -> None:
    assert dispatcher.load(SIGNED, DIGEST)[5] == (0.0, 1.0, 0.0, 0.0)
    for place in range(0, len(SIGNED), 7):
        changed = bytearray(SIGNED)
        changed[place] ^= 1
        with pytest.raises(ValueError, match="not the one that was signed"):
            dispatcher.load(bytes(changed), DIGEST)


def test_chances_that_do_not_add_up_are_refused_although_signed() -> None:
    odd = json.dumps({"cells": {"r1c1": [0.5, 1.0, 0.0, 0.0]}}).encode()
    with pytest.raises(ValueError, match="do not add up"):
        dispatcher.load(odd, hashlib.sha256(odd).hexdigest())


@pytest.mark.parametrize("cell", [-1, 12, 400])
def test_a_cell_off_the_quay_stops_the_tug(cell: int) -> None:
    assert running().next(fix(cell=cell), 0.5).why == "unknown cell"


@pytest.mark.parametrize("age", [-1.0, 0.51, 3600.0, float("nan")])
def test_a_replayed_or_dated_fix_stops_the_tug(age: float) -> None:
    assert running().next(fix(age=age), 0.5).why == "old fix"


@pytest.mark.parametrize("wind", [-1.0, 9.01, float("nan"), float("inf")])
def test_a_wind_sensor_that_is_broken_counts_as_wind(wind: float) -> None:
    assert running().next(fix(wind=wind), 0.5).why == "wind"


def test_a_logged_move_holds_no_ship_no_person_and_no_hour() -> None:
    move = running().next(fix(), 0.5)
    assert set(vars(move)) == {"move", "chance", "driver", "why", "release"}
