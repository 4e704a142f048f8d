"""A contract's block is not YAML that can be read, or is not there.

One wrong indent, and nobody is held to anything that stands below it.

Flagged:

    <!-- contract: gates -->
    ```yaml
    - id: auc-overall
      metric: [auc
    ```

Flagged:

    <!-- contract: gates -->

    The gates are in the wiki.

Fine:

    <!-- contract: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import contracting
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for document in charter.documents:
        for contract in document.contracts:
            if contract.problem is not None:
                line, column, message = contract.problem
                if "; " not in message and contract.kind in contracting.kinds():
                    message += f"; `mlcharter explain {contract.kind}` shows one"
                yield document.finding(line, f"`{contract.kind}`: {message}", column)
