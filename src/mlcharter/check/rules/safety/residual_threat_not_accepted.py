"""A threat with a high residual risk is not accepted in `risks`.

A person must decide whether the risk is worth it. Accept it in an entry of `risks` whose `control`
is the threat, with a name and an end date.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: threats -->
    ```yaml
    - {id: forged, stride: spoofing, owasp: null, atlas: null, component: the web form,
        control: signed forms, test: tests/test_forms.py, residual: high}
    ```

Fine:

    <!-- config: risks -->
    ```yaml
    - {id: forgery, severity: high, likelihood: low, owner: "@acme/ml", control: forged,
        residual: high, accepted_by: "@acme/board", until: 2027-01-31}
    ```

    --- safety/safety_checklist.md
    <!-- config: threats -->
    ```yaml
    - {id: forged, stride: spoofing, owasp: null, atlas: null, component: the web form,
        control: signed forms, test: tests/test_forms.py, residual: high}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("risks"):
        return
    accepted = {
        risk.value.control
        for risk in charter.entries("risks")
        if risk.value.accepted_by is not None
    }
    for threat in charter.entries("threats"):
        value = threat.value
        if value.residual in ("high", "critical") and value.id not in accepted:
            message = f"{threat.subject} has a {value.residual} residual risk that nobody accepted"
            yield threat.finding(f"{message}; reduce it or accept it in `risks`", "residual")
