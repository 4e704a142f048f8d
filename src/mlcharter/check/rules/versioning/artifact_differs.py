"""A registered file is not the one whose digest its reference gives.

Someone changed it after it was approved, and the signature says nothing about what is there.
The digest is that of the file's bytes, or of its canonical text or configuration, as the section
on hashing has it. Tables and folders have digests of their values, which are not computed here,
and files above 64 MiB are left to the registry's own verification.

Flagged:

    --- evals/watch.py
    print("changed")
    --- versioning/registries.md
    <!-- contract: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: evals/watch.py, format: package, licence: MIT, card: null,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```

Fine:

    --- evals/watch.py
    print("watch")
    --- versioning/registries.md
    <!-- contract: registry -->
    ```yaml
    - {ref: eval/e@sha256:fe3c711dfb76df1eb504ca9525755e570aff28dae195f1a0984078d9744dc577,
        kind: eval, path: evals/watch.py, format: package, licence: MIT, card: null,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```
"""

import unicodedata
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.contracting import Entry
from mlcharter.support import reading
from mlcharter.support.finding import Finding

LEVEL = "release"
_MOST = 64 * 1024 * 1024
_MOST_OF_ALL = 256 * 1024 * 1024
_TABLES = frozenset(["csv", "jsonl", "npz", "parquet"])
_ROWS = frozenset(["dataset", "experience", "feature"])
_TEXTS = frozenset(["json", "md", "package"])


def check(charter: Charter) -> Iterator[Finding]:
    left = _MOST_OF_ALL
    seen: dict[str, str | None] = {}
    for entry in charter.entries("registry"):
        value = entry.value
        path = value.path
        if path is None or (value.kind in _ROWS and value.format in _TABLES):
            continue
        if path not in seen:
            place = charter.root / path
            size = place.stat().st_size if charter.exists(path) and place.is_file() else left + 1
            most = min(_MOST, left)
            found = reading.digest(path, charter.root, most) if size <= most else None
            left -= min(size, most)
            seen[path] = found if isinstance(found, str) else None
        wanted = value.ref[-64:]
        if seen[path] not in (None, wanted) and wanted not in _canonical(charter, entry):
            message = f"`registry`: `{value.ref.partition('@')[0]}` is not what lies in `{path}`"
            why = f"whose digest is {str(seen[path])[:16]}…; restore the file, or register it anew"
            yield entry.finding(f"{message}, {why}", "ref")


def _canonical(charter: Charter, entry: Entry) -> Iterator[str]:
    """The digests of a file's canonical forms, where its format has some."""
    import hashlib
    import json

    data = charter.file(entry.value.path) if entry.value.format in _TEXTS else None
    if not isinstance(data, bytes):
        return
    try:
        text = unicodedata.normalize("NFC", data.decode()).replace("\r\n", "\n").rstrip("\n") + "\n"
        yield hashlib.sha256(text.encode()).hexdigest()
        if entry.value.format == "json":
            plain = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
            yield hashlib.sha256(plain.encode()).hexdigest()
    except (ValueError, RecursionError):
        return
