"""The regulations that apply, and who checked them when.

Each date has a source; this is not legal advice.
`role` and `risk` use the terms of the EU AI Act.
The risk `high` requires an impact assessment and human oversight.
`exemption` is the record of Art. 6(3) and (4): why a system of Annex III is not high-risk.
`post_market` is the path of the plan for monitoring after launch (Art. 72), which providers need.
"""

from typing import Literal

from mlcharter.formats.directions import ANY, GONE, LESS, MORE, NAME, PERSON
from mlcharter.formats.models import Date, Entry, Owner, Part, Path, Text


class Duty(Part, frozen=True, kw_only=True):
    duty: Text
    applies_from: Date
    source: Text


class Exemption(Part, frozen=True, kw_only=True):
    condition: Literal[
        "narrow-procedural-task", "improves-finished-work", "detects-deviations", "preparatory-task"
    ]
    profiles_people: bool
    assessment: Path
    registered: Text


class Regulatory(Entry, frozen=True, kw_only=True):
    role: Literal[
        "provider", "deployer", "both", "importer", "distributor", "gpai-provider", "none"
    ]
    risk: Literal["prohibited", "high", "limited", "minimal"]
    annex_iii: Text | None
    exemption: Exemption | None = None
    assessment: Path | None
    oversight: Text | None
    post_market: Path | None = None
    duties: list[Duty]
    checked_on: Date
    checked_by: Owner


MODEL = Regulatory
WEAKER = {
    "*": LESS,
    "role": ANY,
    "risk": ("prohibited", "high", "limited", "minimal"),
    "annex_iii": PERSON,
    "exemption": {
        "*": MORE,
        "condition": PERSON,
        "profiles_people": PERSON,
        "assessment": PERSON,
        "registered": PERSON,
    },
    "assessment": GONE,
    "oversight": GONE,
    "post_market": GONE,
    "duties": {"*": LESS, "duty": NAME, "applies_from": MORE, "source": PERSON},
    "checked_on": LESS,
    "checked_by": PERSON,
}
