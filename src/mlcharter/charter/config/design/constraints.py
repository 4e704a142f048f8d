"""Limits that the system must meet, such as latency, cost or privacy.

`mirrors` names the SLO (latency) or the budget (cost) that has the same number.
"""

from typing import Literal

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Text


class Constraint(Entry, frozen=True, kw_only=True):
    id: Id
    kind: Literal["latency", "cost", "privacy", "legal", "data", "fairness", "hardware", "safety"]
    value: float | Text
    unit: Text | None
    mirrors: Id | None


MODEL = list[Constraint]


def _limit(constraint: Constraint) -> str:
    """Return the direction of a limit: latency and cost have an upper one."""
    return MORE if constraint.kind in ("latency", "cost") else PERSON


WEAKER = {"*": LESS, "id": NAME, "kind": ANY, "value": _limit, "unit": ANY, "mirrors": ANY}
