"""`registry` and `datasets` give a dataset different files or formats.

Otherwise the evals read one file and the registry verifies another. A dataset whose `uri` is a
package or a generator has the format `package` and no path. A dataset whose `uri` is a file has the
path of that file.

Flagged:

    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: "file:data/calls.csv",
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: docs/cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```
    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: dataset/calls@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: dataset, path: data/old.csv, format: csv, licence: MIT, card: docs/cards/calls.md,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```

Flagged:

    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: "generated:calls",
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: docs/cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 1.0}
    ```
    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: dataset/calls@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: dataset, path: null, format: csv, licence: MIT, card: docs/cards/calls.md,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```

Fine:

    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: "file:data/calls.csv",
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: docs/cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```
    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: dataset/calls@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: dataset, path: data/calls.csv, format: csv, licence: MIT,
        card: docs/cards/calls.md, datasets: [], embedder: null, stage: released,
        owner: "@acme/ml"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    uris = {
        f"dataset/{entry.value.id}@sha256:{entry.value.sha256}": entry.value.uri
        for entry in charter.entries("datasets")
    }
    for entry in charter.entries("registry"):
        value = entry.value
        uri = uris.get(value.ref)
        if uri is None:
            continue
        name = f"`registry`: `{value.ref.partition('@')[0]}`"
        scheme, colon, rest = uri.partition(":")
        if scheme in ("pkg", "generated") and colon:
            if value.format != "package" or value.path is not None:
                message = (
                    f"{name} has the format `{value.format}`, but `datasets` reads it from `{uri}`"
                )
                yield entry.finding(f"{message}; use the format `package` and no path", "format")
        elif scheme == "file" or not colon:
            path = rest if colon else uri
            if value.path != path:
                message = f"{name} has the path `{value.path}`, but `datasets` reads `{path}`"
                yield entry.finding(f"{message}; use the same path", "path")
