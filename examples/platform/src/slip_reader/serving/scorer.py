"""The model of a platform that has no other track: reads a digit from an 8 by 8 picture.

A linear scorer by penalised least squares, on the 1797 digits that ship inside scikit-learn.
It is small and honest, and it is there so that the service has something real to serve and to
break; replace it with yours, or let the other tracks bring theirs.
"""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field
from sklearn.datasets import load_digits

from ..digests import canonical, sha256
from ..parsing import parsed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NAME = "scorer"
DATASET = "digits"
PIXELS, DIGITS = 64, 10
PENALTY = 50.0
FOLDS, TEST_FOLD = 4, 0


class Question(BaseModel):
    """64 pixels row by row, each from 0 (white) to 16 (black)."""

    model_config = ConfigDict(extra="forbid", strict=True)
    pixels: Annotated[
        list[Annotated[float, Field(ge=0, le=16)]], Field(min_length=PIXELS, max_length=PIXELS)
    ]


def rows() -> tuple[Floats, Ints]:
    """The pictures, shape (1797, 64), and what they show."""
    raw = load_digits()
    return np.asarray(raw.data, dtype=np.float64), np.asarray(raw.target, dtype=np.int64)


def dataset_digest() -> str:
    pixels, shown = rows()
    return sha256({"pixels": pixels.tolist(), "shown": shown.tolist()})


def is_test(count: int) -> npt.NDArray[np.bool_]:
    """Every fourth row. The rows come in the order of their writers, whose ids are not published,
    so a writer may stand on both sides: the accuracy is that for writers who have been seen."""
    chosen: npt.NDArray[np.bool_] = np.arange(count) % FOLDS == TEST_FOLD
    return chosen


def fitted() -> dict[str, Any]:
    """The scorer as plain numbers, fitted on the training rows; rounded, so that its digest is
    the same on every machine."""
    pixels, shown = rows()
    training = ~is_test(len(shown))
    inputs, wanted = _extended(pixels[training]), np.eye(DIGITS)[shown[training]]
    penalty = PENALTY * np.eye(PIXELS + 1)
    penalty[-1, -1] = 0.0
    weights = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ wanted)
    usual = np.bincount(shown[training], minlength=DIGITS).argmax()
    return {"weights": (weights.round(4) + 0.0).tolist(), "usual": int(usual)}


def _extended(pixels: Floats) -> Floats:
    """`pixels` scaled to 0 to 1, with a column of ones."""
    return np.column_stack([pixels / 16, np.ones(len(pixels))])


class Scorer:
    """Serves the scorer; falls back to the digit that is usual."""

    name = NAME

    def __init__(self, data: bytes) -> None:
        content = parsed(data)
        self._weights = np.array(content["weights"], dtype=np.float64)
        self._usual = int(content["usual"])
        if self._weights.shape != (PIXELS + 1, DIGITS):
            raise ValueError(f"the weights have the shape {self._weights.shape}")

    def answer(self, question: Question) -> dict[str, Any]:
        [scores] = _extended(np.array([question.pixels])) @ self._weights
        return {"digit": int(scores.argmax()), "score": round(float(scores.max()), 4)}

    def fallback(self, question: Question) -> dict[str, Any] | None:
        return {"digit": self._usual, "score": None}


def exported() -> bytes:
    """The bytes of the scorer as they are kept in a release."""
    return canonical(fitted())
