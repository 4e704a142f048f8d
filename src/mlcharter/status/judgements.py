"""Judge each item of a charter by the findings of every rule: done, open or waived."""

from collections.abc import Sequence

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.check import engine
from mlcharter.check.result import Judged
from mlcharter.formats.models import Part
from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import Document
from mlcharter.support.errors import UserError
from mlcharter.support.finding import Finding
from mlcharter.template.specification import ItemSpec


class Count(Part, frozen=True):
    """How many things are `done`, `of` how many; `waived` ones are in neither number."""

    done: int
    of: int
    waived: int

    def __add__(self, other: "Count") -> "Count":
        return Count(self.done + other.done, self.of + other.of, self.waived + other.waived)

    @property
    def share(self) -> float:
        return self.done / self.of if self.of else 0.0


class Judgements(Struct, frozen=True):
    """The findings of every rule in a charter, even of those that its settings ignore."""

    charter: Charter
    judged: list[Judged]
    by_path: dict[str, list[Judged]]
    items: dict[str, list[tuple[Document, Item]]]

    @classmethod
    def of(cls, charter: Charter, found: Sequence[Finding] | None = None) -> "Judgements":
        """Return the judgements of a charter; `found` are all findings, if they are known."""
        result = engine.check(charter, level="release", select=["*"], found=found)
        judged = [one for one in result.judged if one.outcome != "counted"]
        by_path: dict[str, list[Judged]] = {}
        for one in judged:
            by_path.setdefault(one.finding.path, []).append(one)
        items: dict[str, list[tuple[Document, Item]]] = {}
        for document, item in charter.items:
            if item.id:
                items.setdefault(item.id, []).append((document, item))
        return cls(charter, judged, by_path, items)

    def count(self, item_spec: ItemSpec) -> Count:
        """Return the count of one required item; an open item has a finding itself."""
        occurrences = self.items.get(item_spec.id, ())
        found = [one for d, item in occurrences for one in self.within(d.path, item.line, item.end)]
        if not occurrences or any(judged.outcome != "allowed" for judged in found):
            return Count(0, 1, 0)
        if found or not all(item.ticked for _, item in occurrences):
            return Count(0, 0, 1)
        return Count(1, 1, 0)

    def within(self, path: str, first: int, last: int) -> list[Judged]:
        """Return the findings in some lines of a document."""
        return [one for one in self.by_path.get(path, ()) if first <= one.finding.line <= last]


def refuse_broken_answers(charter: Charter, prefix: str) -> None:
    """Raise a UserError if the answers cannot be read, since then what is required is unknown."""
    problem = charter.answers.problem
    if problem is not None:
        message, _, remedy = problem.message.partition("; ")
        raise UserError(f"{prefix}{charter.answers.path}:{problem.line}: {message}", hint=remedy)
