"""The shipped scorer as a backend; served where no other track is chosen."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from . import scorer
from .releases import Member
from .service import Backend

NAME = scorer.NAME
MODEL = Path("reports/platform/scorer.json")
REF = f"model/{NAME}"
Question = scorer.Question
SMOKE = {"pixels": [0.0] * scorer.PIXELS}


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    data = (root / MODEL).read_bytes()
    return [(Member("model", NAME, sha256(data).hexdigest(), "json"), data)]


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return scorer.Scorer(parts[REF]), {}
