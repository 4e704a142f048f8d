"""The golden questions do not match their dataset, or have expired.

Gates run on a dataset; `golden` says which file holds its questions, how many there are, and when
they expire. Golden questions that cite a corpus must not be part of it.

Flagged:

    <!-- config: golden -->
    ```yaml
    file: data/golden.jsonl
    sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
    corpus: data/corpus
    corpus_sha256: 15a6cb4aca3c8dfd3a698c8af63a168bb2431153d42f3ed3c4d7e3adaa293854
    answerable: 146
    near: 36
    far: 24
    annotators: 2
    expires: 2026-10-31
    ```

Flagged:

    <!-- config: golden -->
    ```yaml
    file: data/golden.jsonl
    sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
    corpus: data/corpus
    corpus_sha256: 15a6cb4aca3c8dfd3a698c8af63a168bb2431153d42f3ed3c4d7e3adaa293854
    answerable: 146
    near: 36
    far: 24
    annotators: 2
    expires: 2027-10-31
    ```

    <!-- config: datasets -->
    ```yaml
    - id: golden
      uri: data/golden.jsonl
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 200
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: none, key: null, sha256: null}
      synthetic: 1.0
    ```

Fine:

    <!-- config: golden -->
    ```yaml
    file: data/golden.jsonl
    sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
    corpus: data/corpus
    corpus_sha256: 15a6cb4aca3c8dfd3a698c8af63a168bb2431153d42f3ed3c4d7e3adaa293854
    answerable: 146
    near: 36
    far: 24
    annotators: 2
    expires: 2027-10-31
    ```

    <!-- config: datasets -->
    ```yaml
    - id: golden
      uri: data/golden.jsonl
      sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
      rows: 206
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: none, key: null, sha256: null}
      synthetic: 1.0
    - id: handbook
      uri: data/corpus
      sha256: 15a6cb4aca3c8dfd3a698c8af63a168bb2431153d42f3ed3c4d7e3adaa293854
      rows: 92
      licence: CC0-1.0
      card: docs/cards/data.md
      split: {kind: none, key: null, sha256: null}
      synthetic: 1.0
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("golden")
    if entry is None:
        return
    golden = entry.value
    if golden.expires < charter.earliest:
        message = f"the golden questions expired on {golden.expires}"
        remedy = "review every question, and give a new date"
        yield entry.finding(f"{message}; {remedy}", "expires")
    if golden.file == golden.corpus or golden.sha256 == golden.corpus_sha256:
        message = "the golden questions are the corpus itself; keep them in another file"
        yield entry.finding(message, "file")
    if not charter.settled("datasets"):
        return
    for key, digest in (("file", "sha256"), ("corpus", "corpus_sha256")):
        yield from _check_dataset(charter, entry, key, digest)


def _check_dataset(charter: Charter, entry: Entry, key: str, digest: str) -> Iterator[Finding]:
    """Compare the digest and the rows of the file or corpus with those of its dataset."""
    path, sha256 = getattr(entry.value, key), getattr(entry.value, digest)
    datasets = charter.entries("datasets")
    data = next((data for data in datasets if _get_path(data) == path.rstrip("/")), None)
    if data is None:
        message = f"`{path}` is not the `uri` of a dataset, so no gate runs on it"
        yield entry.finding(f"{message}; add it to `datasets`", key)
        return
    if data.value.sha256 != sha256:
        message = f"`{path}` has the digest {sha256[:16]}… here, but {data.value.sha256[:16]}… in"
        yield entry.finding(f"{message} {data.subject}; make them match", digest)
    count = entry.value.answerable + entry.value.near + entry.value.far
    if key == "file" and data.value.rows != count:
        message = f"answerable, near and far add up to {count} questions, but {data.subject} has"
        yield entry.finding(f"{message} {data.value.rows} rows; make them match", "answerable")


def _get_path(data: Entry) -> str:
    return str(data.value.uri).removeprefix("file:").rstrip("/")
