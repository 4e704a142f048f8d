"""YAML as a contract may write it: plain data, with the line and column of every key and value.

The values are YAML 1.2's (`no`, `on` and `yes` are text), and ISO days are dates.
Keys are text, always. Refused are anchors, aliases, tags, merge keys, directives, duplicate keys,
a second document, numbers without end, and whatever is too large or too deep.
The parser's events are read one by one, since both C parsers of whole trees that we know
kill the process on deep nesting; nothing here recurses.
"""

import re
from datetime import date
from typing import Any, NamedTuple, TypeAlias

MAX_SIZE = 256 * 1024
MAX_DEPTH = 64
MAX_NODES = 20_000

Value: TypeAlias = "bool | int | float | str | date | list[Value] | dict[str, Value] | None"


class Mark(NamedTuple):
    """A place in a text: line and column count from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """Why a text is not the YAML that we read, and where."""

    line: int
    column: int
    message: str


class Tree:
    """A parsed block: its value, or else its problem; and where each key and value stands.

    A path such as `(0, "threshold")` may lead further than the block goes:
    `key` and `mark` then give the last part that exists, so that what is missing can be reported.
    """

    __slots__ = ("_root", "problem", "value")

    def __init__(self, value: Value, problem: Problem | None, root: "_Place | None") -> None:
        self.value: Any = value
        self.problem = problem
        self._root = root

    def key(self, *path: str | int) -> Mark:
        """Where the key of a value stands; where the value stands if it has no key."""
        place = self._nearest(path)
        return _mark(place and (place.key or place.start))

    def mark(self, *path: str | int) -> Mark:
        """Where a value begins."""
        place = self._nearest(path)
        return _mark(place and place.start)

    def span(self, *path: str | int) -> tuple[Mark, Mark]:
        """Where a value begins, and the place behind its last character."""
        place = self._nearest(path)
        return _mark(place and place.start), _mark(place and place.end)

    def __contains__(self, path: tuple[str | int, ...]) -> bool:
        place = self._root
        for part in path:
            place = place and place.child(part)
        return place is not None

    def _nearest(self, path: tuple[str | int, ...]) -> "_Place | None":
        place = self._root
        for part in path:
            child = place and place.child(part)
            if child is None:
                break
            place = child
        return place


def parse(text: str) -> Tree:
    """Read one block. What is wrong with it is in `problem`; nothing is raised."""
    if len(text) > MAX_SIZE:
        return Tree(None, Problem(1, 1, f"the block is longer than {MAX_SIZE} characters"), None)
    if not text.replace("\n", "").isprintable():
        strange = _STRANGE.search(text)
        if strange is not None:
            return Tree(None, _strange(text, strange.start()), None)
    import yaml

    parser = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        return _Builder(parser(text)).build()
    except _RefusedError as refused:
        return Tree(None, Problem(*_mark(refused.mark), refused.message), None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Tree(None, Problem(*_mark(mark), f"not YAML: {error.problem}"), None)
    except yaml.YAMLError as error:
        return Tree(None, Problem(1, 1, f"not YAML: {error}"), None)


# What YAML does not allow in a text, and line ends that only YAML 1.1 counts as such.
_STRANGE = re.compile(
    "[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _strange(text: str, at: int) -> Problem:
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    column = at - max(text.rfind("\n", 0, at), text.rfind("\r", 0, at))
    message = f"the character U+{ord(text[at]):04X} is not allowed here; remove it"
    return Problem(before.count("\n") + 1, column, message)


class _Place:
    """Where a node stands: the parser's marks, and the places below by key or in order."""

    __slots__ = ("children", "end", "key", "start")

    def __init__(self, key: Any, start: Any, end: Any) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.children: dict[str | int, _Place] | None = None

    def child(self, part: str | int) -> "_Place | None":
        return self.children.get(part) if self.children else None


class _RefusedError(Exception):
    def __init__(self, mark: Any, message: str) -> None:
        self.mark = mark
        self.message = message


class _Frame:
    """A list or mapping that is still open."""

    __slots__ = ("flow", "key", "key_mark", "place", "value")

    def __init__(self, value: Any, place: _Place, flow: bool) -> None:
        self.value = value
        self.place = place
        self.flow = flow
        self.key: str | None = None
        self.key_mark: Any = None


class _Builder:
    """Turns the events of one parser into values and places."""

    def __init__(self, parser: Any) -> None:
        self.next = parser.get_event
        self.stack: list[_Frame] = []
        self.value: Any = None
        self.root: _Place | None = None
        self.nodes = 0

    def build(self) -> Tree:
        from yaml import events

        take = {
            events.ScalarEvent: self.scalar,
            events.MappingStartEvent: self.open_mapping,
            events.SequenceStartEvent: self.open_sequence,
            events.MappingEndEvent: self.close,
            events.SequenceEndEvent: self.close,
            events.AliasEvent: self.alias,
            events.DocumentStartEvent: self.document,
            events.DocumentEndEvent: None,
            events.StreamStartEvent: None,
        }
        following = self.next
        event = following()
        while type(event) is not events.StreamEndEvent:
            step = take[type(event)]
            if step is not None:
                step(event)
            event = following()
        return Tree(self.value, None, self.root)

    def document(self, event: Any) -> None:
        if self.root is not None:
            raise _RefusedError(event.start_mark, "a second document begins; keep one in a block")
        if event.version or event.tags:
            raise _RefusedError(event.start_mark, "a directive is not allowed; remove it")
        # A document always has a node; from here on a second one would be seen.
        self.root = _Place(None, event.start_mark, event.end_mark)

    def alias(self, event: Any) -> None:
        raise _RefusedError(event.start_mark, f"alias `*{event.anchor}` is refused; write it out")

    def scalar(self, event: Any) -> None:
        start = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self.refuse(event)
        frame = self.stack[-1] if self.stack else None
        plain = event.implicit[0]
        text = event.value
        if frame is not None and frame.key is None and type(frame.value) is dict:
            if plain and text == "<<":
                raise _RefusedError(start, "merge key `<<` is refused; write the keys out")
            if not text:
                raise _RefusedError(start, "a key is empty; name it")
            if text in frame.value:
                raise _RefusedError(start, f"key `{text}` stands twice in one mapping; remove one")
            frame.key = text
            frame.key_mark = start
            return
        if plain:
            text = _CONSTANTS[text] if text in _CONSTANTS else self.resolve(text, start)
        self.add(text, start, event.end_mark)

    def resolve(self, text: str, mark: Any) -> Value:
        if text[0] not in _NUMERIC:
            return text
        try:
            return _number(text)
        except ValueError as error:
            raise _RefusedError(mark, str(error)) from None

    def add(self, value: Any, start: Any, end: Any) -> _Place:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _RefusedError(start, f"the block has more than {MAX_NODES} values")
        if not self.stack:
            self.value = value
            self.root = place = _Place(None, start, end)
            return place
        frame = self.stack[-1]
        place = _Place(frame.key_mark, start, end)
        children = frame.place.children
        assert children is not None
        if frame.key is None:
            children[len(frame.value)] = place
            frame.value.append(value)
        else:
            children[frame.key] = place
            frame.value[frame.key] = value
            frame.key = None
        if not frame.flow:
            frame.place.end = end
        return place

    def open_mapping(self, event: Any) -> None:
        self.open({}, event)

    def open_sequence(self, event: Any) -> None:
        self.open([], event)

    def open(self, value: Any, event: Any) -> None:
        start = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self.refuse(event)
        if self.stack:
            frame = self.stack[-1]
            if type(frame.value) is dict and frame.key is None:
                raise _RefusedError(start, "a key is a list or a mapping; keys are words")
            if len(self.stack) >= MAX_DEPTH:
                raise _RefusedError(start, f"the block is nested deeper than {MAX_DEPTH} levels")
        place = self.add(value, start, event.end_mark)
        place.children = {}
        self.stack.append(_Frame(value, place, bool(event.flow_style)))

    def close(self, event: Any) -> None:
        frame = self.stack.pop()
        if frame.flow:
            frame.place.end = event.end_mark
        if self.stack and not self.stack[-1].flow:
            self.stack[-1].place.end = frame.place.end

    def refuse(self, event: Any) -> None:
        if event.anchor is not None:
            message = f"anchor `&{event.anchor}` is refused; write the value where it is needed"
        else:
            message = f"tag `{event.tag}` is refused; write the plain value"
        raise _RefusedError(event.start_mark, message)


_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("-+.0123456789")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 32  # what is longer is a digest that happens to have no letters


def _number(text: str) -> Value:
    """A plain scalar that begins as a number does: a number, a day, or else text."""
    if len(text) > _LONGEST_NUMBER or not text.isascii():
        return text
    body = text[1:] if text[0] in "-+" else text
    if body.isdigit():
        return int(text)
    if len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit():
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"there is no day {text}; correct it") from None
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


def _mark(mark: Any) -> Mark:
    return Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)
