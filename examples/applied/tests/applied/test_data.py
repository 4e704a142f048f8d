"""The rows, their digest, their twins, and the split are those that docs/eval_pack.md names."""

import numpy as np
import pandas as pd
import pytest

from biopsy_triage.applied import data, probes, split
from biopsy_triage.digests import sha256

from tests.test_gates import config_entries


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return data.load()


def test_the_datasets_are_those_of_the_eval_pack(rows: pd.DataFrame) -> None:
    said = {entry["id"]: entry for entry in config_entries("datasets")}
    assert said["wdbc"]["sha256"] == data.digest(rows)
    assert said["wdbc"]["rows"] == len(rows)
    series = probes.drifting_series()
    assert said["drifting-series"]["sha256"] == sha256(series.tolist())
    assert said["drifting-series"]["rows"] == len(series)


def test_the_split_is_the_one_that_was_frozen(rows: pd.DataFrame) -> None:
    [said] = [entry["split"] for entry in config_entries("datasets") if entry["id"] == "wdbc"]
    assert said["sha256"] == split.split_digest(rows, split.assigned(rows))


def test_malignant_is_the_rarer_class_with_the_larger_nuclei(rows: pd.DataFrame) -> None:
    radius = rows.groupby(data.LABEL)["mean_radius"].mean()
    assert rows[data.LABEL].sum() == 212
    assert radius[1] > radius[0]


def test_one_changed_value_changes_the_digest(rows: pd.DataFrame) -> None:
    texture = rows["error_texture"].to_numpy().copy()
    texture[100] += 1e-6
    changed = rows.assign(error_texture=texture)
    assert data.digest(changed) != data.digest(rows)


def test_new_rows_move_no_old_row_to_the_other_side(rows: pd.DataFrame) -> None:
    before = split.assigned(rows)
    # One row away from the front, one strange row at the end.
    strange = rows.iloc[[0]] * 1.5
    grown = pd.concat([rows.iloc[1:], strange], ignore_index=True)
    np.testing.assert_array_equal(split.assigned(grown)[:-1], before[1:])


def test_about_the_wanted_share_is_tested_in_both_classes(rows: pd.DataFrame) -> None:
    shares = pd.Series(split.assigned(rows)).groupby(rows[data.LABEL]).mean()
    assert shares.between(0.33, 0.47).all()


def test_rows_that_say_the_same_stay_together(rows: pd.DataFrame) -> None:
    copies = rows.copy()
    copies[data.FEATURES] *= 1 + 1e-12
    copies[data.LABEL] = 1 - copies[data.LABEL]
    doubled = pd.concat([rows, copies], ignore_index=True)
    is_test = split.assigned(doubled)
    np.testing.assert_array_equal(is_test[: len(rows)], is_test[len(rows) :])
    assert split.crossing(doubled, is_test) == 0


def test_rows_that_say_almost_the_same_are_counted_where_they_are_parted(
    rows: pd.DataFrame,
) -> None:
    copies = rows.iloc[:50].copy()
    copies[data.FEATURES] *= 1 + 1e-4
    doubled = pd.concat([rows, copies], ignore_index=True)
    is_test = np.arange(len(doubled)) >= len(rows)
    assert split.crossing(doubled, is_test) == 50


def test_the_rows_hold_no_twins_at_all(rows: pd.DataFrame) -> None:
    one_each = [split.crossing(rows, rows.index.to_numpy() == row) for row in rows.index[::20]]
    assert sum(one_each) == 0
