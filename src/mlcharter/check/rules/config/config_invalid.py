"""A config block does not match its schema: an unknown key, a wrong type, a number out of range.

CI reads the block, and cannot check anything against one that is not valid.
Empty values are reported by config-unfilled.

Flagged:

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      directon: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```

Fine:

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@fraud-ml"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import nearest

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for config, read in charter.readings:
        yield from read.wrong
        if config.kind not in config_entries.kinds():
            near = nearest(config.kind, config_entries.kinds())
            remedy = f"did you mean `{near[0]}`?" if near else "remove the marker"
            message = f"unknown config block `{config.kind}`; {remedy}"
            yield config.document.finding(config.line, message)
