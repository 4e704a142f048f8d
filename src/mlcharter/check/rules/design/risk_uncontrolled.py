"""A high residual risk is not accepted, or the control of a risk does not reduce it.

If an alert has the risk as its subject, that alert is its control, and no other alert is. A gate
that only warns is not a control. Somebody accepts a risk that stays high, for at most a year.

Flagged:

    <!-- config: risks -->
    ```yaml
    - id: feed-changes
      severity: high
      likelihood: medium
      owner: "@acme/fraud"
      control: refusals
      residual: high
      accepted_by: null
      until: null
    ```

Flagged:

    <!-- config: risks -->
    ```yaml
    - id: feed-changes
      severity: low
      likelihood: medium
      owner: "@acme/fraud"
      control: refusals
      residual: medium
      accepted_by: "@acme/fraud"
      until: 2027-03-31
    ```

Flagged:

    <!-- config: risks -->
    ```yaml
    - id: feed-changes
      severity: high
      likelihood: medium
      owner: "@acme/fraud"
      control: complaints
      residual: low
      accepted_by: null
      until: null
    ```

    <!-- config: alerts -->
    ```yaml
    - id: refusals
      subject: risk/feed-changes
      expr: refused_total > 3
      wait: 1m
      severity: page
      owner: "@acme/fraud"
      runbook: "#alert-drift"
    - id: complaints
      subject: slo/answers
      expr: complaints_total > 3
      wait: 1m
      severity: page
      owner: "@acme/fraud"
      runbook: "#alert-slo-burn"
    ```

Fine:

    <!-- config: risks -->
    ```yaml
    - id: feed-changes
      severity: high
      likelihood: medium
      owner: "@acme/fraud"
      control: refusals
      residual: high
      accepted_by: "@acme/board"
      until: 2027-03-31
    ```
"""

import datetime
from collections.abc import Iterator
from typing import get_args

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats.models import Level
from mlcharter.support.finding import Finding

LEVEL = "complete"
_LEVELS = get_args(Level)
_YEAR = 366  # days, if the settings set no limit for waivers


def check(charter: Charter) -> Iterator[Finding]:
    gates = charter.named("gates")
    for entry in charter.entries("risks"):
        yield from _check_acceptance(charter, entry)
        gate = gates.get(entry.value.control)
        if gate is not None and gate.value.on_fail == "warn":
            message = f"{entry.subject} is controlled by `{entry.value.control}`"
            remedy = "set `on_fail: block`, or name another control"
            yield entry.finding(f"{message}, a gate that only warns; {remedy}", "control")
    yield from _check_alerts(charter)


def _check_acceptance(charter: Charter, entry: Entry) -> Iterator[Finding]:
    risk, name = entry.value, entry.subject
    longest = charter.settings.values.waiver_days or _YEAR
    if _LEVELS.index(risk.residual) > _LEVELS.index(risk.severity):
        message = (
            f"{name} has a residual risk of {risk.residual}, but a severity of {risk.severity}"
        )
        yield entry.finding(f"{message}; correct one of them", "residual")
    if risk.residual in ("high", "critical") and risk.accepted_by is None:
        message = f"{name} stays {risk.residual}, but nobody accepted it; give `accepted_by`"
        yield entry.finding(message, "accepted_by")
    if (risk.accepted_by is None) != (risk.until is None):
        missing = "accepted_by" if risk.accepted_by is None else "until"
        message = f"the acceptance of {name} has no `{missing}`"
        yield entry.finding(f"{message}; give both `accepted_by` and `until`", missing)
    elif risk.until is not None and risk.until < charter.earliest:
        message = f"{name} was accepted until {risk.until}; reduce it, or have it accepted again"
        yield entry.finding(message, "until")
    elif risk.until is not None and risk.until > charter.latest + datetime.timedelta(days=longest):
        message = f"{name} is accepted for longer than {longest} days; choose an earlier date"
        yield entry.finding(message, "until")


def _check_alerts(charter: Charter) -> Iterator[Finding]:
    """Yield the risks whose control is an alert for something else, although one watches them."""
    alerts = {entry.value.id: entry.value.subject for entry in charter.entries("alerts")}
    by_subject = {subject: id for id, subject in alerts.items()}
    for entry in charter.entries("risks"):
        alert = by_subject.get(f"risk/{entry.value.id}")
        subject = alerts.get(entry.value.control)
        if alert is not None and subject is not None and subject != f"risk/{entry.value.id}":
            message = f"{entry.subject} is controlled by `{entry.value.control}`, which watches"
            remedy = f"name `{alert}`, which watches this risk"
            yield entry.finding(f"{message} `{subject}`; {remedy}", "control")
