"""JSON Lines: one object a case, with its columns as keys."""

from mlcharter.gate.tables import ID, Source, Table, from_records
from mlcharter.support.errors import UserError


def read(source: Source) -> Table | None:
    first = next(iter(source.documents.values()), None)
    if not isinstance(first, dict) or ID not in first:
        return None
    for number, document in source.documents.items():
        if not isinstance(document, dict):
            place = f"{source.name}:{number}"
            raise UserError(f"{place} is no object", "write one JSON object a line, for each case")
    records = ((f":{number}", document) for number, document in source.documents.items())
    return from_records(source.name, records)
