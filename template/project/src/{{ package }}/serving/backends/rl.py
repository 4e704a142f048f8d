"""The policy of the rl track: a state in, an action within the shield and its probability out."""

import random
from collections.abc import Mapping
from hashlib import sha256 as sha256_of
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ...digests import canonical, sha256
from ...parsing import parsed
from ...rl import rewards, shield
from ...rl.environment import ACTIONS, WATER, quay
from ..releases import REBUILT, Member
from ..service import Backend

NAME = "rl"
POLICY = Path("reports/rl/policy.json")
REF = "policy/quay-policy"
SMOKE = {"state": 0}


class Question(BaseModel):
    """Where the cart is."""

    model_config = ConfigDict(extra="forbid", strict=True)
    state: Annotated[int, Field(ge=0, lt=WATER)]


class Acting:
    """Draws from the shielded policy. The probability is that of the drawn action after the shield:
    log it, or no later policy can be judged on these decisions."""

    name = NAME

    def __init__(self, data: bytes, seed: int | None = None) -> None:
        content = parsed(data)
        if content["actions"] != list(ACTIONS):
            raise ValueError("the policy was made for other actions")
        permitted = shield.allowed(quay())
        self._chances = shield.shielded(np.array(content["chances"]), permitted)
        self._permitted = permitted
        self._random = random.Random(seed)  # noqa: S311 -- exploration, not a secret

    def answer(self, question: Question) -> dict[str, Any]:
        row = self._chances[question.state]
        row = row / row.sum()
        action = self._random.choices(range(len(ACTIONS)), row.tolist())[0]
        return {"action": ACTIONS[action], "probability": round(float(row[action]), 6)}

    def fallback(self, question: Question) -> dict[str, Any] | None:
        """The first permitted action, always."""
        first = int(self._permitted[question.state].argmax())
        return {"action": ACTIONS[first], "probability": 1.0}


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    data = canonical(parsed((root / POLICY).read_bytes()))
    return [
        (Member("policy", "quay-policy", sha256_of(data).hexdigest(), "json"), data),
        *((Member(kind, name, digest, REBUILT), None) for (kind, name), digest in _made().items()),
    ]


def _made() -> dict[tuple[str, str], str]:
    """The reward and the environment are code; their digests show that it is the same code."""
    table = quay()
    return {
        ("reward", "quay-reward"): rewards.digest(table),
        ("environment", "quay"): sha256(table.content()),
    }


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    rebuilt = {f"{kind}/{name}": digest for (kind, name), digest in _made().items()}
    return Acting(parts[REF]), rebuilt
