"""A tree of KPIs: one north-star metric, proxies that move before it, and guardrails.

`parent` names the KPI that this one should move; only the north star has none.
A gate, an alert or the experiment watches each guardrail.
`baseline` is the value before the system, `source` the query or dashboard that it comes from.
"""

from typing import Literal

from mlcharter.formats.directions import ANY, LESS, NAME, PERSON
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
WEAKER = {
    "*": LESS,
    "id": NAME,
    "role": ANY,
    "parent": PERSON,
    "unit": ANY,
    "direction": ANY,
    "baseline": PERSON,
    "source": PERSON,
    "owner": PERSON,
}
