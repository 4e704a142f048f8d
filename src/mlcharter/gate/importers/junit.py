"""JUnit XML, as pytest and most test runners write it.

Each test is a case; `passed` is 1 or 0, and `suite` is its class. Skipped tests are no cases.
"""

from mlcharter.formats import junit
from mlcharter.gate.tables import Source, Table, from_records
from mlcharter.support.errors import UserError


def read(source: Source) -> Table | None:
    if not source.content[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    cases = junit.parse(source.content)
    if isinstance(cases, str):
        raise UserError(f"{source.name} {cases}", "let the test runner write it again")
    records = (
        (
            f", test {number}",
            {
                "id": f"{case.place}.{case.name}" if case.place else case.name,
                "suite": case.place,
                "file": case.file,
                "passed": int(case.outcome == "passed"),
            },
        )
        for number, case in enumerate(cases, 1)
        if case.outcome != "skipped"
    )
    return from_records(source.name, records)
