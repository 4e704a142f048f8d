"""What is built from what, and how much of it can be proven.

A build on a laptop proves SLSA Build level 1 at most.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.models import Date, Entry, Path


class SupplyChain(Entry, frozen=True, kw_only=True):
    sbom: Path
    slsa_build_level: Annotated[int, Meta(ge=0, le=3)]
    secrets_max_age_days: Annotated[int, Meta(gt=0)]
    secrets_rotated_on: Date


MODEL = SupplyChain
