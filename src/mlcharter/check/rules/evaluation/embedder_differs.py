"""The index and the retriever use different embedders.

The vectors of a query and of a passage can be compared only if the same model made both.
With a dense retriever, both must name their embedder.

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: index/i@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: index, path: null, format: npz, licence: MIT, card: null, datasets: [],
        embedder: "model/a@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892",
        stage: released, owner: "@acme/ml"}
    - {ref: retriever/r@sha256:253ae47406dc1128b23dd89d8bd8e310cb42c3b9779455e03d7b657b048aa717,
        kind: retriever, path: null, format: json, licence: MIT, card: null, datasets: [],
        embedder: "model/b@sha256:628f7cb0d10a370bd54728d7a2271711f953bf4ebbb5e80f572a3836fc390d2c",
        stage: released, owner: "@acme/ml"}
    ```

Flagged:

    --- docs/eval_pack.md
    <!-- config: retrieval -->
    ```yaml
    {legs: [bm25, dense], fusion: {method: rrf, k: 60}, reranker: null, k: 5,
      chunk: {max_chars: 400, overlap: 0}}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: index/i@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: index, path: null, format: npz, licence: MIT, card: null, datasets: [],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```

Fine:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: index/i@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: index, path: null, format: npz, licence: MIT, card: null, datasets: [],
        embedder: "model/a@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892",
        stage: released, owner: "@acme/ml"}
    - {ref: retriever/r@sha256:253ae47406dc1128b23dd89d8bd8e310cb42c3b9779455e03d7b657b048aa717,
        kind: retriever, path: null, format: json, licence: MIT, card: null, datasets: [],
        embedder: "model/a@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892",
        stage: released, owner: "@acme/ml"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    release = charter.entry("joint_release")
    pinned = set(release.value.members) if release else set()
    live = [
        entry
        for entry in charter.entries("registry")
        if entry.value.ref in pinned or (not pinned and entry.value.stage == "released")
    ]
    indices = [entry for entry in live if entry.value.kind == "index"]
    retrievers = [entry for entry in live if entry.value.kind == "retriever"]
    embedders = {entry.value.embedder for entry in indices}
    for entry in retrievers:
        name = entry.value.ref.partition("@")[0]
        if embedders and entry.value.embedder not in embedders:
            message = f"`registry`: `{name}` has another embedder than its index"
            yield entry.finding(f"{message}; name one embedder in both", "embedder")
    dense = any("dense" in entry.value.legs for entry in charter.entries("retrieval"))
    for entry in (*indices, *retrievers) if dense else ():
        if entry.value.embedder is None:
            name = entry.value.ref.partition("@")[0]
            message = f"`registry`: `{name}` has no embedder, but `retrieval` uses `dense`"
            yield entry.finding(f"{message}; set `embedder`", "embedder")
