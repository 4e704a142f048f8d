"""The model of the applied track: its features in, a probability or a number out."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, create_model

from ...applied.system import FEATURES, KIND
from ...parsing import parsed
from ..service import Backend

NAME = "applied"
REF = "model/applied"
_FIELDS: dict[str, Any] = dict.fromkeys(FEATURES, (FiniteFloat, ...))
Question = create_model("Features", __config__=ConfigDict(extra="forbid"), **_FIELDS)
SMOKE = dict.fromkeys(FEATURES, 0.1)


class Linear:
    """A linear model from plain numbers; falls back to what it says of the average case."""

    name = NAME

    def __init__(self, data: bytes) -> None:
        model = parsed(data)
        if model["features"] != FEATURES:
            raise ValueError("the model was fitted on other features than those of the system")
        self._scales = list(zip(FEATURES, model["mean"], model["scale"], strict=True))
        self._weights: list[list[float]] = model["weights"]
        self._intercepts: list[float] = model["intercept"]
        self._classes: list[str] = model["classes"]

    def answer(self, question: BaseModel) -> dict[str, Any]:
        given = question.model_dump()
        return self._answer([(given[name] - mean) / scale for name, mean, scale in self._scales])

    def fallback(self, question: BaseModel) -> dict[str, Any] | None:
        """Return what the model says of the average case; it needs no features."""
        return self._answer([0.0] * len(FEATURES))

    def _answer(self, scaled: list[float]) -> dict[str, Any]:
        scores = [
            intercept + sum(w * x for w, x in zip(weights, scaled, strict=True))
            for weights, intercept in zip(self._weights, self._intercepts, strict=True)
        ]
        if KIND == "regression":
            return {"value": round(scores[0], 6)}
        if KIND == "binary":
            return {"probability": round(0.5 * (1 + math.tanh(scores[0] / 2)), 6)}
        powers = [math.exp(score - max(scores)) for score in scores]
        shares = [round(power / sum(powers), 6) for power in powers]
        return {"probabilities": dict(zip(self._classes, shares, strict=True))}


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Linear(parts[REF]), {}
