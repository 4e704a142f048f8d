"""The joint release leaves out a kind that moves with it, or pins what is not fit to be released.

A prompt that goes live alone was never evaluated with the model that reads it.

Flagged:

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model, dataset]
    members:
      - model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37
      - dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892
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
    previous: release-1
    required: [model, dataset, eval]
    members:
      - model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37
      - dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```

Fine:

    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model, dataset, eval]
    members:
      - model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37
      - dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892
      - eval/e@sha256:253ae47406dc1128b23dd89d8bd8e310cb42c3b9779455e03d7b657b048aa717
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

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for release in charter.entries("joint_release"):
        wanted = release.value.required
        for kind, why in release_record.required(charter).items():
            if kind not in wanted:
                message = f"`joint_release` does not require `{kind}`, and {why}; add it"
                yield release.finding(message, "required")
        yield from _members(charter, release)


def _members(charter: Charter, release: Entry) -> Iterator[Finding]:
    wanted = release.value.required
    kinds = {ref.partition("/")[0] for ref in release.value.members}
    for n, kind in enumerate(wanted):
        if kind not in kinds:
            message = f"`joint_release` requires `{kind}` and pins none; add it to the members"
            yield release.finding(message, "required", n)
    registry = charter.named("registry")
    seen: set[str] = set()
    for n, ref in enumerate(release.value.members):
        short = ref.partition("@")[0]
        entry = registry.get(ref)
        if short in seen:
            message = f"`joint_release` pins `{short}` twice; keep one digest"
            yield release.finding(message, "members", n)
        elif short.partition("/")[0] not in wanted:
            message = f"`joint_release` pins `{short}`, a kind that it does not require"
            yield release.finding(f"{message}; require it as well", "members", n)
        elif entry is not None and entry.value.stage == "candidate":
            message = f"`joint_release` pins `{short}`, which the registry calls a candidate"
            yield release.finding(f"{message}; correct one of the two", "members", n)
        seen.add(short)
