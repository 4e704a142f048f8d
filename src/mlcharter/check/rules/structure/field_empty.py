"""A document does not name its owner, or the date of its last review.

Whoever is on call needs to know whom to ask, and whether the document is up to date.

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
_REMEDIES = {
    "Owner": "name a handle such as `@fraud-team`",
    "Reviewed": "write when and by whom, such as `2026-11-23 by @ada`",
}


def check(charter: Charter) -> Iterator[Finding]:
    for document in charter.documents:
        if charter.spec.is_left_out(document.path):
            continue
        spec = charter.spec.document(document.path)
        for name, remedy in _REMEDIES.items():
            yield from _check_field(document, spec, name, remedy)


def _check_field(
    document: Document, spec: DocumentSpec | None, name: str, remedy: str
) -> Iterator[Finding]:
    field = document.field(name)
    if field is None:
        if spec is not None and name in spec.fields:
            yield document.finding(1, f"the `{name}:` line is missing; add it under the title")
    elif not field.value:
        yield document.finding(field.line, f"`{name}:` is empty; {remedy}", field.column)
    elif name == "Owner" and "@" not in field.value:
        message = f"`{name}:` has no handle or e-mail address; {remedy}"
        yield document.finding(field.line, message, field.column)
    elif name == "Reviewed" and reviewed_on(field) is None:
        yield document.finding(field.line, f"`{name}:` has no date; {remedy}", field.column)
