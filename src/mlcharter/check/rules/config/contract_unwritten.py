"""A text in a contract only keeps a place: `TBD`, lorem ipsum.

It fits every model and says nothing, so whoever reads the block at night has to ask.

Flagged:

    <!-- contract: rollback -->
    ```yaml
    command: TBD
    ```

Flagged:

    <!-- contract: slos -->
    ```yaml
    - name: list-ready
      description: Lorem ipsum dolor sit amet
    ```

Fine:

    <!-- contract: rollback -->
    ```yaml
    command: make rollback
    ```
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "review"


def check(charter: Charter) -> Iterator[Finding]:
    for contract, _ in charter.readings:
        if not filling.may_hold_postponed(contract.text):
            continue
        for path, text in _texts(contract.value):
            postponed = filling.postponed(text)
            if postponed:
                name = ".".join(str(part) for part in path if isinstance(part, str))
                where = f"`{name}` of `{contract.kind}`" if name else f"`{contract.kind}`"
                yield contract.finding(f"{where} {postponed}; write what holds", *path)


def _texts(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in a contract's value, with the path that leads to it."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            waiting += (((*path, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting += (((*path, n), inner) for n, inner in enumerate(value))
