"""A text in a config block only keeps a place: `TBD`, lorem ipsum.

It fits every model and says nothing, so whoever reads the block at night has to ask.

Flagged:

    <!-- config: rollback -->
    ```yaml
    command: TBD
    ```

Flagged:

    <!-- config: slos -->
    ```yaml
    - name: list-ready
      description: Lorem ipsum dolor sit amet
    ```

Fine:

    <!-- config: rollback -->
    ```yaml
    command: make rollback
    ```
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for config, _ in charter.readings:
        if not filling.may_be_postponed(config.text):
            continue
        for path, text in _texts(config.value):
            postponed = filling.why_postponed(text)
            if postponed:
                name = ".".join(str(part) for part in path if isinstance(part, str))
                where = f"`{name}` of `{config.kind}`" if name else f"`{config.kind}`"
                yield config.finding(f"{where} {postponed}; write what holds", *path)


def _texts(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in a config block's value, with the path that leads to it."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            waiting += (((*path, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting += (((*path, n), inner) for n, inner in enumerate(value))
