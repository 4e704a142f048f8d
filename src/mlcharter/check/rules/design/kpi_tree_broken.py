"""The KPIs do not form a tree with one north star.

Each KPI should move the north star, directly or through others. Two north stars leave open which
one decides.

Flagged:

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: proxy
      parent: null
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```

Flagged:

    <!-- config: kpis -->
    ```yaml
    - id: lost-to-fraud
      role: north-star
      parent: approved-share
      unit: EUR
      direction: down
      baseline: 81000
      source: dashboards/losses
      owner: "@fraud-ml"
    - id: approved-share
      role: guardrail
      parent: lost-to-fraud
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```

Fine:

    <!-- config: kpis -->
    ```yaml
    - id: lost-to-fraud
      role: north-star
      parent: null
      unit: EUR
      direction: down
      baseline: 81000
      source: dashboards/losses
      owner: "@fraud-ml"
    - id: approved-share
      role: guardrail
      parent: lost-to-fraud
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    kpis = charter.entries("kpis")
    if not kpis or not charter.settled("kpis"):
        return
    stars = [entry for entry in kpis if entry.value.role == "north-star"]
    if not stars:
        message = "no KPI is the north star; give one of them `role: north-star`"
        yield kpis[0].finding(message, "role")
    for entry in stars[1:]:
        first = stars[0].value.id
        message = f"{entry.subject} is a second north star beside `{first}`; keep one"
        yield entry.finding(message, "role")
    parents = {entry.value.id: entry.value.parent for entry in kpis}
    for entry in kpis:
        yield from _check_parent(entry, parents)


def _check_parent(entry: Entry, parents: dict[str, str | None]) -> Iterator[Finding]:
    name, parent = entry.subject, entry.value.parent
    if entry.value.role == "north-star":
        if parent is not None:
            yield entry.finding(f"{name} is the north star; set its `parent` to null", "parent")
    elif parent is None:
        message = f"{name} has no `parent`; name the KPI that it should move"
        yield entry.finding(message, "parent")
    elif _is_in_cycle(entry.value.id, parents):
        message = f"{name} is its own ancestor by `parent`; name a KPI nearer to the north star"
        yield entry.finding(message, "parent")


def _is_in_cycle(start: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    ancestor: str | None = parents.get(start)
    while ancestor is not None and ancestor not in seen:
        if ancestor == start:
            return True
        seen.add(ancestor)
        ancestor = parents.get(ancestor)
    return False
