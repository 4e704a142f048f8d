"""A registered thing does not say what it is, or what it was made from.

A model whose rows are not named cannot be found when its source asks for them back.
A model, an index, a reranker, a policy and an eval that lie here name their `datasets`; a model
and a dataset have a card; `kind` is that of the reference, and `format` that of the file.

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
_MADE = frozenset(["model", "index", "reranker", "policy", "eval", "feature"])
_CARDED = frozenset(["model", "dataset"])
_SOURCES = frozenset(["dataset", "experience", "feature"])


def check(charter: Charter) -> Iterator[Finding]:
    for entry in charter.entries("registry"):
        value = entry.value
        kind, _, rest = value.ref.partition("/")
        name = f"`registry`: `{kind}/{rest.partition('@')[0]}`"
        if value.kind != kind:
            message = f"{name} has the kind `{value.kind}`; make them agree"
            yield entry.finding(message, "kind")
        if value.kind in _CARDED and value.card is None:
            yield entry.finding(f"{name} has no card; write one, and name it", "card")
        if value.kind in _MADE and value.path is not None and not value.datasets:
            message = f"{name} does not say what it was made from; name its `datasets`"
            yield entry.finding(message, "datasets")
        for n, ref in enumerate(value.datasets):
            if ref.partition("/")[0] not in _SOURCES or ref == value.ref:
                message = f"{name} was made from `{ref.partition('@')[0]}`, which holds no data"
                yield entry.finding(f"{message}; name a dataset", "datasets", n)
        yield from _stored(entry, name)


def _stored(entry: Entry, name: str) -> Iterator[Finding]:
    value = entry.value
    ending = posixpath.splitext(value.path or "")[1].removeprefix(".").lower()
    if value.format == "package":
        if ending and ending != "py":
            message = f"{name} is said to come with a package and lies in `{value.path}`"
            yield entry.finding(f"{message}; give the format of the file", "format")
    elif value.path is not None and ending and ending != value.format:
        message = f"{name} has the format `{value.format}` and lies in `{value.path}`"
        yield entry.finding(f"{message}; make them agree", "format")
    if value.embedder is not None and not value.embedder.startswith("model/"):
        message = f"{name} has an embedder that is no model; name the model"
        yield entry.finding(message, "embedder")
