"""From the digest of the rows to the models and releases, and back."""

import json

from tests.records import ROOT, entries, members


def test_the_rows_lead_to_every_model_and_release_that_saw_them() -> None:
    registry = {one["ref"]: one for one in entries("versioning/registries.md", "registry")}
    [rows] = [ref for ref in registry if ref.startswith("dataset/digits@")]
    models = {ref for ref, one in registry.items() if one["kind"] == "model"}

    seen = {ref for ref, one in registry.items() if rows in one["datasets"]}
    releases = [
        record["id"]
        for path in sorted((ROOT / "versioning/releases").glob("release-*[0-9].json"))
        for record in [json.loads(path.read_text(encoding="utf-8"))]
        if seen & set(record["members"])
    ]

    assert models == {ref for ref in seen if ref.startswith("model/")}
    assert releases == ["release-2026-10", "release-2026-11"]


def test_every_member_of_the_release_leads_back_to_rows_that_are_registered() -> None:
    registry = {one["ref"]: one for one in entries("versioning/registries.md", "registry")}
    for ref in members():
        assert registry[ref]["kind"] == "dataset" or registry[ref]["datasets"]
        assert set(registry[ref]["datasets"]) <= registry.keys()
