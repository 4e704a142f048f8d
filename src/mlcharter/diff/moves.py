"""Find the documents that a change moves to another path, also if it retitles them."""

from collections.abc import Iterator

from mlcharter.diff.pair import Pair
from mlcharter.markdown.document import Document


def find(pair: Pair) -> dict[str, str]:
    """Return the new path of each document that is gone and appears elsewhere.

    It is there if a new document has its title, or half of its sections, items and config blocks.
    """
    new = {read.path: read for read in pair.after() if pair.old.document(read.path) is None}
    found: dict[str, str] = {}
    for read in pair.before():
        if pair.new.document(read.path) is not None:
            continue
        parts = set(_parts(read))
        shared = {path: len(parts & set(_parts(other))) for path, other in new.items()}
        best = max(new, key=lambda p: (shared[p], new[p].title == read.title), default=None)
        if best and (new[best].title == read.title or 2 * shared[best] >= max(len(parts), 1)):
            found[read.path] = best
            del new[best]
    return found


def _parts(read: Document) -> Iterator[str]:
    """Yield the names of the parts by which a document is known."""
    yield from (f"section {section.id}" for section in read.sections if section.id)
    yield from (f"item {item.id}" for item in read.items if item.id)
    yield from (f"config {config.kind}" for config in read.configs)
