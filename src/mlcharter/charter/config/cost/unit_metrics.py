"""What one unit of work costs.

`otel` is OpenTelemetry's name, `focus` the FOCUS columns it sums.
"""

from mlcharter.formats.models import Entry, Id, Text


class UnitMetric(Entry, frozen=True, kw_only=True):
    id: Id
    expr: Text
    unit: Text
    otel: Text | None
    focus: list[Text]


MODEL = list[UnitMetric]
