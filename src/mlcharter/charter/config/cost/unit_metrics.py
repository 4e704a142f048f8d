"""The cost of one unit of work, as a PromQL expression.

`otel` is the name in OpenTelemetry, `focus` lists the FOCUS columns that the expression sums.
"""

from mlcharter.formats.directions import LESS, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Text


class UnitMetric(Entry, frozen=True, kw_only=True):
    id: Id
    expr: Text
    unit: Text
    otel: Text | None
    focus: list[Text]


MODEL = list[UnitMetric]
WEAKER = {"*": LESS, "id": NAME, "expr": PERSON, "unit": PERSON, "otel": PERSON, "focus": PERSON}
