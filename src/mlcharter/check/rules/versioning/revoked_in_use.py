"""A release pins a revoked or retired version, or only one of two lists revokes it.

A revoked version must not be deployed again. `registry` marks it with the stage `revoked`, and
`signing` lists it under `revoked`.

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: retired, owner: "@acme/ml"}
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

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: revoked, owner: "@acme/ml"}
    ```

    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}], threshold: 1,
      min_sequence: 1, revoked: []}
    ```

Fine:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null, datasets: [],
        embedder: null, stage: revoked, owner: "@acme/ml"}
    ```

    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}], threshold: 1,
      min_sequence: 1,
      revoked: ["eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37"]}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    registry = charter.named("registry")
    revoked = {ref for entry in charter.entries("signing") for ref in entry.value.revoked}
    for release in charter.entries("joint_release"):
        for n, ref in enumerate(release.value.members):
            entry = registry.get(ref)
            stage = "revoked" if ref in revoked else entry.value.stage if entry else ""
            if stage in ("revoked", "retired"):
                message = f"`joint_release` pins `{ref.partition('@')[0]}`, which is {stage}"
                yield release.finding(f"{message}; pin another version", "members", n)
    for entry in charter.entries("registry") if charter.settled("signing") else ():
        name = f"`registry`: `{entry.value.ref.partition('@')[0]}`"
        if entry.value.stage == "revoked" and entry.value.ref not in revoked:
            message = f"{name} is revoked, but `signing` does not list it"
            yield entry.finding(f"{message}; add its reference to `revoked`", "stage")
        elif entry.value.stage != "revoked" and entry.value.ref in revoked:
            message = f"{name} is `{entry.value.stage}`, but `signing` revokes it"
            yield entry.finding(f"{message}; set its stage to `revoked`", "stage")
