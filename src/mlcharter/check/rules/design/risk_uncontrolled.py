"""A risk is left to luck: nobody bears what is high, or its control does nothing about it.

Where an alert names the risk as its subject, no other alert is its control, and a gate that only
warns controls nothing. What stays high has somebody who accepted it, until a day within a year.

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
_YEAR = 366  # days; where the settings set no limit for waivers


def check(charter: Charter) -> Iterator[Finding]:
    gates = charter.named("gates")
    for entry in charter.entries("risks"):
        yield from _acceptance(charter, entry)
        gate = gates.get(entry.value.control)
        if gate is not None and gate.value.on_fail == "warn":
            message = f"{entry.subject} is controlled by `{entry.value.control}`"
            remedy = "let it block, or name another control"
            yield entry.finding(f"{message}, a gate that only warns; {remedy}", "control")
    yield from _subjects(charter)


def _acceptance(charter: Charter, entry: Entry) -> Iterator[Finding]:
    risk, name = entry.value, entry.subject
    longest = charter.settings.waiver_days or _YEAR
    if _LEVELS.index(risk.residual) > _LEVELS.index(risk.severity):
        message = f"{name} leaves more than there was: {risk.residual} of {risk.severity}"
        yield entry.finding(f"{message}; correct one of them", "residual")
    if risk.residual in ("high", "critical") and risk.accepted_by is None:
        message = f"{name} stays {risk.residual}, and nobody bears it; give `accepted_by`"
        yield entry.finding(message, "accepted_by")
    if (risk.accepted_by is None) != (risk.until is None):
        missing = "accepted_by" if risk.accepted_by is None else "until"
        message = f"{name} is accepted by nobody" if missing != "until" else f"{name} has no end"
        yield entry.finding(f"{message}; give both `accepted_by` and `until`", missing)
    elif risk.until is not None and risk.until < charter.earliest:
        message = f"{name} was accepted until {risk.until}; reduce it, or have it accepted again"
        yield entry.finding(message, "until")
    elif risk.until is not None and risk.until > charter.latest + datetime.timedelta(days=longest):
        message = f"{name} is accepted for longer than {longest} days; choose an earlier end"
        yield entry.finding(message, "until")


def _subjects(charter: Charter) -> Iterator[Finding]:
    """Risks that rely on an alert for something else, while one has them as its subject."""
    alerts = {entry.value.id: entry.value.subject for entry in charter.entries("alerts")}
    watched = {subject: id for id, subject in alerts.items()}
    for entry in charter.entries("risks"):
        own = watched.get(f"risk/{entry.value.id}")
        other = alerts.get(entry.value.control)
        if own is not None and other is not None and other != f"risk/{entry.value.id}":
            message = f"{entry.subject} is controlled by `{entry.value.control}`, which watches"
            remedy = f"name `{own}`, which watches this risk"
            yield entry.finding(f"{message} `{other}`; {remedy}", "control")
