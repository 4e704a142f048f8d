"""The result of a comparison: differences with their class, and who must approve them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct, field

from mlcharter.formats.directions import Class

CLASSES: tuple[Class, ...] = ("weakens", "needs a person", "tightens", "neutral")
_LONGEST = 120  # characters of a value in a table


class Difference(Struct, frozen=True, kw_only=True):
    """One difference; `path` and `line` are in the change, or at the base if `at_base`.

    `base_path` is the file at the base, if the change may have moved it to another one.
    `owners` owned the file at the base, and `approved_by` lists those of them who approved the
    change. A `final` difference can't be approved. `waives` is the item or entry that it waives,
    or the fingerprint of a finding; `excuses` lists what that hides, for people.
    """

    effect: Class
    subject: str
    before: str
    after: str
    path: str
    line: int = 1
    at_base: bool = False
    base_path: str = ""
    final: bool = False
    note: str = ""
    waives: Any = None
    excuses: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether it weakens the charter, and nobody who may do so approved it."""
        return self.effect == "weakens" and (self.final or not self.approved_by)

    @property
    def value(self) -> str:
        """The values before and after, for people."""
        if not self.before or not self.after:
            return f"added: {self.after}" if self.after else f"removed: {self.before}"
        return f"{self.before} → {self.after}"

    @property
    def needs(self) -> str:
        """What it needs, as the end of a sentence; empty if nothing."""
        if self.effect != "weakens":
            return ""
        if self.final:
            return "revert it"
        if self.approved_by:
            return f"approved by {', '.join(self.approved_by)}"
        if not self.owners:
            return "nobody owns this file at the base; name an owner in CODEOWNERS first"
        return f"needs the approval of {' or '.join(self.owners)}"

    @property
    def message(self) -> str:
        """The difference in one sentence."""
        parts = (f"{self.subject}: {self.value}", self.note, self.needs)
        return "; ".join(part for part in parts if part)


class Comparison(Struct, frozen=True):
    """All differences of one repository, the most important first; `prefix` as in `Result`.

    `base` says what it was compared with, and `commit` is that commit.
    """

    prefix: str
    base: str
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)
    commit: str = ""

    @property
    def shown(self) -> list[Difference]:
        """The differences that people look at; the others are counted."""
        return [d for d in self.differences if d.effect in ("weakens", "needs a person")]

    @property
    def fails(self) -> bool:
        return any(difference.fails for difference in self.differences)

    @property
    def counts(self) -> Counter[Class]:
        return Counter(difference.effect for difference in self.differences)

    @property
    def summary(self) -> list[str]:
        """The lines of the summary."""
        unapproved = sum(difference.fails for difference in self.differences)
        weaker = self.counts["weakens"]
        head = "nothing weakens the charter"
        if weaker:
            verb = "difference weakens" if weaker == 1 else "differences weaken"
            head = f"{weaker} {verb} the charter, {unapproved or 'none'} without approval"
        rest = [f"{self.counts[kind]} {_COUNTED[kind]}" for kind in CLASSES[1:]]
        return [head, f"compared with {self.base}: {', '.join(rest)}", *self.notes]


_COUNTED: dict[Class, str] = {
    "needs a person": "for a person to judge",
    "tightens": "tighten",
    "neutral": "neutral",
}


def ordered(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return differences sorted by class, then place."""
    return tuple(
        sorted(differences, key=lambda d: (CLASSES.index(d.effect), d.path, d.line, d.subject))
    )


def show(value: Any) -> str:
    """Return a value as short text, like YAML on one line; empty for a missing one."""
    text = "" if value is None else _flow(msgspec.to_builtins(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        parts = (
            f"{key}: {_flow(part)}" for key, part in value.items() if part not in (None, False)
        )
        return ", ".join(parts)
    if isinstance(value, list):
        inner = (f"{{{_flow(v)}}}" if isinstance(v, dict) else _flow(v) for v in value)
        return f"[{', '.join(inner)}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
