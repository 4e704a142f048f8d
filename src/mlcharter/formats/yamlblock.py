"""Parse the YAML of a config block: plain data, with the line and column of every key and value.

Values follow YAML 1.2 (`no`, `on` and `yes` are text), and ISO dates are dates. Keys are always
text. Anchors, aliases, tags, merge keys, directives, duplicate keys, a second document, infinite
numbers, and blocks that are too large or too deep are refused.
The parser's events are read one by one and nothing recurses: the C parsers that build whole trees
crash the process on deep nesting.
"""

import re
from datetime import date
from functools import cache, cached_property
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

MAX_SIZE = 256 * 1024
MAX_DEPTH = 64
_TOO_DEEP = f"the block is nested deeper than {MAX_DEPTH} levels; flatten it"
# Newer libyaml reads ahead in flow style and fails before the first event.
_PARSER_TOO_DEEP = "exceeded maximum nesting depth"
MAX_NODES = 20_000

Value: TypeAlias = "bool | int | float | str | date | list[Value] | dict[str, Value] | None"


class Mark(NamedTuple):
    """A position in a text: line and column, from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """Why a text is not valid, and where."""

    line: int
    column: int
    message: str


class Tree:
    """A parsed block: its value or its problem, and the position of each key and value.

    A path such as `(0, "threshold")` may go beyond the block: `key` and `mark` then return the
    position of the last part that exists, so that a missing key can be reported.
    """

    def __init__(self, text: str, value: Value, problem: Problem | None) -> None:
        self.value: Any = value
        self.problem = problem
        self._text = text

    def key(self, *path: str | int) -> Mark:
        """Return the position of a value's key, or of the value if it has no key."""
        place = self._nearest(path)
        return _to_mark(place and (place.key or place.start))

    def mark(self, *path: str | int) -> Mark:
        """Return the position of a value."""
        place = self._nearest(path)
        return _to_mark(place and place.start)

    def span(self, *path: str | int) -> tuple[Mark, Mark]:
        """Return the position of a value, and the position after its last character."""
        place = self._nearest(path)
        return _to_mark(place and place.start), _to_mark(place and place.end)

    def __contains__(self, path: tuple[str | int, ...]) -> bool:
        place = self._root
        for part in path:
            place = place and place.child(part)
        return place is not None

    @cached_property
    def _root(self) -> "_Place | None":
        # Most blocks are valid, so no position is needed: parsing one again is cheaper than
        # keeping the positions of all.
        return None if self.problem else _find_places(_parser(self._text))

    def _nearest(self, path: tuple[str | int, ...]) -> "_Place | None":
        place = self._root
        for part in path:
            child = place and place.child(part)
            if child is None:
                break
            place = child
        return place


def parse(text: str) -> Tree:
    """Return a parsed block, with its `problem` if it is not valid; raises nothing."""
    if len(text) > MAX_SIZE:
        problem = Problem(1, 1, f"the block is longer than {MAX_SIZE} characters; split it")
        return Tree(text, None, problem)
    if not text.replace("\n", "").isprintable():
        bad_character = _bad_characters().search(text)
        if bad_character is not None:
            return Tree(text, None, _report_character(text, bad_character.start()))
    from yaml import MarkedYAMLError, YAMLError

    try:
        return Tree(text, _build(_parser(text)), None)
    except _RefusedError as refused:
        problem = Problem(*_to_mark(refused.mark), refused.message)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        deep = error.problem == _PARSER_TOO_DEEP
        message = f"not YAML: {error.problem}{_suggest_fix(text, mark)}"
        problem = Problem(*_to_mark(mark), _TOO_DEEP if deep else message)
    except YAMLError as error:
        problem = Problem(1, 1, f"not YAML: {error}")
    return Tree(text, None, problem)


def _parser(text: str) -> Any:
    import yaml

    return (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)


@cache
def _bad_characters() -> re.Pattern[str]:
    """Return a pattern for characters that YAML forbids, and for line ends of YAML 1.1 only.

    Most texts do not need it, and it takes 8 ms to compile.
    """
    return re.compile(
        "[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    )


def _suggest_fix(text: str, mark: Any) -> str:
    """Return how to fix a common mistake: `by: @lead`, `op: >=`, `reason: so: that`, a tab."""
    rows = text.splitlines()
    line = rows[mark.line][:_MAX_LINE] if mark and mark.line < len(rows) else ""
    if line[: len(line) - len(line.lstrip())].count("\t"):
        return "; indent with spaces, not with tabs"
    for form in (
        r"(?<![\w-])([\w-]++):[ ]++(?:[@`%&*!]|[>|][^ +\-0-9])",
        r"(?<![\w-])([\w-]++):[ ]++[^\"'\[{#]{1,200}: ",
    ):
        if found := re.search(form, line):
            return f"; put the value of `{found[1]}` in quotes"
    return ""


def _report_character(text: str, at: int) -> Problem:
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    column = at - max(text.rfind("\n", 0, at), text.rfind("\r", 0, at))
    message = f"the character U+{ord(text[at]):04X} is not allowed here; remove it"
    return Problem(before.count("\n") + 1, column, message)


class _RefusedError(Exception):
    def __init__(self, mark: Any, message: str) -> None:
        self.mark = mark
        self.message = message


def _build(parser: Any) -> Value:
    """Return the value that the events of a parser describe."""
    from yaml import events as of

    scalar, mapping, sequence = of.ScalarEvent, of.MappingStartEvent, of.SequenceStartEvent
    parents: list[Any] = []
    root: Any = None
    documents = 0
    container: Any = None
    in_mapping = False
    key: str | None = None  # the key whose value comes next
    for event in islice(iter(parser.get_event, None), MAX_NODES):
        kind = type(event)
        if kind is scalar:
            value = event.value
            if event.anchor is not None or event.tag is not None:
                _refuse(event)
            if in_mapping and key is None:
                if not value or value == "<<" or value in container:
                    _check_key(event, container)
                key = value
                continue
            if event.implicit[0] and (value in _CONSTANTS or value[0] in _NUMERIC):
                value = _CONSTANTS[value] if value in _CONSTANTS else _resolve(event)
        elif kind is mapping or kind is sequence:
            _check_start(event, in_mapping and key is None, len(parents))
            value = {} if kind is mapping else []
        elif kind is of.MappingEndEvent or kind is of.SequenceEndEvent:
            container = parents.pop()
            in_mapping = type(container) is dict
            continue
        elif kind is of.StreamEndEvent:
            return root  # type: ignore[no-any-return]
        else:
            documents += kind is of.DocumentStartEvent
            _check_other(event, documents)
            continue
        if key is not None:
            container[key] = value
            key = None
        elif container is not None:
            container.append(value)
        else:
            root = value
        if kind is not scalar:
            parents.append(container)
            container = value
            in_mapping = kind is mapping
    raise _RefusedError(event.start_mark, f"the block has more than {MAX_NODES} parts; split it")


def _check_start(event: Any, as_key: bool, depth: int) -> None:
    """Refuse a list or mapping with an anchor or tag, as a key, or nested too deep."""
    if event.anchor is not None or event.tag is not None:
        _refuse(event)
    if as_key:
        message = "a key is a list or a mapping; use text"
        raise _RefusedError(event.start_mark, message)
    if depth >= MAX_DEPTH:
        raise _RefusedError(event.start_mark, _TOO_DEEP)


def _check_key(event: Any, mapping: dict[str, Any]) -> None:
    """Refuse a key that is empty, a duplicate, or `<<` without quotes."""
    message = ""
    if not event.value:
        message = "a key is empty; name it"
    elif event.value in mapping:
        message = f"duplicate key `{event.value}` in a mapping; remove one"
    elif event.implicit[0]:
        message = "merge key `<<` is not allowed; write the keys out"
    if message:
        raise _RefusedError(event.start_mark, message)


def _check_other(event: Any, documents: int) -> None:
    """Refuse aliases, directives and second documents."""
    from yaml.events import AliasEvent, DocumentStartEvent

    message = ""
    if isinstance(event, AliasEvent):
        message = f"alias `*{event.anchor}` is not allowed; write the value out"
    elif isinstance(event, DocumentStartEvent):
        if event.version or event.tags:
            message = "a directive is not allowed; remove it"
        elif documents > 1:
            message = "a second document begins; keep one in a block"
    if message:
        raise _RefusedError(event.start_mark, message)


def _resolve(event: Any) -> Value:
    try:
        return _parse_number(event.value)
    except ValueError as error:
        raise _RefusedError(event.start_mark, str(error)) from None


def _refuse(event: Any) -> None:
    if event.anchor is not None:
        message = f"anchor `&{event.anchor}` is not allowed; write the value where it is needed"
    else:
        message = f"tag `{event.tag}` is not allowed; write the plain value"
    raise _RefusedError(event.start_mark, message)


class _Place:
    """The position of a node, and its children by key or index."""

    def __init__(self, key: Any, event: Any) -> None:
        self.key = key.start_mark if key else None
        self.start = event.start_mark
        self.end = event.end_mark
        self.children: dict[str | int, _Place] = {}
        self.flow = getattr(event, "flow_style", None)

    def child(self, part: str | int) -> "_Place | None":
        return self.children.get(part)


def _find_places(parser: Any) -> _Place | None:
    """Return the positions of the nodes in a block that `_build` accepted."""
    from yaml.events import CollectionEndEvent, MappingStartEvent, NodeEvent, ScalarEvent

    root: _Place | None = None
    parents: list[tuple[_Place, bool]] = []
    key: Any = None
    for event in iter(parser.get_event, None):
        if isinstance(event, CollectionEndEvent):
            place, _ = parents.pop()
            if place.flow:
                place.end = event.end_mark
            elif place.children:
                place.end = list(place.children.values())[-1].end
            continue
        if not isinstance(event, NodeEvent):
            continue
        parent, mapping = parents[-1] if parents else (None, False)
        if mapping and key is None:
            key = event
            continue
        place = _Place(key, event)
        if parent is None:
            root = place
        else:
            parent.children[key.value if mapping else len(parent.children)] = place
        key = None
        if not isinstance(event, ScalarEvent):
            parents.append((place, isinstance(event, MappingStartEvent)))
    return root


_MAX_LINE = 1000
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("-+.0123456789")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_MAX_NUMBER_LENGTH = 32  # a longer one is a digest that happens to have no letters


def _parse_number(text: str) -> Value:
    """Return a plain scalar that begins like a number: a number, a date, or text."""
    if len(text) > _MAX_NUMBER_LENGTH or not text.isascii():
        return text
    body = text[1:] if text[0] in "-+" else text
    if body.isdigit():
        return int(text)
    if len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit():
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text} is not a valid date; correct it") from None
    if body.lower() in (".inf", ".nan"):
        raise ValueError(f"`{text}` is not a finite number; write a number or null")
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"`{text}` is not a finite number; write a number or null")
        return number
    if text[:2] in ("0x", "0o") and text[2:].isalnum():
        try:
            return int(text[2:], 16 if text[1] == "x" else 8)
        except ValueError:
            return text
    return text


def _to_mark(mark: Any) -> Mark:
    return Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)
