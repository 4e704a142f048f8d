"""Which law applies, read by whom and when.

Dates are data with a source; nothing here is advice.
`role` and `risk` are the EU AI Act's words. `high` asks for an impact assessment and oversight.
"""

from typing import Literal

from mlcharter.formats.models import Date, Entry, Owner, Part, Path, Text


class Duty(Part, frozen=True, kw_only=True):
    duty: Text
    applies_from: Date
    source: Text


class Regulatory(Entry, frozen=True, kw_only=True):
    role: Literal["provider", "deployer", "both", "none"]
    risk: Literal["prohibited", "high", "limited", "minimal"]
    annex_iii: Text | None
    assessment: Path | None
    oversight: Text | None
    duties: list[Duty]
    checked_on: Date
    checked_by: Owner


MODEL = Regulatory
