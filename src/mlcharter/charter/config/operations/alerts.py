"""Alerts, each with its owner and its playbook in this document.

`subject` is what the alert is about: `slo/<name>`, `budget/<id>`, `probe/<service>`,
`slice/<id>`, `vendor/<id>`, `drift/<name>`, `policy/violations`, `policy/exploration` or
`risk/<id>`.
`runbook` is the anchor of the playbook, such as `#rollback`.

`mlcharter export prometheus` derives the alerts of an entry without `expr`, `wait` and `severity`,
which says who is alerted and which playbook to open. An entry with all three is one alert. Those
of SLOs, budgets and probes are always derived, those of risks never.
"""

from typing import Annotated, Literal

from mlcharter.formats.directions import ANY, FIRING, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Duration, Entry, Id, Owner, Text, full_match


class Alert(Entry, frozen=True, kw_only=True):
    id: Id
    subject: Annotated[
        str,
        full_match(
            r"(slo|budget|probe|slice|vendor|drift|risk)/[a-z][a-z0-9-]*"
            r"|policy/(violations|exploration)",
            "`slo/<name>`, or the same with budget, probe, slice, vendor, drift, policy or risk",
        ),
    ]
    expr: Text | None = None
    wait: Duration | None = None
    severity: Literal["page", "ticket"] | None = None
    owner: Owner
    runbook: Annotated[str, full_match(r"#[a-z0-9-]+", "an anchor in the runbook, such as `#slos`")]


MODEL = list[Alert]
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
