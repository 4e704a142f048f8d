"""A registered file is not the one whose digest its reference gives.

Someone changed it after it was approved, and the signature says nothing about what is there.
The digest is that of the file's bytes, or of its canonical text or configuration, as the section
on hashing has it. Tables and folders have digests of their values, which are not computed here,
and files above 64 MiB are left to the registry's own verification.

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

import unicodedata
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.files import Unreadable
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
            found = charter.tree.digests(path, min(_MOST, left))
            left -= 0 if isinstance(found, Unreadable) else found.size
            seen[path] = None if isinstance(found, Unreadable) else found.raw
        wanted = value.ref[-64:]
        if seen[path] not in (None, wanted) and wanted not in _canonical(charter, entry):
            message = f"`registry`: `{value.ref.partition('@')[0]}` is not what lies in `{path}`"
            why = f"whose digest is {str(seen[path])[:16]}…; restore the file, or register it anew"
            yield entry.finding(f"{message}, {why}", "ref")


def _canonical(charter: Charter, entry: Entry) -> Iterator[str]:
    """The digests of a file's canonical forms, where its format has some."""
    if entry.value.format in _TEXTS:
        yield from charter.once(_as_text, entry.value.path)
    if entry.value.format == "json":
        yield from charter.once(_as_json, entry.value.path)


def _as_text(charter: Charter, path: str) -> list[str]:
    """The digest of a text in one form of Unicode and of line ends; none of what is no text."""
    import hashlib

    text = _normalised(charter.file(path))
    return [] if text is None else [hashlib.sha256(text.encode()).hexdigest()]


def _as_json(charter: Charter, path: str) -> list[str]:
    """The digest of JSON without what does not count; none of what is no JSON."""
    import hashlib
    import json

    text = _normalised(charter.file(path))
    if text is None:
        return []
    try:
        plain = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
        return [hashlib.sha256(plain.encode()).hexdigest()]
    except (ValueError, RecursionError):
        return []


def _normalised(data: bytes | Unreadable) -> str | None:
    try:
        text = data.decode() if isinstance(data, bytes) else None
    except ValueError:
        return None
    if text is None:
        return None
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").rstrip("\n") + "\n"
