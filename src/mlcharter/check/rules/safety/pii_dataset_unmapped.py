"""A dataset, or a field of it, is not in `pii_map`.

`pii_map` says which fields are personal data. It has an entry for each field of a dataset, and one
with `field: "*"` for the fields that it does not name.

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

Flagged:

    <!-- config: pii_map -->
    ```yaml
    - {dataset: cards, field: "*", category: none, purpose: null, basis: null,
        retention_days: null, redaction: none, region: null}
    - {dataset: cards, field: "*", category: quasi, purpose: fraud, basis: contract,
        retention_days: 90, redaction: hash, region: Ireland}
    ```

Fine:

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

    <!-- config: pii_map -->
    ```yaml
    - {dataset: cards, field: "*", category: none, purpose: null, basis: null,
        retention_days: null, redaction: none, region: null}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if not charter.settled("pii_map"):
        return
    fields: dict[str, set[str]] = {}
    for entry in charter.every("pii_map"):
        known = fields.setdefault(entry.value.dataset, set())
        if entry.value.field in known:
            message = (
                f"`pii_map` has two entries for `{entry.value.field}` of `{entry.value.dataset}`"
            )
            yield entry.finding(f"{message}; remove one", "field")
        known.add(entry.value.field)
    for entry in charter.entries("datasets"):
        named = fields.get(entry.value.id)
        if named is None:
            message = f"{entry.subject} is not in `pii_map`"
            yield entry.finding(f"{message}; add an entry for each field, or for `*`", "id")
        elif "*" not in named:
            message = f"`pii_map` has no entry for the other fields of `{entry.value.id}`"
            yield entry.finding(f'{message}; add one with `field: "*"`', "id")
