"""Who could misuse what, and the control that a test has tried.

`owasp` is an id of the OWASP LLM or agentic top ten, `atlas` one of MITRE ATLAS, where one fits.
"""

from typing import Annotated, Literal

from mlcharter.formats.models import Entry, Id, Level, Test, Text, whole


class Threat(Entry, frozen=True, kw_only=True):
    id: Id
    stride: Literal[
        "spoofing", "tampering", "repudiation", "disclosure", "denial-of-service", "elevation"
    ]
    owasp: Annotated[str, whole(r"(LLM|ASI)(0[1-9]|10)", "LLM01 to LLM10, ASI01 to ASI10")] | None
    atlas: (
        Annotated[str, whole(r"AML\.T[0-9]{4}(\.[0-9]{3})?", "a technique like AML.T0051")] | None
    )
    component: Text
    control: Text
    test: Test
    residual: Level


MODEL = list[Threat]
