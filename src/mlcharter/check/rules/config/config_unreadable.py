"""A config block is not valid YAML, or its YAML is missing.

One wrong indent is enough, and nothing in the block is checked any more.

Flagged:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: [auc
    ```

Flagged:

    <!-- config: gates -->

    The gates are in the wiki.

Fine:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for document in charter.documents:
        for config in document.configs:
            if config.problem is not None:
                line, column, message = config.problem
                if "; " not in message and config.kind in config_entries.kinds():
                    message += f"; `mlcharter explain {config.kind}` shows an example"
                yield document.finding(line, f"`{config.kind}`: {message}", column)
