"""A column of a dataset is not in the map of personal data, or the map names one that is not there.

A column that joined the table later holds whatever someone put into it. Columns are read from the
file that the `uri` of the dataset names: the first line of CSV, the keys of the first line of
JSONL, `columns` of a manifest in JSON. A dataset with nothing personal, all of it `*`, is left
alone.

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
_MOST = 500  # columns; who names more of them one by one?


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
        columns = charter.once(_columns, dataset.value.uri)
        for name in columns - fields.keys():
            message = f"{dataset.subject} has a column `{name}` that `pii_map` does not name"
            yield dataset.finding(f"{message}; add a line for it", "uri")
        for name, entry in fields.items():
            if columns and name != "*" and name not in columns:
                message = f"`pii_map` names `{name}`, which {dataset.subject} does not have"
                yield entry.finding(f"{message}; correct the name, or remove the line", "field")


def _columns(charter: Charter, uri: str) -> set[str]:
    """The columns whose names are words; empty where they cannot be told."""
    path = uri.removeprefix("file:")
    data = charter.file(path) if "." in path and ":" not in path else None
    if not isinstance(data, bytes):
        return set()
    first = data.partition(b"\n")[0].decode(errors="replace").strip()
    named: Any = []
    if path.endswith(".csv"):
        named = [column.strip().strip('"') for column in first.split(",")]
    elif path.endswith((".json", ".jsonl")):
        named = _keys(data if path.endswith(".json") else first.encode(), path.endswith(".json"))
    if not isinstance(named, list) or len(named) > _MOST:
        return set()
    return {name for name in named if isinstance(name, str) and _COLUMN.fullmatch(name)}


def _keys(data: bytes, manifest: bool) -> Any:
    import msgspec

    try:
        read = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return []
    if not isinstance(read, dict):
        return []
    return read.get("columns") if manifest else list(read)
