"""What the system is for, as a tree of numbers: one north star, and proxies that move before it.

`parent` names the KPI that this one is believed to move; only the north star has none.
A guardrail is watched by a gate, an alert or the experiment.
`baseline` is the value before the system, and `source` the query or dashboard it was read from.
"""

from typing import Literal

from mlcharter.formats.models import Entry, Id, Owner, Text


class Kpi(Entry, frozen=True, kw_only=True):
    id: Id
    role: Literal["north-star", "proxy", "guardrail"]
    parent: Id | None
    unit: Text
    direction: Literal["up", "down"]
    baseline: float
    source: Text
    owner: Owner


MODEL = list[Kpi]
