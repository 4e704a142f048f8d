"""Limits that the system must meet, such as latency, cost or privacy.

`mirrors` names the SLO (latency) or the budget (cost) that has the same number.
"""

from typing import Literal

from mlcharter.formats.models import Entry, Id, Text


class Constraint(Entry, frozen=True, kw_only=True):
    id: Id
    kind: Literal["latency", "cost", "privacy", "legal", "data", "fairness", "hardware", "safety"]
    value: float | Text
    unit: Text | None
    mirrors: Id | None


MODEL = list[Constraint]
