"""Compare derived files with their config blocks."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.support import plugins
from mlcharter.support.files import Unreadable

KINDS = "mlcharter.export.kinds"

State = Literal["current", "differs", "missing", "obsolete", "empty"]


class Derived(Struct, frozen=True):
    """A derived file: its kind, its path, the text that it must have, and its state now.

    `obsolete` is a file whose config blocks are empty; `empty` is a kind that has no file. `needs`
    says what a kind without a file needs, `required` whether a missing file is an error.
    """

    kind: str
    path: str
    text: str | None
    state: State
    needs: str
    required: bool


def derive(charter: Charter, kinds: Iterable[str]) -> Iterator[Derived]:
    """Yield the files of each kind; one that is `empty` for a kind without any."""
    for kind in kinds:
        module = plugins.load_one(KINDS, kind)
        texts = module.render(charter)
        states = {path: _find_state(charter, path, texts.get(path)) for path in module.PATHS}
        blocks = ", ".join(f"`{source}`" for source in module.SOURCES)
        needs = f"fill in {blocks}{getattr(module, 'ALSO', '')}"
        required = _is_required(charter, kind, states.values())
        yield from [
            Derived(kind, path, texts.get(path), state, needs, required)
            for path, state in states.items()
            if state != "empty"
        ] or [Derived(kind, module.PATHS[0], None, "empty", needs, required)]


def _is_required(charter: Charter, kind: str, states: Collection[State]) -> bool:
    """Return whether a repository must have the files of a kind.

    Beside documents alone, no code reads them: it needs alerts, and the kinds that it has begun.
    """
    if charter.answers.values.get("layout") == "documents":
        begun = any(state in ("current", "differs") for state in states)
        return charter.requires("production") and (begun or kind == "prometheus")
    return charter.requires("production")


def _find_state(charter: Charter, path: str, text: str | None) -> State:
    if not charter.exists(path):
        return "empty" if text is None else "missing"
    if text is None:
        return "obsolete"
    data = charter.file(path)
    if isinstance(data, Unreadable):
        return "differs"
    return "current" if data.replace(b"\r\n", b"\n") == text.encode() else "differs"
