"""A dataset does not match its card, its file or the registry.

If they differ, it is unclear which rows a model was trained and evaluated on.

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
            version = value.ref, value.licence, value.card
            registered.setdefault(name, {}).setdefault(version, entry)
    has_registry = charter.settled("registry") and charter.configs("registry")
    for entry in charter.entries("datasets"):
        yield from _check_card(charter, entry)
        yield from _check_file(charter, entry)
        yield from _check_split(entry)
        if has_registry:
            versions = list(registered.get(entry.value.id, {}).values())
            yield from _check_registry(charter, entry, versions)


def _check_card(charter: Charter, entry: Entry) -> Iterator[Finding]:
    data, name = entry.value, entry.subject
    path = cross_references.located(charter, entry, data.card)
    card, text = charter.document(path), charter.file(path)
    if isinstance(text, bytes) and not _names(text, data.id):
        message = f"the card of {name}, `{data.card}`, does not name it"
        title = f" ({card.title})" if card is not None and card.title else ""
        remedy = f"name `{data.id}` in it, or give another card"
        yield entry.finding(f"{message}{title}; {remedy}", "card")


def _check_file(charter: Charter, entry: Entry) -> Iterator[Finding]:
    data, name = entry.value, entry.subject
    scheme, colon, rest = data.uri.partition(":")
    path, _, part = (rest if scheme == "file" else data.uri).partition("#")
    if (not colon or scheme == "file") and not charter.exists(path):
        message = f"{name} is at `{path}`, which does not exist"
        remedy = "correct it, or give an address with a scheme, such as `s3:`"
        yield entry.finding(f"{message}; {remedy}", "uri")
    whole = not part and (not colon or scheme == "file")
    rows = charter.once(_count_rows, path) if whole else None
    if rows is not None and rows != data.rows:
        message = f"{name} has {data.rows} rows, but `{path}` has {rows}; make them match"
        yield entry.finding(message, "rows")
    if scheme == "generated" and data.synthetic < 1:
        message = f"{name} is generated, but `synthetic` is {data.synthetic:g}; set it to 1"
        yield entry.finding(message, "synthetic")


def _check_split(entry: Entry) -> Iterator[Finding]:
    data, name = entry.value, entry.subject
    keyed = data.split.kind in ("group", "time", "episode", "fold")
    if keyed and data.split.key is None:
        message = f"{name} is split by {data.split.kind}; name the `key` that keeps rows together"
        yield entry.finding(message, "split", "key")
    if data.split.kind == "none" and (data.split.key or data.split.sha256):
        message = f"{name} is not split, but has a key or a digest of a split; remove them"
        yield entry.finding(message, "split", "kind")


def _names(text: bytes, id: str) -> bool:
    return f"`{id}`".encode() in text


def _count_rows(charter: Charter, path: str) -> int | None:
    """Return the number of rows in a file of lines; None if it cannot be counted by lines."""
    if not path.endswith((".csv", ".jsonl", ".tsv")):
        return None
    data = charter.file(path)
    if not isinstance(data, bytes) or (b'"' in data and not path.endswith(".jsonl")):
        return None  # a quoted cell may hold line ends
    return sum(1 for line in data.splitlines() if line.strip()) - (not path.endswith(".jsonl"))


def _check_registry(charter: Charter, entry: Entry, versions: list[Entry]) -> Iterator[Finding]:
    data, name = entry.value, entry.subject
    if not versions:
        message = f"{name} is not in the registry; add `dataset/{data.id}@sha256:{data.sha256}`"
        yield entry.finding(message, "id")
        return
    same = [version for version in versions if version.value.ref.endswith(data.sha256)]
    if not same:
        digests = ", ".join(version.value.ref[-64:][:16] for version in versions)
        message = f"{name} has the digest {data.sha256[:16]}…, but the registry has {digests}…"
        yield entry.finding(f"{message}; correct one, or register this version", "sha256")
    card = cross_references.located(charter, entry, data.card)
    text = charter.file(card)
    for version in same:
        expected = {"licence": data.licence}
        if isinstance(text, bytes) and _names(text, data.id):  # otherwise _check_card reports it
            expected["card"] = card
        for key, value in expected.items():
            registered = getattr(version.value, key)
            if value != registered:
                message = f"{name} has the {key} `{value}`, but the registry has `{registered}`"
                yield entry.finding(f"{message}; make them match", key)
