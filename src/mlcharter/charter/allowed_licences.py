"""Decide whether the safety checklist allows a licence."""

import re
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter

_LONGEST = 1000  # characters of an expression, whose tree is walked by recursion


class Allowed(Struct, frozen=True):
    """The names that are allowed for everything, and (name, licence) pairs allowed for one."""

    names: frozenset[str]
    exceptions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, charter: Charter) -> "Allowed | None":
        """Return what the block `licences` allows today; None if it is missing or invalid."""
        entry = charter.entry("licences")
        if entry is None or not charter.settled("licences"):
            return None
        current = [e for e in entry.value.exceptions if e.until >= charter.earliest]
        return cls(
            frozenset(entry.value.allow) - frozenset(entry.value.deny),
            frozenset((exception.name, exception.licence) for exception in current),
        )

    def allows(self, licence: str, name: str) -> bool:
        """Return whether `name` may have a licence, an SPDX expression or any other text."""
        if (name, licence) in self.exceptions or licence.strip() in self.names:
            return True
        if len(licence) > _LONGEST:
            return False
        if all(part.strip() in self.names for part in licence.split(" AND ")):
            return True  # without the parser, whose import takes longer than any rule
        tree = _parse_expression(licence)
        return tree is not None and self._allows_tree(tree)

    def _allows_tree(self, tree: Any) -> bool:
        """Return whether each side of an `AND`, or one side of an `OR`, is allowed."""
        if tree.isliteral:
            return str(tree) in self.names
        every = all if tree.operator.strip() == "AND" else any
        return every(map(self._allows_tree, tree.args))


def _parse_expression(licence: str) -> Any:
    """Parse an SPDX expression; None for a single name, or an invalid one such as `MIT OR`."""
    if not re.search(r"\b(?:AND|OR)\b|[()]", licence, re.IGNORECASE):
        return None
    from license_expression import Licensing  # takes 25 ms

    try:
        return Licensing().parse(licence)
    except Exception:  # an ExpressionError, but also IndexError for `()` and AssertionError
        return None
