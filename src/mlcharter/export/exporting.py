"""Compare derived files with their config blocks."""

from collections.abc import Collection, Iterable, Iterator
from types import ModuleType
from typing import Literal

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.support import plugins
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

KINDS = "mlcharter.export.kinds"

State = Literal["current", "differs", "missing", "obsolete", "empty"]


class Derived(Struct, frozen=True):
    """A derived file: its kind, its path, the text that it must have, and its state now.

    `origin` is what it is derived from, and `remedy` what to do if there is none of it.
    `obsolete` is a file whose config blocks are empty; `empty` is a kind that has no file.
    `required` says whether a missing file is an error.
    """

    kind: str
    path: str
    origin: str
    remedy: str
    text: str | None
    state: State
    required: bool


def derive(charter: Charter, kinds: Iterable[str]) -> Iterator[Derived]:
    """Yield the files of each kind; one that is `empty` for a kind without any."""
    for kind in kinds:
        module = plugins.load_one(KINDS, kind)
        blocks = ", ".join(f"`{source}`" for source in module.SOURCES)
        origin = getattr(module, "ORIGIN", "the config blocks")
        remedy = getattr(module, "REMEDY", f"fill in {blocks}")
        texts = module.render(charter)
        states = {
            path: _find_state(charter, path, texts.get(path))
            for path in dict.fromkeys((*module.PATHS, *texts))
        }
        required = _is_required(charter, module, states.values())
        yield from [
            Derived(kind, path, origin, remedy, texts.get(path), state, required)
            for path, state in states.items()
            if state != "empty"
        ] or [Derived(kind, module.PATHS[0], origin, remedy, None, "empty", required)]


def find_invalid(charter: Charter, kinds: Iterable[str]) -> Iterator[Finding]:
    """Yield what is wrong in the config blocks of these kinds: such entries are left out."""
    sources = {one for kind in kinds for one in plugins.load_one(KINDS, kind).SOURCES}
    for config, read in charter.readings:
        if config.kind in sources:
            yield from read.wrong
            if config.problem is not None:
                line, column, message = config.problem
                yield config.document.finding(line, f"`{config.kind}`: {message}", column)


def explain_nothing(charter: Charter, kinds: Iterable[str]) -> Iterator[str]:
    """Yield which config blocks must be filled in before there is a file of one of the kinds."""
    users: dict[str, list[str]] = {}
    for kind in kinds:
        for block in plugins.load_one(KINDS, kind).SOURCES:
            users.setdefault(block, []).append(kind)
    blank = {config.kind: document.path for document, config in charter.blank}
    places = {block: blank[block] for block in users if block in blank}
    if not places:
        yield "nothing to write; files are derived from config blocks that no document has yet"
        if charter.requires("production"):
            yield f"next: `mlcharter explain {next(iter(users))}` shows a block, and its document"
        else:
            yield "next: nothing at this tier; `mlcharter update --data tier=production` adds them"
        return
    yield "nothing to write; files are derived from config blocks that are not filled in yet:"
    for block, path in places.items():
        yield f"  `{block}` in {path}, for {', '.join(users[block])}"
    yield f"next: fill in one; `mlcharter explain {next(iter(places))}` shows an example"


def _is_required(charter: Charter, kind: ModuleType, states: Collection[State]) -> bool:
    """Return whether a repository must have the files of a kind.

    Beside documents alone, no code reads them: it needs the kinds that it has begun, and those that
    are ALWAYS needed.
    """
    if charter.answers.values.get("layout") == "documents":
        begun = any(state in ("current", "differs") for state in states)
        return charter.requires("production") and (begun or getattr(kind, "ALWAYS", False))
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
