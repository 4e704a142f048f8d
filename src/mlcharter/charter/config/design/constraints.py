"""What the system may not exceed, with the SLO or budget that holds it to it.

`mirrors` names the SLO (latency) or budget (cost) that states the same number.
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
