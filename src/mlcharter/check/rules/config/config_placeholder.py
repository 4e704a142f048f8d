"""A text in a config block is a placeholder, such as `TBD` or lorem ipsum.

It matches the schema, but tells the reader nothing.

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
        for path, text in _find_texts(config.value):
            problem = filling.why_postponed(text)
            if problem:
                name = ".".join(str(part) for part in path if isinstance(part, str))
                where = f"`{name}` of `{config.kind}`" if name else f"`{config.kind}`"
                yield config.finding(f"{where} {problem}; write the actual text", *path)


def _find_texts(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text in a config block's value, with its path."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            stack += (((*path, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            stack += (((*path, n), inner) for n, inner in enumerate(value))
