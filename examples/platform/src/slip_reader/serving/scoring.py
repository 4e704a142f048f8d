"""The shipped scorer as a backend; served where no other track is chosen."""

from collections.abc import Mapping

from . import scorer
from .service import Backend

NAME = scorer.NAME
REF = f"model/{NAME}"
Question = scorer.Question
SMOKE = {"pixels": [0.0] * scorer.PIXELS}


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return scorer.Scorer(parts[REF]), {}
