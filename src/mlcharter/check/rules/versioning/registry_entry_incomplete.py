"""A registry entry is incomplete or contradicts itself.

If a model does not name its `datasets`, you cannot find it when someone asks you to delete their
data. A model, index, reranker, policy, feature or eval with a path needs `datasets`. A model or
dataset needs a card. `kind` must match the reference, and `format` the file.

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: model, path: models/m.onnx, format: onnx, licence: MIT, card: docs/cards/model.md,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```

Flagged:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: models/m.pkl, format: onnx, licence: MIT, card: null,
        datasets: [
        "dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892"],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```

Fine:

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: model, path: models/m.onnx, format: onnx, licence: MIT, card: docs/cards/model.md,
        datasets: [
        "dataset/d@sha256:b0a43639214b3ccffd823ee81355728745ae36f7b0888ca3e0907904d65ea892"],
        embedder: null, stage: released, owner: "@acme/ml"}
    ```
"""

import posixpath
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_DERIVED_KINDS = frozenset(["model", "index", "reranker", "policy", "eval", "feature"])
_CARD_KINDS = frozenset(["model", "dataset"])
_SOURCE_KINDS = frozenset(["dataset", "experience", "feature"])


def check(charter: Charter) -> Iterator[Finding]:
    for entry in charter.entries("registry"):
        value = entry.value
        kind, _, rest = value.ref.partition("/")
        name = f"`registry`: `{kind}/{rest.partition('@')[0]}`"
        if value.kind != kind:
            message = f"{name} has the kind `{value.kind}`; correct one of them"
            yield entry.finding(message, "kind")
        if value.kind in _CARD_KINDS and value.card is None:
            yield entry.finding(f"{name} has no card; write one and set `card`", "card")
        if value.kind in _DERIVED_KINDS and value.path is not None and not value.datasets:
            message = f"{name} has no `datasets`; name what it was made from"
            yield entry.finding(message, "datasets")
        for n, ref in enumerate(value.datasets):
            if ref.partition("/")[0] not in _SOURCE_KINDS or ref == value.ref:
                message = (
                    f"{name} has `{ref.partition('@')[0]}` in `datasets`, which is not its data"
                )
                yield entry.finding(f"{message}; name a dataset", "datasets", n)
        yield from _check_format(entry, name)


def _check_format(entry: Entry, name: str) -> Iterator[Finding]:
    value = entry.value
    suffix = posixpath.splitext(value.path or "")[1].removeprefix(".").lower()
    if value.format == "package":
        if suffix and suffix != "py":
            message = f"{name} has the format `package` but the path `{value.path}`"
            yield entry.finding(f"{message}; use the format of the file", "format")
    elif value.path is not None and suffix and suffix != value.format:
        message = f"{name} has the format `{value.format}` but the path `{value.path}`"
        yield entry.finding(f"{message}; correct one of them", "format")
    if value.embedder is not None and not value.embedder.startswith("model/"):
        message = f"{name} has an embedder that is not a model; name a model"
        yield entry.finding(message, "embedder")
