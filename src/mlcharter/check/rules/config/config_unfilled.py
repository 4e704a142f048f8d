"""A config block is not filled in, or a required value is null.

Tools read the block, and can decide nothing with an empty one.

Flagged:

    <!-- config: dr -->
    ```yaml
    rto: null
    rpo: null
    ```

Flagged:

    <!-- config: dr -->
    ```yaml
    rto: 4h
    rpo: null
    ```

Fine:

    <!-- config: dr -->
    ```yaml
    rto: 4h
    rpo: 15m
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for config, read in charter.readings:
        if charter.spec.is_left_out(config.document.path, config.section):
            continue
        if read.blank:
            message = f"the config block `{config.kind}` is not filled in"
            remedy = f"`mlcharter explain {config.kind}` shows an example"
            yield config.document.finding(config.line, f"{message}; {remedy}")
        yield from read.unfilled
