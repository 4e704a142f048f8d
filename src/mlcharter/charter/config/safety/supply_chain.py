"""The SBOM, the SLSA build level, and the rotation of secrets.

A build on a laptop reaches SLSA Build level 1 at most.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import LESS, MORE, PERSON
from mlcharter.formats.models import Date, Entry, Path


class SupplyChain(Entry, frozen=True, kw_only=True):
    sbom: Path
    slsa_build_level: Annotated[int, Meta(ge=0, le=3)]
    secrets_max_age_days: Annotated[int, Meta(gt=0)]
    secrets_rotated_on: Date


MODEL = SupplyChain
WEAKER = {
    "*": LESS,
    "sbom": PERSON,
    "slsa_build_level": LESS,
    "secrets_max_age_days": MORE,
    "secrets_rotated_on": LESS,
}
