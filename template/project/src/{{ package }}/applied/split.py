"""A split by content, and a scan for twins that lie on both sides of it.

A row's side is decided by a hash of its own content: rows that say the same fall on the same side,
new rows never move old ones, and no random stream of some library version is involved.
Rows that say almost the same have other hashes; the scan finds those.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from ..digests import canonical, sha256
from .data import FEATURES

TEST_SHARE = 0.4
# Changing the salt draws another test set. Do that when the present one has been looked at too
# often, with an entry in the decision log; never because a number came out low.
SALT = "wdbc-1"
# Twins differ by less than this many standard deviations in every measure; in this data the
# nearest two rows that are not twins are forty times further apart.
TWIN_DISTANCE = 0.01

Mask = npt.NDArray[np.bool_]


def content(frame: pd.DataFrame) -> list[str]:
    """Each row's features to six digits, as one key; the label plays no part."""
    return [" ".join(f"{v:.5e}" for v in row) for row in frame[FEATURES].to_numpy().tolist()]


def assigned(frame: pd.DataFrame) -> Mask:
    """True for the rows of the test set, shape (rows,)."""
    drawn = [
        int.from_bytes(hashlib.sha256(canonical([SALT, key])).digest()[:8], "big") / 2**64
        for key in content(frame)
    ]
    return np.array(drawn) < TEST_SHARE


def crossing(frame: pd.DataFrame, is_test: Mask) -> int:
    """How many test rows have a twin among the training rows; every one of them is a leak."""
    values = frame[FEATURES].to_numpy()
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    neighbours = NearestNeighbors(n_neighbors=1, metric="chebyshev").fit(scaled[~is_test])
    distances, _ = neighbours.kneighbors(scaled[is_test])
    return int((distances[:, 0] < TWIN_DISTANCE).sum())


def split_digest(frame: pd.DataFrame, is_test: Mask) -> str:
    """The sha256 of the sorted ids of the test rows, as docs/eval_pack.md records it."""
    return sha256(sorted(frame.index[is_test].tolist()))
