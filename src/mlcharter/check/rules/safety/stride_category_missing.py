"""A STRIDE category has no threat.

STRIDE has six categories: spoofing, tampering, repudiation, disclosure, denial of service and
elevation. If one does not apply, add an entry with `waived`.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: threats -->
    ```yaml
    - {id: forged, stride: spoofing, owasp: null, atlas: null, component: the web form,
        control: signed forms, test: tests/test_forms.py, residual: low}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: threats -->
    ```yaml
    - {id: forged, stride: spoofing, owasp: null, atlas: null, component: the form,
        control: signed forms, test: tests/test_a.py, residual: low}
    - {id: changed, stride: tampering, owasp: null, atlas: null, component: the model,
        control: signature, test: tests/test_a.py, residual: low}
    - {id: denied, stride: repudiation, owasp: null, atlas: null, component: the form,
        control: a log, test: tests/test_a.py, residual: low}
    - {id: shown, stride: disclosure, owasp: null, atlas: null, component: the log,
        control: hashes, test: tests/test_a.py, residual: low}
    - {id: flooded, stride: denial-of-service, owasp: null, atlas: null, component: the form,
        control: limits, test: tests/test_a.py, residual: low}
    - {id: raised, stride: elevation, owasp: null, atlas: null, component: the form,
        control: roles, test: tests/test_a.py, residual: low, waived: {until: 2027-01-31,
        by: "@acme/sec", reason: there are no roles yet}}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_STRIDE = (
    "spoofing",
    "tampering",
    "repudiation",
    "disclosure",
    "denial-of-service",
    "elevation",
)


def check(charter: Charter) -> Iterator[Finding]:
    covered = {threat.value.stride for threat in charter.every("threats")}
    configs = charter.configs("threats")
    if not covered or not charter.settled("threats"):
        return
    for category in _STRIDE:
        if category not in covered:
            message = f"`threats` has no threat of the category `{category}`"
            remedy = "add one, with `waived` if the category does not apply"
            yield configs[-1].finding(f"{message}; {remedy}")
