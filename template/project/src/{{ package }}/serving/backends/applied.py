"""The model of the applied track: its features in, a probability or a number out.

With `GAPS` in the system a feature may be null, and its columns in `TEXTS` hold texts.
"""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, create_model

from ...applied import system
from ...parsing import parsed
from ..service import Backend

NAME = "applied"
REF = "model/applied"
FEATURES, KIND = system.FEATURES, system.KIND
TEXTS: list[str] = vars(system).get("TEXTS", [])
NUMBERS = [name for name in FEATURES if name not in TEXTS]
GAPS: bool = vars(system).get("GAPS", False)


def _field(name: str) -> tuple[Any, Any]:
    kind: Any = str if name in TEXTS else FiniteFloat
    return (kind | None if GAPS else kind), Field(alias=name)  # a column may have any name


_FIELDS: dict[str, Any] = {f"feature_{n}": _field(name) for n, name in enumerate(FEATURES)}
Question = create_model("Features", __config__=ConfigDict(extra="forbid"), **_FIELDS)
SMOKE: dict[str, Any] = dict.fromkeys(FEATURES, None if GAPS else 0.1)


class Linear:
    """A linear model from plain numbers; falls back to what it says if no feature is known."""

    name = NAME

    def __init__(self, data: bytes) -> None:
        model = parsed(data)
        if model["features"] != FEATURES:
            raise ValueError("the model was fitted on other features than those of the system")
        self._fills = list(zip(NUMBERS, model.get("fill", model["mean"]), strict=True))
        self._flagged: list[str] = model.get("flagged", [])
        self._scales = list(zip(model["mean"], model["scale"], strict=True))
        self._texts = list(zip(TEXTS, model.get("texts", []), strict=True))
        self._weights: list[list[float]] = model["weights"]
        self._intercepts: list[float] = model["intercept"]
        self._classes: list[str] = model["classes"]

    def answer(self, question: BaseModel) -> dict[str, Any]:
        return self._answer(question.model_dump(by_alias=True))

    def fallback(self, question: BaseModel) -> dict[str, Any] | None:
        return self._answer(dict.fromkeys(FEATURES))

    def _answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        columns = self._encoded(given)
        scores = [
            intercept + sum(w * x for w, x in zip(weights, columns, strict=True))
            for weights, intercept in zip(self._weights, self._intercepts, strict=True)
        ]
        if KIND == "regression":
            return {"value": round(scores[0], 6)}
        if KIND == "binary":
            return {"probability": round(0.5 * (1 + math.tanh(scores[0] / 2)), 6)}
        powers = [math.exp(score - max(scores)) for score in scores]
        shares = [round(power / sum(powers), 6) for power in powers]
        return {"probabilities": dict(zip(self._classes, shares, strict=True))}

    def _encoded(self, given: Mapping[str, Any]) -> list[float]:
        """The columns that the weights are for: numbers, flags of missing ones, and texts."""
        row = [fill if given[name] is None else given[name] for name, fill in self._fills]
        row += [float(given[name] is None) for name in self._flagged]
        scaled = [(x - mean) / scale for x, (mean, scale) in zip(row, self._scales, strict=True)]
        texts = [float(given[name] == text) for name, known in self._texts for text in known]
        return scaled + texts


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Linear(parts[REF]), {}
