"""Compare derived files with their config blocks."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.support import plugins
from mlcharter.support.files import Unreadable

KINDS = "mlcharter.export.kinds"

State = Literal["current", "differs", "missing", "obsolete", "empty"]


class Derived(Struct, frozen=True):
    """A derived file: its kind, its path, the text that it must have, and its state now.

    `origin` is what it is derived from, and `remedy` what to do if there is none of it.
    `obsolete` is a file whose config blocks are empty; `empty` is a kind that has no file.
    """

    kind: str
    path: str
    origin: str
    remedy: str
    text: str | None
    state: State


def derive(charter: Charter, kinds: Iterable[str]) -> Iterator[Derived]:
    """Yield the files of each kind; one that is `empty` for a kind without any."""
    for kind in kinds:
        module = plugins.load_one(KINDS, kind)
        blocks = ", ".join(f"`{source}`" for source in module.SOURCES)
        origin = getattr(module, "ORIGIN", "the config blocks")
        remedy = getattr(module, "REMEDY", f"fill in {blocks}")
        texts = module.render(charter)
        files = [
            Derived(kind, path, origin, remedy, texts.get(path), state)
            for path in dict.fromkeys((*module.PATHS, *texts))
            if (state := _find_state(charter, path, texts.get(path))) != "empty"
        ]
        yield from files or [Derived(kind, module.PATHS[0], origin, remedy, None, "empty")]


def _find_state(charter: Charter, path: str, text: str | None) -> State:
    if not charter.exists(path):
        return "empty" if text is None else "missing"
    if text is None:
        return "obsolete"
    data = charter.file(path)
    if isinstance(data, Unreadable):
        return "differs"
    return "current" if data.replace(b"\r\n", b"\n") == text.encode() else "differs"
