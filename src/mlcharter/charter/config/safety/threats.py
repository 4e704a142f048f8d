"""Threats by STRIDE category, each with its control and the test of that control.

`owasp` is an id of an OWASP top ten: for machine learning (ML01), for LLMs (LLM01, LLM01:2025) or
for agents (ASI01). `atlas` is a technique of MITRE ATLAS. Each is null if none fits.
"""

from typing import Annotated, Literal

from mlcharter.formats.directions import ANY, GONE, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Entry, Id, Level, Test, Text, full_match


class Threat(Entry, frozen=True, kw_only=True):
    id: Id
    stride: Literal[
        "spoofing", "tampering", "repudiation", "disclosure", "denial-of-service", "elevation"
    ]
    owasp: (
        Annotated[
            str,
            full_match(
                r"(ML|LLM|ASI)(0[1-9]|10)(:20[0-9]{2})?",
                "an id of an OWASP top ten such as ML01, LLM01 or ASI01",
            ),
        ]
        | None
    )
    atlas: (
        Annotated[str, full_match(r"AML\.T[0-9]{4}(\.[0-9]{3})?", "a technique such as AML.T0051")]
        | None
    )
    component: Text
    control: Text
    test: Test
    residual: Level


MODEL = list[Threat]
WEAKER = {
    "*": LESS,
    "id": NAME,
    "stride": ANY,
    "owasp": GONE,
    "atlas": GONE,
    "component": PERSON,
    "control": PERSON,
    "test": PERSON,
    "residual": MORE,
}
