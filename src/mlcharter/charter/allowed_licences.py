"""Which licences the safety checklist allows."""

import re
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter

_LONGEST = 1000  # characters of an expression; its tree is walked by recursion


class Allowed(Struct, frozen=True):
    """The names that are allowed for everything, and (name, licence) pairs allowed for one."""

    names: frozenset[str]
    exceptions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, charter: Charter) -> "Allowed | None":
        """What the config block `licences` allows today; None while it cannot be told."""
        rule = charter.entry("licences")
        if rule is None or not charter.settled("licences"):
            return None
        current = [e for e in rule.value.exceptions if e.until >= charter.earliest]
        return cls(
            frozenset(rule.value.allow) - frozenset(rule.value.deny),
            frozenset((exception.name, exception.licence) for exception in current),
        )

    def allows(self, licence: str, name: str) -> bool:
        """Whether something called `name` may be under a licence, an SPDX expression or a name."""
        if (name, licence) in self.exceptions or licence.strip() in self.names:
            return True
        tree = _tree(licence) if len(licence) <= _LONGEST else None
        return tree is not None and self._holds(tree)

    def _holds(self, tree: Any) -> bool:
        """Whether each side of an `AND`, or one side of an `OR`, is allowed."""
        if tree.isliteral:
            return str(tree) in self.names
        every = all if tree.operator.strip() == "AND" else any
        return every(map(self._holds, tree.args))


def _tree(licence: str) -> Any:
    """The tree of an SPDX expression; None for what is none, such as `MIT OR`, or a plain name."""
    if not re.search(r"\b(?:AND|OR)\b|[()]", licence, re.IGNORECASE):
        return None
    from license_expression import Licensing  # takes 25 ms

    try:
        return Licensing().parse(licence)
    except Exception:  # an ExpressionError, but also IndexError for `()` and AssertionError
        return None
