"""A document does not say who answers for it, or when somebody last reviewed it.

When the system misbehaves at night, the first question is whom to call; the second is whether
the page that one reads still holds.

Template:

    # Fraud watch: design

    Owner: @acme/fraud

    Reviewed:

Flagged:

    # Fraud watch: design

    Owner:

    Reviewed: 2026-11-23 by @ada

Flagged:

    # Fraud watch: design

    Owner: @acme/fraud

    Reviewed: recently

Flagged:

    # Fraud watch: design

    Reviewed: 2026-11-23 by @ada

Fine:

    # Fraud watch: design

    Owner: @acme/fraud

    Reviewed: 2026-11-23 by @ada
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.review_date import reviewed_on
from mlcharter.markdown.document import Document
from mlcharter.support.finding import Finding
from mlcharter.template.specification import DocumentSpec

LEVEL = "complete"
_DAY = "write when and by whom, such as `2026-11-23 by @ada`"
_ASKED = {"Owner": "name a handle such as `@fraud-team`", "Reviewed": _DAY}


def check(charter: Charter) -> Iterator[Finding]:
    for document in charter.documents:
        demand = charter.spec.document(document.path)
        for name, remedy in _ASKED.items():
            yield from _wrong(document, demand, name, remedy)


def _wrong(
    document: Document, demand: DocumentSpec | None, name: str, remedy: str
) -> Iterator[Finding]:
    field = document.field(name)
    if field is None:
        if demand is not None and name in demand.fields:
            yield document.finding(1, f"there is no `{name}:` line; add one under the title")
    elif not field.value:
        yield document.finding(field.line, f"`{name}:` is empty; {remedy}", field.column)
    elif name == "Owner" and "@" not in field.value:
        message = f"`{name}:` names nobody who can be called; {remedy}"
        yield document.finding(field.line, message, field.column)
    elif name == "Reviewed" and reviewed_on(field) is None:
        yield document.finding(field.line, f"`{name}:` has no day; {remedy}", field.column)
