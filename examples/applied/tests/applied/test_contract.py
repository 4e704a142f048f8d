"""The contract lets the real rows pass and names what is wrong with others."""

from collections.abc import Callable

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from biopsy_triage.applied import contract, data


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return data.load()


def one(frame: pd.DataFrame, column: str, value: float) -> pd.DataFrame:
    """`frame` with one wrong value in row 3."""
    values = frame[column].to_numpy().copy()
    values[3] = value
    return frame.assign(**{column: values})


VIOLATIONS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "column_in_dataframe": lambda frame: frame.drop(columns="worst_area"),
    "column_in_schema": lambda frame: frame.assign(diagnosis_code=frame[data.LABEL]),
    "column_ordered": lambda frame: frame[frame.columns[::-1]],
    "dtype('float64')": lambda frame: frame.astype({"mean_texture": str}),
    "not_nullable": lambda frame: one(frame, "error_area", float("nan")),
    "in_range(0.0, 60.0)": lambda frame: one(frame, "mean_radius", -1.0),
    "isin([0, 1])": lambda frame: one(frame, data.LABEL, 2),
    "field_uniqueness": lambda frame: frame.set_axis([0, *frame.index[:-1]]),
    "worst is at least the mean": lambda frame: one(frame, "worst_symmetry", 0.01),
    "area fits the radius": lambda frame: one(frame, "mean_area", 9.0),
}


def test_the_real_rows_pass_unchanged(rows: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(contract.validated(rows.copy()), rows)


@pytest.mark.parametrize("check", VIOLATIONS)
def test_a_violation_is_found_and_named(check: str, rows: pd.DataFrame) -> None:
    with pytest.raises(SchemaErrors) as caught:
        contract.validated(VIOLATIONS[check](rows))
    assert check in set(caught.value.failure_cases["check"])


def test_every_violation_is_listed_not_only_the_first(rows: pd.DataFrame) -> None:
    broken = one(one(rows, "mean_radius", -1.0), data.LABEL, 2)
    with pytest.raises(SchemaErrors) as caught:
        contract.validated(broken)
    assert {"in_range(0.0, 60.0)", "isin([0, 1])"} <= set(caught.value.failure_cases["check"])
