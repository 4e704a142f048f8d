"""A tool has no threat.

Each tool can be misused. Write the id of the tool into `component` of the threat.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: refund, read_only: false, destructive: true, idempotent: false, scopes: [pay],
        approval: human, timeout_s: 5, per_minute: 20, egress: []}
    ```

    <!-- config: threats -->
    ```yaml
    - {id: forged, stride: spoofing, owasp: null, atlas: null, component: the web form,
        control: signed forms, test: tests/test_forms.py, residual: low}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: tools -->
    ```yaml
    - {id: refund, read_only: false, destructive: true, idempotent: false, scopes: [pay],
        approval: human, timeout_s: 5, per_minute: 20, egress: []}
    ```

    <!-- config: threats -->
    ```yaml
    - {id: talked-into, stride: elevation, owasp: LLM06, atlas: null,
        component: the tool refund, control: a person sees the call, test: tests/test_forms.py,
        residual: low}
    ```
"""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
_WORD = re.compile(r"[a-z0-9-]+")


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("threats"):
        return
    components = [threat.value.component.lower() for threat in charter.entries("threats")]
    threatened = {word for component in components for word in _WORD.findall(component)}
    for tool in charter.entries("tools"):
        if tool.value.id not in threatened:
            message = f"{tool.subject} is not the component of any threat"
            yield tool.finding(f"{message}; add one to `threats`", "id")
