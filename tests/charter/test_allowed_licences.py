"""Licences that a repository allows, and findings for a hostile SBOM."""

from pathlib import Path

import pytest

import examples
from mlcharter.charter import allowed_licences
from mlcharter.charter.allowed_licences import Allowed
from mlcharter.check import engine

ALLOWED = Allowed(frozenset(["MIT", "Apache-2.0", "Our own terms"]), frozenset([("e", "GPL-3.0")]))
CHECKLIST = """\
--- sbom.json
{}
--- safety/safety_checklist.md
<!-- config: supply_chain -->
```yaml
{{sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90, secrets_rotated_on: 2026-10-12}}
```

<!-- config: licences -->
```yaml
{{commercial_use: true, allow: [MIT], deny: [], exceptions: []}}
```
"""


@pytest.mark.parametrize(
    ("licence", "name", "allowed"),
    [
        ("MIT", "d", True),
        ("GPL-3.0", "d", False),
        ("GPL-3.0", "e", True),
        ("MIT OR GPL-3.0", "d", True),
        ("MIT AND GPL-3.0", "d", False),
        ("(MIT AND Apache-2.0) OR GPL-3.0", "d", True),
        ("(MIT OR GPL-3.0) AND GPL-3.0", "d", False),
        ("GPL-3.0 AND (MIT OR Apache-2.0)", "d", False),
        ("MIT AND (GPL-3.0 OR Apache-2.0)", "d", True),
        ("MIT or Apache-2.0", "d", True),
        ("Our own terms", "d", True),
        ("GPL-3.0 WITH exceptions", "d", False),
        ("", "d", False),
        ("OR", "d", False),
        ("MIT OR", "d", False),
        ("()", "d", False),
        ("(AND x-MIT", "d", False),
        ("MIT AND " * 50_000 + "MIT", "d", False),
        ("(" * 50_000 + "MIT" + ")" * 50_000, "d", False),
        ("(MIT AND " * 90 + "MIT" + ")" * 90, "d", True),
    ],
)
def test_a_licence_is_allowed_by_name_by_choice_or_by_exception(
    licence: str, name: str, allowed: bool
) -> None:
    assert ALLOWED.allows(licence, name) is allowed


@pytest.mark.parametrize("licence", ["MIT", "MIT AND Apache-2.0", "MIT AND  Our own terms AND MIT"])
def test_licences_joined_by_and_are_allowed_without_the_parser(
    licence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowed_licences, "_parse_expression", lambda licence: None)

    assert ALLOWED.allows(licence, "d")
    assert not ALLOWED.allows(f"{licence} AND GPL-3.0", "d")


@pytest.mark.parametrize(
    "sbom",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"bomFormat": "CycloneDX", "components": 5}',
        '{"bomFormat": "CycloneDX", "components": []}',
        '{"bomFormat": "SPDX", "components": [{"name": "a"}]}',
        '{"bomFormat": "CycloneDX", "components": [{"name": "a", "licenses": 5}, {"name": 7}]}',
        '{"bomFormat": "CycloneDX", "components": [{"name": "a", "licenses": [{"license": 7}]}]}',
    ],
)
def test_a_hostile_sbom_causes_at_most_a_finding(tmp_path: Path, sbom: str) -> None:
    charter = examples.charter(tmp_path, CHECKLIST.format(sbom))

    found = engine.findings(charter, engine.load(["sbom-differs"]))
    assert len(found) <= 1
    assert all(finding.path == "safety/safety_checklist.md" for finding in found)
    if '"licenses"' not in sbom:
        assert "is not a CycloneDX SBOM in JSON" in found[0].message
