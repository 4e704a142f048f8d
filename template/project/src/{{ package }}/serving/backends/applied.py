"""The model of the applied track: thirty measures in, a probability out."""

import math
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, create_model

from ...applied.data import FEATURES
from ...parsing import parsed
from ..releases import Member
from ..service import Backend

NAME = "applied"
MODEL = Path("reports/applied/model.json")
REF = "model/logistic"
_FIELDS: dict[str, Any] = dict.fromkeys(FEATURES, (FiniteFloat, ...))
Question = create_model("Measures", __config__=ConfigDict(extra="forbid"), **_FIELDS)
SMOKE = dict.fromkeys(FEATURES, 0.1)


class Calibrated:
    """A logistic curve from plain numbers; falls back to the rate among the training rows."""

    name = NAME

    def __init__(self, data: bytes) -> None:
        model = parsed(data)
        if model["features"] != FEATURES:
            raise ValueError("the model was fitted on other features than those of the contract")
        self._numbers = list(
            zip(FEATURES, model["mean"], model["scale"], model["weights"], strict=True)
        )
        self._intercept = float(model["intercept"])

    def answer(self, question: BaseModel) -> dict[str, Any]:
        given = question.model_dump()
        score = self._intercept + sum(
            weight * (given[name] - mean) / scale for name, mean, scale, weight in self._numbers
        )
        return {"probability": round(_logistic(score), 6)}

    def fallback(self, question: BaseModel) -> dict[str, Any] | None:
        """What the model says of the average case; it needs no features."""
        return {"probability": round(_logistic(self._intercept), 6)}


def _logistic(score: float) -> float:
    return 0.5 * (1 + math.tanh(score / 2))


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    data = (root / MODEL).read_bytes()
    return [(Member("model", "logistic", sha256(data).hexdigest(), "json"), data)]


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Calibrated(parts[REF]), {}
