"""OpenTelemetry, events `gen_ai.evaluation.result` in OTLP JSON, as logs or as events of spans.

A case is named by the attribute `test.case.name`, else by `gen_ai.response.id` or its span. Each
`gen_ai.evaluation.name` is a metric, and other attributes are columns for slices.
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.gate.importers._shared import join, mapping, mappings
from mlcharter.gate.tables import Source, Table, from_records, normalise
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain

_EVENT = "gen_ai.evaluation.result"
_NAME, _VALUE, _LABEL = (
    f"gen_ai.evaluation.{key}" for key in ("name", "score.value", "score.label")
)
_IDS = ("test.case.name", "gen_ai.response.id")
_LABELS = {"pass": 1, "fail": 0}


def read(source: Source) -> Table | None:
    first = mapping(next(iter(source.documents.values()), None))
    if not first.keys() & {"resourceLogs", "resourceSpans"}:
        return None
    cases: dict[str, dict[str, Any]] = {}
    for number, span, attributes in _list_events(source):
        names = (str(attributes[key]) for key in _IDS if attributes.get(key))
        case = next(names, None) or span
        metric = normalise(str(attributes.get(_NAME)))
        known = cases.setdefault(case, {"place": f":{number}", "id": case})
        if metric in known:
            shown = f"{source.name}:{number} has a second `{plain(metric)}` of {plain(case)}"
            raise UserError(shown, "set the attribute `test.case.name` to the id of the case")
        score = attributes.get(_VALUE, _LABELS.get(str(attributes.get(_LABEL)).lower()))
        others = {k: v for k, v in attributes.items() if not k.startswith("gen_ai.evaluation.")}
        cases[case] = join(known, {metric: score}, others)
    if not cases:
        raise UserError(f"{source.name} has no event {_EVENT}", "export the events of the eval")
    return from_records(source.name, ((case.pop("place"), case) for case in cases.values()))


def _list_events(source: Source) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield the line, the span and the attributes of each event."""
    for number, document in source.documents.items():
        for span, event in _walk(mapping(document)):
            attributes = _read_attributes(event.get("attributes"))
            name = event.get("eventName") or event.get("name") or attributes.get("event.name")
            if name == _EVENT:
                yield number, span, attributes


def _walk(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in mappings(document.get("resourceLogs")):
        for scope in mappings(resource.get("scopeLogs")):
            for record in mappings(scope.get("logRecords")):
                yield str(record.get("spanId") or ""), record
    for resource in mappings(document.get("resourceSpans")):
        for scope in mappings(resource.get("scopeSpans")):
            for span in mappings(scope.get("spans")):
                for event in mappings(span.get("events")):
                    yield str(span.get("spanId") or ""), event


def _read_attributes(attributes: Any) -> dict[str, Any]:
    values = {}
    for attribute in mappings(attributes):
        for kind, value in mapping(attribute.get("value")).items():
            if kind in ("stringValue", "intValue", "doubleValue", "boolValue"):
                values[str(attribute.get("key"))] = value
    return values
