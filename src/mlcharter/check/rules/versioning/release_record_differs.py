"""The record of the release does not match `joint_release`.

A deployment reads the record, people read the document. The record is
`versioning/releases/<id>.json`, with `id`, `sequence`, `previous` and `members`. A registry entry
with the stage `released` must be in this release or in the previous one.

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
        record = release_record.read(charter.tree, release.value.id)
        if isinstance(record, str):
            yield release.finding(f"`{path}` {record}; record the release there", "id")
            continue
        yield from _compare_record(release, record, path)
        yield from _find_unpinned(charter, release)


def _compare_record(release: Entry, record: Manifest, path: str) -> Iterator[Finding]:
    value = release.value
    for key in ("id", "sequence", "previous"):
        document_value, record_value = getattr(value, key), getattr(record, key)
        if document_value != record_value:
            message = f"`joint_release` has the {key} `{document_value}`, but `{path}` has"
            yield release.finding(f"{message} `{record_value}`; correct one of them", key)
    for n, ref in enumerate(value.members):
        if ref not in record.members:
            message = f"`joint_release` pins a version of `{ref.partition('@')[0]}` not in `{path}`"
            yield release.finding(f"{message}; correct one of them", "members", n)
    for ref in record.members:
        if ref not in value.members:
            message = f"`{path}` pins a version of `{ref.partition('@')[0]}` not in `joint_release`"
            yield release.finding(f"{message}; correct one of them", "members")


def _find_unpinned(charter: Charter, release: Entry) -> Iterator[Finding]:
    previous = release.value.previous
    before = release_record.read(charter.tree, previous) if previous else None
    if previous and not isinstance(before, Manifest):
        return  # previous-release-missing reports it
    pinned = {*release.value.members, *(before.members if isinstance(before, Manifest) else ())}
    for entry in charter.entries("registry"):
        if entry.value.stage == "released" and entry.value.ref not in pinned:
            message = f"`registry`: `{entry.value.ref.partition('@')[0]}` is `released`"
            why = "but in neither this release nor the previous one; retire it or release it"
            yield entry.finding(f"{message}, {why}", "stage")
