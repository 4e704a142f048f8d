"""One id stands for two things.

An id is how an alert, a gate or a person names something. Two things with one name are confused
on the worst day. A config block that is no list stands once, too: of two, tools would read one.

Flagged:

    - [ ] `rollback-drilled` The rollback was carried out.
    - [ ] `rollback-drilled` The rollback was carried out again.

Flagged:

    ## Problem
    <!-- section: problem -->

    ## The same again
    <!-- section: problem -->

Flagged:

    <!-- config: error_budget_policy -->
    ```yaml
    {window: 28d, actions: [{spent: 1.0, action: freeze}], override_by: "@acme/ops"}
    ```

    <!-- config: error_budget_policy -->
    ```yaml
    {window: 7d, actions: [{spent: 1.0, action: freeze}], override_by: "@acme/ops"}
    ```

Fine:

    - [ ] `rollback-drilled` The rollback was carried out.
    - [ ] `rollback-timed` Its time was taken.
"""

from collections.abc import Callable, Iterator
from functools import partial

from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for what, id, found in _named(charter):
        if (what, id) in seen:
            yield found()
        seen.add((what, id))


def _named(charter: Charter) -> Iterator[tuple[str, str, Callable[[], Finding]]]:
    """Everything that has an id, with the finding for the case that something else has it too."""
    for document in charter.documents:
        for section in document.sections:
            if section.id:
                message = f"the section id `{section.id}` is taken; choose another"
                yield "section", section.id, partial(document.finding, section.line, message)
        for item in document.items:
            if item.id:
                message = f"the item id `{item.id}` is taken; choose another"
                yield "item", item.id, partial(document.finding, item.line, message)
    for config, _ in charter.readings:
        if config.kind in config_entries.kinds() and not config_entries.is_list(config.kind):
            message = f"`{config.kind}` stands in another place already; keep one of them"
            found = partial(config.document.finding, config.line, message)
            yield "config", config.kind, found
    for kind in charter.kinds:
        for entry in charter.every(kind) if config_entries.is_list(kind) else ():
            for key in ("id", "name", "ref"):
                name = getattr(entry.value, key, None)
                if isinstance(name, str):
                    message = f"`{kind}` has `{name}` already; choose another {key}"
                    yield kind, name, partial(entry.finding, message, key)
                    break
