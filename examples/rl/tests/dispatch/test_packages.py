"""What is installed is what the SBOM of the release names, package by package."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_sbom_names_exactly_what_is_installed() -> None:
    parts = json.loads((ROOT / "evidence/sbom.cdx.json").read_text(encoding="utf-8"))["components"]
    named = [f"{p['name']}=={p['version']}" for p in parts if p["type"] == "library"]
    installed = (ROOT / "reports/released/2026-11-installed.txt").read_text(encoding="utf-8")
    assert sorted(named) == sorted(installed.split())


def test_the_sbom_names_policy_and_encoder_of_the_release_by_digest() -> None:
    parts = json.loads((ROOT / "evidence/sbom.cdx.json").read_text(encoding="utf-8"))["components"]
    models = [p for p in parts if p["type"] == "machine-learning-model"]
    path = ROOT / "versioning/releases/release-2026-11.json"
    members = json.loads(path.read_text(encoding="utf-8"))["members"]
    named = {f"{p['name']}@sha256:{p['hashes'][0]['content']}" for p in models}
    assert named == {m.partition("/")[2] for m in members if m.startswith(("policy/", "model/"))}
