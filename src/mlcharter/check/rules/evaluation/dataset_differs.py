"""A dataset is not the one that its card, its address or the registry speaks of.

Whoever asks which rows a model has seen gets two answers.

Flagged:

    <!-- config: datasets -->
    ```yaml
    - id: cards
      uri: generated:cards
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 900
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: random, key: null, sha256: null}
      synthetic: 1.0
    ```
    --- docs/cards/data.md
    # Data card: purchases

    Owner: @acme/fraud

Flagged:

    <!-- config: datasets -->
    ```yaml
    - id: cards
      uri: data/cards.csv
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 900
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: group, key: null, sha256: null}
      synthetic: 0.0
    ```
    --- docs/cards/data.md
    # Data card: `cards`

    Owner: @acme/fraud

Fine:

    <!-- config: datasets -->
    ```yaml
    - id: cards
      uri: generated:cards
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 900
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: group, key: customer, sha256: null}
      synthetic: 1.0
    ```
    --- docs/cards/data.md
    # Data card: `cards`

    Owner: @acme/fraud
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import cross_references
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    registered: dict[str, dict[tuple[str, ...], Entry]] = {}
    for entry in charter.entries("registry"):
        if entry.value.kind == "dataset":
            value = entry.value
            name = value.ref.partition("/")[2].partition("@")[0]
            told = value.ref, value.licence, value.card
            registered.setdefault(name, {}).setdefault(told, entry)
    listed = charter.settled("registry") and charter.configs("registry")
    for entry in charter.entries("datasets"):
        yield from _described(charter, entry)
        if listed:
            yield from _registered(
                charter, entry, list(registered.get(entry.value.id, {}).values())
            )


def _described(charter: Charter, entry: Entry) -> Iterator[Finding]:
    data, name = entry.value, entry.subject
    path = cross_references.located(charter, entry, data.card)
    card, text = charter.document(path), charter.file(path)
    if isinstance(text, bytes) and not _names(text, data.id):
        message = f"the card of {name}, `{data.card}`, does not name it"
        title = f" ({card.title})" if card is not None and card.title else ""
        yield entry.finding(f"{message}{title}; name `{data.id}` there, or its own card", "card")
    scheme, colon, rest = data.uri.partition(":")
    path = rest if scheme == "file" else data.uri
    if (not colon or scheme == "file") and not charter.exists(path):
        message = f"{name} lies at `{path}`, which is not there"
        remedy = "correct it, or give an address with its scheme, such as `s3:`"
        yield entry.finding(f"{message}; {remedy}", "uri")
    rows = charter.once(_rows, path) if not colon or scheme == "file" else None
    if rows is not None and rows != data.rows:
        message = f"{name} has {data.rows} rows, and `{path}` has {rows}; make them agree"
        yield entry.finding(message, "rows")
    if scheme == "generated" and data.synthetic < 1:
        message = f"{name} is generated, but only a share of {data.synthetic:g} is synthetic"
        yield entry.finding(f"{message}; mark all of it", "synthetic")
    keyed = data.split.kind in ("group", "time", "episode", "fold")
    if keyed and data.split.key is None:
        message = f"{name} is split by {data.split.kind}; name the `key` that keeps rows together"
        yield entry.finding(message, "split", "key")
    if data.split.kind == "none" and (data.split.key or data.split.sha256):
        message = f"{name} is not split, but has a key or a digest of a split; remove them"
        yield entry.finding(message, "split", "kind")


def _names(text: bytes, id: str) -> bool:
    return f"`{id}`".encode() in text


def _rows(charter: Charter, path: str) -> int | None:
    """How many rows a file of lines has; None where that can't be told."""
    if not path.endswith((".csv", ".jsonl", ".tsv")):
        return None
    data = charter.file(path)
    if not isinstance(data, bytes) or (b'"' in data and not path.endswith(".jsonl")):
        return None  # a quoted cell may hold line ends
    return sum(1 for line in data.splitlines() if line.strip()) - (not path.endswith(".jsonl"))


def _registered(charter: Charter, entry: Entry, found: list[Entry]) -> Iterator[Finding]:
    data, name = entry.value, entry.subject
    if not found:
        message = f"{name} is not in the registry; add `dataset/{data.id}@sha256:{data.sha256}`"
        yield entry.finding(message, "id")
        return
    same = [one for one in found if one.value.ref.endswith(data.sha256)]
    if not same:
        digests = ", ".join(one.value.ref[-64:][:16] for one in found)
        message = f"{name} has the digest {data.sha256[:16]}…, and in the registry {digests}…"
        yield entry.finding(f"{message}; correct one, or register this version", "sha256")
    card = cross_references.located(charter, entry, data.card)
    text = charter.file(card)
    for one in same:
        here = {"licence": data.licence}
        if isinstance(text, bytes) and _names(text, data.id):  # else that has been found
            here["card"] = card
        for key, given in here.items():
            there = getattr(one.value, key)
            if given != there:
                message = f"{name} has the {key} `{given}`, and in the registry `{there}`"
                yield entry.finding(f"{message}; make them agree", key)
