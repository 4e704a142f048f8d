"""Alerts, each with its owner and its playbook in this document.

`subject` is what the alert is about: `slo/<name>`, `budget/<id>`, `slice/<id>`, `vendor/<id>`,
`drift/<name>` or `risk/<id>`.
`runbook` is the anchor of the playbook, such as `#rollback`.

`mlcharter export prometheus` derives the alerts of an SLO or a budget; their entry has no `expr`,
`wait` and `severity`, and says who is alerted and which playbook to open. Every other entry is one
alert, and needs all three.
"""

from typing import Annotated, Literal

from mlcharter.formats.directions import ANY, FIRING, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Duration, Entry, Id, Owner, Text, full_match


class Alert(Entry, frozen=True, kw_only=True):
    id: Id
    subject: Annotated[
        str,
        full_match(
            r"(slo|budget|slice|vendor|drift|risk)/[a-z][a-z0-9-]*",
            "`slo/<name>`, or the same with budget, slice, vendor, drift or risk",
        ),
    ]
    expr: Text | None = None
    wait: Duration | None = None
    severity: Literal["page", "ticket"] | None = None
    owner: Owner
    runbook: Annotated[str, full_match(r"#[a-z0-9-]+", "an anchor in the runbook, such as `#slos`")]


MODEL = list[Alert]
DERIVED = ("slo/", "budget/")
"""What the subjects of derived alerts start with."""
WEAKER = {
    "*": LESS,
    "id": NAME,
    "subject": ANY,
    "expr": FIRING,
    "wait": MORE,
    "severity": ("page", "ticket"),
    "owner": PERSON,
    "runbook": PERSON,
}
