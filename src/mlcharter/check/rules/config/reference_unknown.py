"""A config block refers to something that no config block defines.

A gate on an undefined metric decides nothing; a kill criterion whose alert does not exist never
fires.

Flagged:

    <!-- config: decision -->
    ```yaml
    success: [{metric: approved-share, op: ">=", threshold: 0.8, bound: lower95}]
    kill: [{when: complaints double, alert: complaints, by: null}]
    steps: [shadow, canary, full]
    adr: docs/adr/order-only.md
    ```

Flagged:

    <!-- config: slices -->
    ```yaml
    - {id: new-customers, dataset: card, where: age < 30, min_n: 50, protected: false, alert: null}
    ```

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

Fine:

    <!-- config: slices -->
    ```yaml
    - {id: new-customers, dataset: cards, where: age < 30, min_n: 50, protected: false, alert: null}
    ```

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
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config.evaluation.slices import ALL
from mlcharter.check import cross_references
from mlcharter.support.finding import Finding

LEVEL = "draft"

# A kind, the path of a reference in it, and the kinds that may define what it refers to.
_REFERENCES = (
    ("kpis", "parent", ("kpis",)),
    ("constraints", "mirrors", ("slos", "budgets")),
    ("risks", "control", ("gates", "alerts", "threats", "degrade_modes")),
    ("experiment", "metric", ("kpis",)),
    ("experiment", "guardrails", ("kpis", "alerts")),
    ("decision", "success.metric", ("metrics", "kpis")),
    ("decision", "kill.alert", ("alerts",)),
    ("mdp", "reward", ("registry",)),
    ("reward_spec", "objective", ("metrics",)),
    ("reward_spec", "proxy", ("metrics",)),
    ("slices", "dataset", ("datasets",)),
    ("slices", "alert", ("alerts",)),
    ("gates", "metric", ("metrics",)),
    ("gates", "dataset", ("datasets",)),
    ("gates", "slice", ("slices",)),
    ("ope", "log", ("datasets",)),
    ("ope", "go.metric", ("metrics",)),
)


def check(charter: Charter) -> Iterator[Finding]:
    for kind, path, targets in _REFERENCES:
        entries = charter.entries(kind)
        if not entries or not charter.settled(*targets):
            continue
        defined = {name: True for target in targets for name in charter.named(target)}
        where = " or ".join(f"`{target}`" for target in targets)
        for entry in entries:
            for place, name in cross_references.at(entry.value, path):
                if name not in defined and (path, name) != ("slice", ALL):
                    message = f"{entry.subject} names `{name}`, which is not defined in {where}"
                    remedy = cross_references.near(name, defined)
                    yield entry.finding(f"{message}; {remedy}", *place)
