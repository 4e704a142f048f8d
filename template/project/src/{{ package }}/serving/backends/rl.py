"""The policy of the rl track: a state in, an action within the shield and its probability out."""

import random
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, create_model

from ...digests import canonical
from ...parsing import parsed
from ...rl import policy, shield
from ..releases import REBUILT, Member
from ..service import Backend

NAME = "rl"
REF = "policy/served-policy"
SHIELD = "environment/shield"
SMOKE = {"cell": "r2c0"}
_FIELDS: dict[str, Any] = {name: (kind, ...) for name, kind in policy.FEATURES.items()}
Question = create_model("State", __config__=ConfigDict(extra="forbid", strict=True), **_FIELDS)


class Acting:
    """Draws from the shielded policy. The probability is that of the drawn action after the shield:
    log it, or no later policy can be judged on these decisions."""

    name = NAME

    def __init__(self, data: bytes, seed: int | None = None) -> None:
        self._policy = policy.load(canonical(parsed(data)))
        self._random = random.Random(seed)  # noqa: S311 -- exploration, not a secret

    def answer(self, question: BaseModel) -> dict[str, Any]:
        chances = self._policy(_state(question))[0].tolist()
        drawn = self._random.choices(range(len(policy.ACTIONS)), chances)[0]
        return {"action": policy.ACTIONS[drawn], "probability": round(chances[drawn], 6)}

    def fallback(self, question: BaseModel) -> dict[str, Any] | None:
        """The first permitted action, always."""
        first = shield.permitted(_state(question), policy.ACTIONS)[0].argmax()
        return {"action": policy.ACTIONS[first], "probability": 1.0}


def _state(question: BaseModel) -> pd.DataFrame:
    return pd.DataFrame([question.model_dump()])


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    data = policy.FILE.read_bytes()
    return [
        (Member("policy", "served-policy", sha256(data).hexdigest(), "json"), data),
        (Member("environment", "shield", _shield(), REBUILT), None),
    ]


def _shield() -> str:
    """The digest of the shield's code, which shows that it is the same as when it was measured."""
    return sha256(Path(shield.__file__).read_bytes()).hexdigest()


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Acting(parts[REF]), {SHIELD: _shield()}
