"""The two charters that are compared, and what differs between their files."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.diff import renaming, template_entries
from mlcharter.diff.difference import Difference, show
from mlcharter.diff.renaming import Renames
from mlcharter.formats.directions import Class
from mlcharter.markdown.document import Document
from mlcharter.template import history


class Pair(Struct, frozen=True, dict=True):
    """A charter before and after a change."""

    old: Charter
    new: Charter

    @cached_property
    def changed(self) -> frozenset[str]:
        """The documents whose text differs, or that only one of the charters has."""
        old = {read.path: read.text for read in self.old.documents}
        new = {read.path: read.text for read in self.new.documents}
        return frozenset(p for p in old.keys() | new.keys() if old.get(p) != new.get(p))

    def before(self) -> Iterator[Document]:
        """Yield the documents before the change that it changes."""
        return (read for read in self.old.documents if read.path in self.changed)

    def after(self) -> Iterator[Document]:
        """Yield the documents after the change that it changes."""
        return (read for read in self.new.documents if read.path in self.changed)

    @cached_property
    def entries(self) -> tuple[dict[str, list[Entry]], dict[str, list[Entry]]]:
        """The valid entries of the changed documents by kind, before and after the change."""
        return renaming.read(self.before()), renaming.read(self.after())

    @cached_property
    def renames(self) -> Renames:
        """The slices and gates that the change renames."""
        return renaming.find(*self.entries, self.new.every)

    @cached_property
    def template_entries(self) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        """The entries that the template has with the answers before and after the change."""
        return template_entries.read(self.old), template_entries.read(self.new)

    @cached_property
    def ids(self) -> Counter[tuple[str, str]]:
        """How many entries of each kind have the same id after the change."""
        return Counter(
            (kind, entry.value.id)
            for kind in self.new.kinds
            for entry in self.new.every(kind)
            if hasattr(entry.value, "id")
        )

    @property
    def updated(self) -> bool:
        """Whether the change updates the template, which may remove what it brought."""
        return self.old.answers.commit != self.new.answers.commit

    @property
    def without_starter(self) -> bool:
        """Whether the change removes the starter."""
        starters = [charter.answers.values.get("starter") for charter in (self.old, self.new)]
        return starters[0] is not False and starters[1] is False

    @property
    def reduced(self) -> bool:
        """Whether the change lowers the tier or drops a track, which is a difference itself."""
        lost = set(self.old.answers.values.get("tracks") or ()) - set(
            self.new.answers.values.get("tracks") or ()
        )
        return bool(lost) or not self.new.requires(self.old.tier)

    def removed_part(self, known: bool, name: str, kind: str) -> Class | None:
        """Return the class of a removed part; None if another difference says it.

        `known` says whether the template still has it. An update, a lower tier or fewer tracks may
        remove parts of the template, and none that a team wrote.
        """
        if name in self.new.settings.left_out:
            return None
        if known or not is_of_template(kind, name):
            return "weakens"
        if self.reduced:
            return None
        return "needs a person" if self.updated or self.without_starter else "weakens"


def is_of_template(kind: str, name: str) -> bool:
    """Return whether a version of the template had this item, section or document."""
    return f"{kind}:{name}" in history.read_first_versions()


def difference(
    effect: Class,
    subject: str,
    values: "tuple[Any, Any]",
    path: str,
    line: int = 1,
    **more: Any,
) -> Difference:
    """Return a difference; `values` are those before and after, and are shown as text."""
    return Difference(
        effect=effect,
        subject=subject,
        before=show(values[0]),
        after=show(values[1]),
        path=path,
        line=line,
        **more,
    )
