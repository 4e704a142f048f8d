"""The policy of the rl track: a state in, an action within the shield and its probability out."""

import random
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, create_model

from ...digests import canonical
from ...parsing import parsed
from ...rl import policy, shield
from ...rl.rollout import KillSwitch
from .. import decisions
from ..decisions import Decisions, Name, folder
from ..service import Backend

NAME = "rl"
REF = "policy/served-policy"
SHIELD = "environment/shield"
LIMITS = "guardrail/rollout-limits"
SMOKE = policy.SMOKE
_FIELDS: dict[str, Any] = {name: (kind, ...) for name, kind in policy.FEATURES.items()}
_FIELDS |= {"episode": (Name | None, None), "step": (Annotated[int, Field(ge=0)], 0)}
Question = create_model("State", __config__=ConfigDict(extra="forbid", strict=True), **_FIELDS)
"""The features of the state. A sequence has an episode, and a step that counts from 0 in it."""


class Acting:
    """Draws from the shielded policy until its kill-switch trips; then the baseline acts alone."""

    name = NAME
    Outcome = decisions.Outcome

    def __init__(self, data: bytes, limits: bytes, seed: int | None = None) -> None:
        content, allowed = canonical(parsed(data)), parsed(limits)
        self._policy, self._baseline = policy.load(content), policy.load(content, "baseline")
        self._random = random.Random(seed)  # noqa: S311 -- exploration, not a secret
        self.version = sha256(data).hexdigest()[:12]
        switch = KillSwitch(allowed["violation_ceiling"], allowed["alpha"])
        self.decisions = Decisions(folder(), self.version, switch)

    @property
    def stopped(self) -> bool:
        return self.decisions.switch.tripped

    def answer(self, question: BaseModel) -> dict[str, Any]:
        chances = self._policy(_state(question))[0].tolist()
        return _decided(self._random.choices(range(len(chances)), chances)[0], chances)

    def fallback(self, question: BaseModel) -> dict[str, Any] | None:
        """What the policy of the log does most often, without exploration."""
        best = int(self._baseline(_state(question))[0].argmax())
        return _decided(best, np.eye(len(policy.ACTIONS))[best].tolist())

    def sent(self, question: Any, result: dict[str, Any], *, full: bool) -> None:
        permitted = shield.permitted(_state(question), policy.ACTIONS)[0]
        state = question.model_dump()
        self.decisions.decided(
            {
                "decision": result["decision"],
                **state,
                "episode": state["episode"] or result["decision"],
                "allowed": " ".join(np.array(policy.ACTIONS)[permitted]),
                "action": result["action"],
                "propensity": result["probability"],
                "policy_version": self.version if full else f"{self.version}-baseline",
                "shield_version": _shield()[:12],
            }
        )

    def learn(self, outcome: decisions.Outcome) -> bool:
        return self.decisions.learn(outcome)

    def gauges(self) -> dict[str, float]:
        switch = self.decisions.switch
        return {
            "policy_violation_log_wealth": switch.log_wealth,
            "policy_switch_tripped": float(switch.tripped),
        }


def _decided(action: int, chances: list[float]) -> dict[str, Any]:
    name = policy.ACTIONS[action]
    return {"decision": uuid4().hex, "action": name, "probability": chances[action]}


def _state(question: BaseModel) -> pd.DataFrame:
    return pd.DataFrame([question.model_dump(include=set(policy.FEATURES))])


def _shield() -> str:
    """The digest of the shield's code, which shows that it is the same as when it was measured."""
    return sha256(Path(shield.__file__).read_bytes()).hexdigest()


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    return Acting(parts[REF], parts[LIMITS]), {SHIELD: _shield()}
