"""The fields in `pii_map` do not match the columns of the dataset.

A column that was added later may hold personal data. Columns are read from the file in `uri`: the
first line of a CSV file, the keys of the first line of a JSONL file, or `columns` of a JSON
manifest. A dataset whose only field is `*` is not checked.

Flagged:

    --- data/calls.csv
    number,site,hour
    1,cork,9
    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: data/calls.csv,
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: docs/cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```
    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    - {dataset: calls, field: place, category: quasi, purpose: to sort, basis: contract,
        retention_days: 30, redaction: none, region: Ireland}
    - {dataset: calls, field: "*", category: none, purpose: null, basis: null,
        retention_days: null, redaction: none, region: null}
    ```

Fine:

    --- data/calls.csv
    number,site
    1,cork
    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: data/calls.csv,
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: docs/cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```
    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    - {dataset: calls, field: site, category: quasi, purpose: to sort, basis: contract,
        retention_days: 30, redaction: none, region: Ireland}
    - {dataset: calls, field: "*", category: none, purpose: null, basis: null,
        retention_days: null, redaction: none, region: null}
    ```
"""

import re
from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "release"
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_MAX_COLUMNS = 500  # wider tables are features, which nobody lists one by one


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("pii_map", "datasets"):
        return
    mapped: dict[str, dict[str, Entry]] = {}
    for entry in charter.every("pii_map"):
        mapped.setdefault(entry.value.dataset, {})[entry.value.field] = entry
    for dataset in charter.entries("datasets"):
        fields = mapped.get(dataset.value.id, {})
        if set(fields) <= {"*"}:
            continue
        columns = charter.once(_read_columns, dataset.value.uri)
        for name in columns - fields.keys():
            message = f"{dataset.subject} has a column `{name}` that is not in `pii_map`"
            yield dataset.finding(f"{message}; add an entry for it", "uri")
        for name, entry in fields.items():
            if columns and name != "*" and name not in columns:
                message = f"`pii_map` names `{name}`, which is not a column of {dataset.subject}"
                yield entry.finding(f"{message}; correct the name or remove the entry", "field")


def _read_columns(charter: Charter, uri: str) -> set[str]:
    """Return the columns with plain names; empty if the file can't be read as a table."""
    path = uri.removeprefix("file:").partition("#")[0]
    data = charter.file(path) if "." in path and ":" not in path else None
    if not isinstance(data, bytes):
        return set()
    first = data.partition(b"\n")[0].decode(errors="replace").strip()
    named: Any = []
    if path.endswith(".csv"):
        named = [column.strip().strip('"') for column in first.split(",")]
    elif path.endswith((".json", ".jsonl")):
        named = _read_keys(
            data if path.endswith(".json") else first.encode(), path.endswith(".json")
        )
    if not isinstance(named, list) or len(named) > _MAX_COLUMNS:
        return set()
    return {name for name in named if isinstance(name, str) and _COLUMN.fullmatch(name)}


def _read_keys(data: bytes, is_manifest: bool) -> Any:
    """Return `columns` of a JSON manifest, or the keys of a JSONL row."""
    import msgspec

    try:
        content = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return []
    if not isinstance(content, dict):
        return []
    return content.get("columns") if is_manifest else list(content)
