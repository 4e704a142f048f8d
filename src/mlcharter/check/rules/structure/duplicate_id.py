"""An id is used twice.

Alerts, gates and people refer to things by id, so a duplicate makes each reference ambiguous.
A config block that is not a list may appear only once, since tools would read just one of two.

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
    for kind, id, make_finding in _list_ids(charter):
        if (kind, id) in seen:
            yield make_finding()
        seen.add((kind, id))


def _list_ids(charter: Charter) -> Iterator[tuple[str, str, Callable[[], Finding]]]:
    """Yield the kind and the id of everything that has one, and the finding for a duplicate."""
    for document in charter.documents:
        for section in document.sections:
            if section.id:
                message = f"the section id `{section.id}` is already used; choose another"
                yield "section", section.id, partial(document.finding, section.line, message)
        for item in document.items:
            if item.id:
                message = f"the item id `{item.id}` is already used; choose another"
                yield "item", item.id, partial(document.finding, item.line, message)
    for config, _ in charter.readings:
        if config.kind in config_entries.kinds() and not config_entries.is_list(config.kind):
            message = f"there is another config block `{config.kind}`; keep one of them"
            make_finding = partial(config.document.finding, config.line, message)
            yield "config", config.kind, make_finding
    for kind in charter.kinds:
        for entry in charter.every(kind) if config_entries.is_list(kind) else ():
            for key in ("id", "name", "ref"):
                name = getattr(entry.value, key, None)
                if isinstance(name, str):
                    message = f"`{kind}` already has the {key} `{name}`; choose another"
                    yield kind, name, partial(entry.finding, message, key)
                    break
