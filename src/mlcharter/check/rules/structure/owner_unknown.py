"""An owner is not in CODEOWNERS, or CODEOWNERS is missing.

Owners must be reachable and must be asked for review. A team that was renamed is no longer asked,
although the charter still names it.

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

from mlcharter.charter import code_owners
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Path
from mlcharter.check import cross_references
from mlcharter.formats.models import Owner, find_fields
from mlcharter.support.finding import Finding

LEVEL = "complete"
# An address matches only at the start of a word, and its local part is possessive: linear time.
_HANDLE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9._/-]*|(?<![^@\s(),<>])[^@\s(),<>]++@[^@\s(),<>]+")


def check(charter: Charter) -> Iterator[Finding]:
    path = code_owners.find_file(charter)
    data = code_owners.read_file(charter, path)
    if path is None and charter.answers.only:
        return  # `adopt --only` writes no CODEOWNERS
    if not isinstance(data, bytes):
        message = "CODEOWNERS is missing; add it, and name the owners of the charter in it"
        yield Finding(code_owners.NAME, 1, 1, "", message)
        return
    known = code_owners.read(charter).names
    for document in charter.documents:
        field = document.field("Owner")
        if field is None:
            continue
        for handle in _HANDLE.findall(field.value):
            if handle.rstrip(".") not in known:
                message = f"the owner `{handle}` is not in {path}{_remedy(handle, known)}"
                yield document.finding(field.line, message, field.column)
    for kind in charter.kinds:
        for entry in charter.entries(kind):
            for place, owner in _find_owners(entry.value):
                if owner not in known:
                    message = f"{entry.subject} names the owner `{owner}`, who is not in {path}"
                    yield entry.finding(message + _remedy(owner, known), *place)


def _remedy(owner: str, known: dict[str, bool]) -> str:
    if not known:
        return ", which names nobody; add a line for the charter"
    return f"; {cross_references.near(owner, known)}"


def _find_owners(value: Any) -> Iterator[tuple[Path, str]]:
    """Yield every owner in an entry with its path; who signed its `waived` is left out."""
    keys = _owner_keys(value.__class__)
    for key in value.__struct_fields__:
        if key == "waived":
            continue
        content = getattr(value, key)
        if key not in keys and not isinstance(content, Struct | list):
            continue
        for inner, item in cross_references.parts(content):
            if isinstance(item, Struct):
                for path, owner in _find_owners(item):
                    yield (key, *inner, *path), owner
            elif key in keys and item is not None:
                yield (key, *inner), item


@cache
def _owner_keys(model: Any) -> tuple[str, ...]:
    return find_fields(model, Owner)  # cached without the type, whose hash is slow
