"""The secrets were last rotated longer ago than the config block allows.

Whoever left or was robbed since then may still hold one that works.

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
        day, limit = entry.value.secrets_rotated_on, entry.value.secrets_max_age_days
        if day + timedelta(days=limit) < charter.earliest:
            message = f"secrets were last rotated on {day}, longer ago than {limit} days"
            yield entry.finding(f"{message}; rotate them", "secrets_rotated_on")
