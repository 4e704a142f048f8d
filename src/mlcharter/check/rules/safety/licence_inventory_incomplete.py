"""A dataset or model is missing from the licence inventory, or has another licence there.

Use the inventory to answer a rights holder who asks what you use of theirs. It has a row for each
dataset and each registered model, reranker, judge or policy, with its name in backticks and the
licence in its config block.

Flagged:

    --- safety/licences.md
    ## Inventory
    <!-- section: licence-inventory -->

    | Asset | Licence |
    |---|---|
    | `cells`, public rows | CC-BY-4.0 |

    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: "file:data/calls.csv",
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```

Flagged:

    --- safety/licences.md
    ## Inventory
    <!-- section: licence-inventory -->

    | Asset | Licence |
    |---|---|
    | `calls`, our own rows | CC-BY-4.0 |

    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: "file:data/calls.csv",
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```

Fine:

    --- safety/licences.md
    ## Inventory
    <!-- section: licence-inventory -->

    | Asset | Licence |
    |---|---|
    | `calls`, our own rows | MIT |

    --- docs/eval_pack.md
    <!-- config: datasets -->
    ```yaml
    - {id: calls, uri: "file:data/calls.csv",
        sha256: ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37, rows: 12,
        licence: MIT, card: cards/calls.md, split: {kind: none, key: null, sha256: null},
        synthetic: 0.0}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "release"
_INVENTORY = "safety/licences.md"
_WEIGHT_KINDS = frozenset(["model", "reranker", "judge", "policy"])


def check(charter: Charter) -> Iterator[Finding]:
    document = charter.document(_INVENTORY)
    section = document.section("licence-inventory") if document else None
    if section is None:
        return
    tables = (block.text for block in section.blocks if block.kind == "table")
    rows = [row for table in tables for row in table.splitlines()[2:]]
    for entry, name in _list_assets(charter):
        rows_of_asset = [row for row in rows if f"`{name}`" in row]
        if not rows_of_asset:
            message = f"{entry.subject} is not in the inventory of {_INVENTORY}"
            yield entry.finding(f"{message}; add a row that names `{name}`")
        elif not any(entry.value.licence in row for row in rows_of_asset):
            message = f"{entry.subject} has the licence `{entry.value.licence}`, but its row"
            why = f"in {_INVENTORY} has another; correct one of them"
            yield entry.finding(f"{message} {why}", "licence")


def _list_assets(charter: Charter) -> Iterator[tuple[Entry, str]]:
    """Return each dataset and each registered artifact with weights, with its name."""
    for entry in charter.entries("datasets"):
        yield entry, entry.value.id
    for entry in charter.entries("registry"):
        if entry.value.kind in _WEIGHT_KINDS:
            yield entry, entry.value.ref.partition("@")[0].partition("/")[2]
