"""The joint release lacks a required kind, or pins what is not ready for release.

A prompt that is released alone was not evaluated with the model that reads it. One release
therefore pins all parts that were evaluated together.

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
        required = release.value.required
        for kind, why in release_record.required(charter).items():
            if kind not in required:
                message = f"`joint_release` does not require `{kind}`, but {why}; add it"
                yield release.finding(message, "required")
        yield from _check_members(charter, release)


def _check_members(charter: Charter, release: Entry) -> Iterator[Finding]:
    required = release.value.required
    kinds = {ref.partition("/")[0] for ref in release.value.members}
    for n, kind in enumerate(required):
        if kind not in kinds:
            message = f"`joint_release` requires `{kind}` but pins none; add it to `members`"
            yield release.finding(message, "required", n)
    registry = charter.named("registry")
    pinned: set[str] = set()
    for n, ref in enumerate(release.value.members):
        short = ref.partition("@")[0]
        entry = registry.get(ref)
        if short in pinned:
            message = f"`joint_release` pins two versions of `{short}`; keep one"
            yield release.finding(message, "members", n)
        elif short.partition("/")[0] not in required:
            message = f"`joint_release` pins `{short}`, whose kind is not required"
            yield release.finding(f"{message}; add the kind to `required`", "members", n)
        elif entry is not None and entry.value.stage == "candidate":
            message = f"`joint_release` pins `{short}`, which is a candidate in `registry`"
            yield release.finding(f"{message}; correct one of them", "members", n)
        pinned.add(short)
