"""The record of the release is not what the documents say.

Deploy reads the record, people read the document. The record is `versioning/releases/<id>.json`,
with `id`, `sequence`, `previous` and `members`. What the registry calls released is in this
release or in the one before.

Flagged:

    --- versioning/releases/release-2.json
    {"id": "release-2", "sequence": 3, "previous": "release-1",
      "members": ["eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37"]}
    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [eval]
    members: [eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```

Fine:

    --- versioning/releases/release-2.json
    {"id": "release-2", "sequence": 2, "previous": "release-1",
      "members": ["eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37"]}
    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [eval]
    members: [eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import release_record
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.charter.release_record import Manifest
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for release in charter.entries("joint_release"):
        path = f"{release_record.RELEASES}/{release.value.id}.json"
        record = release_record.manifest(charter, release.value.id)
        if isinstance(record, str):
            yield release.finding(f"`{path}` {record}; record the release there", "id")
            continue
        yield from _different(release, record, path)
        yield from _never_released(charter, release)


def _different(release: Entry, record: Manifest, path: str) -> Iterator[Finding]:
    value = release.value
    for key in ("id", "sequence", "previous"):
        here, there = getattr(value, key), getattr(record, key)
        if here != there:
            message = f"`joint_release` has the {key} `{here}`, and `{path}` has `{there}`"
            yield release.finding(f"{message}; make them agree", key)
    for n, ref in enumerate(value.members):
        if ref not in record.members:
            message = f"`joint_release` pins `{ref.partition('@')[0]}` otherwise than `{path}`"
            yield release.finding(f"{message}; make them agree", "members", n)
    for ref in record.members:
        if ref not in value.members:
            message = f"`{path}` pins `{ref.partition('@')[0]}` otherwise than `joint_release`"
            yield release.finding(f"{message}; make them agree", "members")


def _never_released(charter: Charter, release: Entry) -> Iterator[Finding]:
    previous = release.value.previous
    before = release_record.manifest(charter, previous) if previous else None
    if previous and not isinstance(before, Manifest):
        return  # previous-release-missing says so
    pinned = {*release.value.members, *(before.members if isinstance(before, Manifest) else ())}
    for entry in charter.entries("registry"):
        if entry.value.stage == "released" and entry.value.ref not in pinned:
            message = f"`registry`: `{entry.value.ref.partition('@')[0]}` is `released`"
            why = "and neither this release nor the one before has it; retire it, or release it"
            yield entry.finding(f"{message}, {why}", "stage")
