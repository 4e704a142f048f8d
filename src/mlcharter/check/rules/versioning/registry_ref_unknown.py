"""A reference is not registered, or only in another version.

Without a registry entry, the artifact has no known location, licence or owner.

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: MIT, card: null,
        datasets: [
        "dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892"],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```

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
    members: [eval/e@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892]
    gates: [auc]
    approved_by: ["@acme/board"]
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
from mlcharter.charter.config_entries import Entry, Path
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("registry"):
        return
    registry = charter.named("registry")
    versions = {ref.partition("@")[0] for ref in registry}
    for entry, path, ref in _find_references(charter):
        short = ref.partition("@")[0]
        if ref in registry:
            continue
        message = f"{entry.subject} refers to `{short}`, which is not registered"
        if short in versions:
            message = f"{entry.subject} refers to a version of `{short}` that is not registered"
        yield entry.finding(f"{message}; register it or correct the reference", *path)


def _find_references(charter: Charter) -> Iterator[tuple[Entry, Path, str]]:
    """Return each reference in a config block, with its entry and path."""
    for entry in charter.entries("registry"):
        for n, ref in enumerate(entry.value.datasets):
            yield entry, ("datasets", n), ref
        if entry.value.embedder is not None:
            yield entry, ("embedder",), entry.value.embedder
    for kind, key in (("joint_release", "members"), ("signing", "revoked")):
        for entry in charter.entries(kind):
            for n, ref in enumerate(getattr(entry.value, key)):
                yield entry, (key, n), ref
