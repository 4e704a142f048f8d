"""Twins, and a split that they cannot straddle.

A row's side is decided by a hash of its own content: rows that say the same fall on the same side,
new rows never move old ones, and no random stream of some library version is involved.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..digests import canonical, sha256
from .data import FEATURES

TEST_SHARE = 0.4
# Changing the salt draws another test set. Do that when the present one has been looked at too
# often, with an entry in the decision log; never because a number came out low.
SALT = "wdbc-1"

Mask = npt.NDArray[np.bool_]


def twin_keys(frame: pd.DataFrame, digits: int = 3) -> list[str]:
    """One key a row; rows whose features agree to `digits` significant digits share it.

    Rounding is blind to a pair that lies on both sides of a rounding step.
    The label plays no part: twins with different labels are twins all the same.
    """
    rows = frame[FEATURES].to_numpy().tolist()
    return [sha256([f"{value:.{digits - 1}e}" for value in row]) for row in rows]


def assigned(frame: pd.DataFrame) -> Mask:
    """True for the rows of the test set, shape (rows,)."""
    drawn = [
        int.from_bytes(hashlib.sha256(canonical([SALT, key])).digest()[:8], "big") / 2**64
        for key in twin_keys(frame)
    ]
    return np.array(drawn) < TEST_SHARE


def crossing(frame: pd.DataFrame, is_test: Mask) -> int:
    """How many test rows have a twin among the training rows; every one of them is a leak."""
    keys = np.array(twin_keys(frame))
    return int(np.isin(keys[is_test], keys[~is_test]).sum())


def split_digest(frame: pd.DataFrame, is_test: Mask) -> str:
    """The sha256 of the sorted ids of the test rows, as docs/eval_pack.md records it."""
    return sha256(sorted(frame.index[is_test].tolist()))
