"""The release is approved only by the owners of its members.

Authors overlook their own mistakes, so a second person must approve. The rule applies from the tier
`production` on.

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```

    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [eval]
    members: [eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@Acme/ML"]
    approved_on: 2026-11-23
    ```

Fine:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```

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

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    registry = charter.named("registry")
    for release in charter.entries("joint_release") if charter.requires("production") else ():
        members = [registry[ref] for ref in release.value.members if ref in registry]
        owners = {member.value.owner.casefold() for member in members}
        if {one.casefold() for one in release.value.approved_by} <= owners:
            message = "`joint_release` is approved only by owners of its members"
            yield release.finding(f"{message}; get another approval", "approved_by")
