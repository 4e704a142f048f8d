"""A contract is not filled in, or a value that it needs is still null.

Tools read the block instead of people. An empty one decides nothing.

Flagged:

    <!-- contract: dr -->
    ```yaml
    rto: null
    rpo: null
    ```

Flagged:

    <!-- contract: dr -->
    ```yaml
    rto: 4h
    rpo: null
    ```

Fine:

    <!-- contract: dr -->
    ```yaml
    rto: 4h
    rpo: 15m
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "review"


def check(charter: Charter) -> Iterator[Finding]:
    for contract, read in charter.readings:
        if read.blank:
            message = f"the contract `{contract.kind}` is not filled in"
            remedy = f"`mlcharter explain {contract.kind}` shows what it takes"
            yield contract.document.finding(contract.line, f"{message}; {remedy}")
        yield from read.unfilled
