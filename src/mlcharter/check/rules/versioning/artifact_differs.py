"""A registered file does not match its digest.

The file changed after it was registered, so its approval and its signature no longer apply. The
digest is that of the file's bytes, or of its canonical text or JSON (see the section on hashing).
Tables and folders, whose digest is that of their values, are not checked here. The registry's own
verification checks files above 64 MiB.

Flagged:

    --- evals/watch.py
    print("changed")
    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: evals/watch.py, format: package, licence: MIT, card: null,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```

Fine:

    --- evals/watch.py
    print("watch")
    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:fe3c711dfb76df1eb504ca9525755e570aff28dae195f1a0984078d9744dc577,
        kind: eval, path: evals/watch.py, format: package, licence: MIT, card: null,
        datasets: [], embedder: null, stage: released, owner: "@acme/ml"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import canonical_forms
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

LEVEL = "release"
_MAX_BYTES = 64 * 1024 * 1024
_MAX_TOTAL_BYTES = 256 * 1024 * 1024
_TABLE_FORMATS = frozenset(["csv", "jsonl", "npz", "parquet"])
_ROW_KINDS = frozenset(["dataset", "experience", "feature"])


def check(charter: Charter) -> Iterator[Finding]:
    bytes_left = _MAX_TOTAL_BYTES
    digests: dict[str, str | None] = {}
    for entry in charter.entries("registry"):
        value = entry.value
        path = value.path
        if path is None or (value.kind in _ROW_KINDS and value.format in _TABLE_FORMATS):
            continue
        if path not in digests:
            read = charter.tree.digests(path, min(_MAX_BYTES, bytes_left))
            bytes_left -= 0 if isinstance(read, Unreadable) else read.size
            digests[path] = None if isinstance(read, Unreadable) else read.raw
        expected = value.ref[-64:]
        if digests[path] not in (None, expected) and expected not in _compute_canonical(
            charter, entry
        ):
            message = f"`registry`: `{value.ref.partition('@')[0]}` does not match `{path}`"
            why = (
                f"whose digest is {str(digests[path])[:16]}…; restore the file or register it again"
            )
            yield entry.finding(f"{message}, {why}", "ref")


def _compute_canonical(charter: Charter, entry: Entry) -> Iterator[str]:
    """Return the digests of a file's canonical forms, if its format has any."""
    if entry.value.format in canonical_forms.TEXT_FORMATS:
        yield from charter.once(_hash_text, entry.value.path)
    if entry.value.format == "json":
        yield from charter.once(_hash_json, entry.value.path)


def _hash_text(charter: Charter, path: str) -> list[str]:
    data = charter.file(path)
    return canonical_forms.hash_text(data) if isinstance(data, bytes) else []


def _hash_json(charter: Charter, path: str) -> list[str]:
    data = charter.file(path)
    return canonical_forms.hash_json(data) if isinstance(data, bytes) else []
