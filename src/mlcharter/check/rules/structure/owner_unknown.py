"""An owner is nobody that CODEOWNERS knows.

Whoever is named must be reachable and asked for review. A team that was renamed answers to
nothing, and the charter still lists it.

Flagged:

    --- CODEOWNERS
    * @acme/fraud
    --- docs/design_doc.md
    # Fraud watch: design

    Owner: @acme/fraud

    <!-- config: kpis -->
    ```yaml
    - id: approved-share
      role: north-star
      parent: null
      unit: ratio
      direction: up
      baseline: 0.81
      source: dashboards/approvals
      owner: "@acme/frod"
    ```

Flagged:

    # Fraud watch: design

    Owner: @acme/fraud

Fine:

    --- CODEOWNERS
    * @acme/fraud
    --- docs/design_doc.md
    # Fraud watch: design

    Owner: @acme/fraud
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Path
from mlcharter.check import cross_references
from mlcharter.formats.models import Owner, find_fields
from mlcharter.support.finding import Finding

LEVEL = "complete"
_PLACES = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
# An address is looked for only where a word begins, and its name is taken whole: linear time.
_HANDLE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9._/-]*|(?<![^@\s(),<>])[^@\s(),<>]++@[^@\s(),<>]+")


def check(charter: Charter) -> Iterator[Finding]:
    path = next((place for place in _PLACES if charter.exists(place)), None)
    data = charter.file(path) if path is not None else None
    if not isinstance(data, bytes):
        message = "there is no CODEOWNERS that says who reviews what"
        yield Finding(_PLACES[0], 1, 1, "", f"{message}; name the owners of the charter in it")
        return
    known = _owners(data.decode("utf-8", "replace"))
    for document in charter.documents:
        field = document.field("Owner")
        if field is None:
            continue
        for handle in _HANDLE.findall(field.value):
            if handle.rstrip(".") not in known:
                message = (
                    f"the owner `{handle}` is not in {path}; {cross_references.near(handle, known)}"
                )
                yield document.finding(field.line, message, field.column)
    for kind in charter.kinds:
        for entry in charter.entries(kind):
            for place, owner in _named(entry.value):
                if owner not in known:
                    message = f"{entry.subject} names `{owner}`, which is not in {path}"
                    yield entry.finding(f"{message}; {cross_references.near(owner, known)}", *place)


def _owners(text: str) -> dict[str, bool]:
    """Everyone that CODEOWNERS names, in its order."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return {word: True for line in lines for word in line if "@" in word}


def _named(value: Any) -> Iterator[tuple[Path, str]]:
    """Every owner in an entry, with its place; who signed its `waived` is left out."""
    wanted = _holding(value.__class__)
    for name in value.__struct_fields__:
        if name == "waived":
            continue
        given = getattr(value, name)
        if name not in wanted and not isinstance(given, Struct | list):
            continue
        for inner, item in cross_references.parts(given):
            if isinstance(item, Struct):
                for place, owner in _named(item):
                    yield (name, *inner, *place), owner
            elif name in wanted and item is not None:
                yield (name, *inner), item


@cache
def _holding(model: Any) -> tuple[str, ...]:
    return find_fields(model, Owner)  # remembered without the type, whose hash is slow
