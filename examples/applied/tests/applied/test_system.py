"""The system, whatever is put into `system.py`: one meaning of a row, one model of the rows."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from biopsy_triage.applied import system

TABLE = system.load()
ROWS = TABLE.drop(columns=system.TARGET)


def answers(rows: pd.DataFrame) -> npt.NDArray[Any]:
    """What the model, fitted to all rows, says of `rows`."""
    model = system.build().fit(ROWS, TABLE[system.TARGET])
    predict = model.predict if system.KIND == "regression" else model.predict_proba
    return np.asarray(predict(rows))


def test_rows_are_read_twice_the_same() -> None:
    pd.testing.assert_frame_equal(system.load(), TABLE)
    assert TABLE.index.is_unique


def test_two_fits_give_the_same_answers() -> None:
    np.testing.assert_array_equal(answers(ROWS), answers(ROWS))


def test_columns_in_another_order_are_the_same_or_refused() -> None:
    try:
        turned = answers(ROWS[ROWS.columns[::-1]])
    except ValueError:
        return  # a model that takes columns by their place refuses another order
    np.testing.assert_allclose(turned, answers(ROWS))


# A page without RANGES has no such test.
RANGES: dict[str, tuple[float, float]] = vars(system).get("RANGES", {})


@pytest.mark.parametrize("name", RANGES)
def test_a_value_out_of_its_range_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        vars(system)["checked"](TABLE.assign(**{name: RANGES[name][1] + 1}))
