"""The secrets have not been rotated in time.

A secret that leaked, or that a former colleague knows, works until it is rotated.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-08-01}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-10-12}
    ```
"""

from collections.abc import Iterator
from datetime import timedelta

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for entry in charter.entries("supply_chain"):
        rotated_on, limit = entry.value.secrets_rotated_on, entry.value.secrets_max_age_days
        if rotated_on + timedelta(days=limit) < charter.earliest:
            message = f"secrets were last rotated on {rotated_on}, over {limit} days ago"
            yield entry.finding(f"{message}; rotate them", "secrets_rotated_on")
