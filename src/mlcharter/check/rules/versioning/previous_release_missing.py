"""There is no release to roll back to.

The record of the previous release is `versioning/releases/<id>.json`, with `id`, `sequence` and
`members`. Only the first release has no previous one. A previous release cannot be used if its
sequence is below `min_sequence` of `signing`, if it lacks a required kind, or if a member is no
longer released.

Flagged:

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

Flagged:

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: null
    required: [eval]
    members: [eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```

Fine:

    --- versioning/releases/release-1.json
    {"id": "release-1", "sequence": 1,
      "members": ["eval/e@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892"]}
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
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for release in charter.entries("joint_release"):
        value = release.value
        if value.previous is None:
            if value.sequence != 1:
                message = f"`joint_release` has the sequence {value.sequence} but no `previous`"
                yield release.finding(f"{message}; name the release to roll back to", "previous")
        elif value.previous == value.id:
            message = "`joint_release` has itself as `previous`; name the release before it"
            yield release.finding(message, "previous")
        else:
            problem = _find_problem(charter, release)
            if problem:
                message = f"the previous release `{value.previous}` {problem}"
                yield release.finding(message, "previous")
        for signing in charter.entries("signing"):
            if value.sequence < signing.value.min_sequence:
                message = f"`signing` has the `min_sequence` {signing.value.min_sequence}"
                why = f"but `joint_release` has {value.sequence}; correct one of them"
                yield signing.finding(f"{message}, {why}", "min_sequence")


def _find_problem(charter: Charter, release: Entry) -> str | None:
    """Return why the previous release cannot be rolled back to, as a predicate; None if it can."""
    value = release.value
    path = f"{release_record.RELEASES}/{value.previous}.json"
    before = release_record.read(charter.tree, value.previous)
    if isinstance(before, str):
        return f"cannot be rolled back to: `{path}` {before}; record it there"
    if before.id != value.previous:
        return f"has the id `{before.id}` in `{path}`; correct one of them"
    if before.sequence >= value.sequence:
        return f"has the sequence {before.sequence}, not below this one; correct one of them"
    for signing in charter.entries("signing"):
        if before.sequence < signing.value.min_sequence:
            least = signing.value.min_sequence
            return f"has the sequence {before.sequence}, but `signing` accepts none below {least}"
    missing = set(value.required) - {ref.partition("/")[0] for ref in before.members}
    if missing:
        return f"does not pin `{min(missing)}`, which is required; add it to `{path}`"
    for ref in before.members:
        entry = charter.named("registry").get(ref)
        if entry is not None and entry.value.stage != "released":
            return f"pins `{ref.partition('@')[0]}`, which is {entry.value.stage}; keep it released"
    unknown = [ref for ref in before.members if ref not in charter.named("registry")]
    if unknown and charter.settled("registry") and charter.configs("registry"):
        return f"pins `{unknown[0].partition('@')[0]}`, which is not registered; register it"
    return None
