"""The plain part of YAML, which most contracts keep to, read line by line.

libyaml knows the whole language, and a tenth of a short run goes into starting it. What is read
here means the same to every reader: mappings and lists, values on one line, in brackets too,
text in a block, comments. Everything else, and everything wrong, is left to libyaml.
"""

import re
from datetime import date
from typing import Any, NoReturn, TypeAlias

Value: TypeAlias = "bool | int | float | str | date | list[Value] | dict[str, Value] | None"

_LONGEST = 16 * 1024  # so that no limit of the whole reader can be met
_DEEPEST = 16
_KEY = r"([A-Za-z_][\w./-]{0,99}):"
_ENTRY = re.compile(rf"( *)(- +)?(?:{_KEY}(?: +|$))?(.*)", re.ASCII)
# Where a plain value begins so, it may be none: an indicator, or one in some places.
_INDICATORS = frozenset("-?:,[]{}#&*!|>\"'%@`")
_WORD = r"[^\s,:?#\"\[\]{}]"
_FLOW = re.compile(
    rf""" *(?:([\[{{])|([\]}}])|(,)|{_KEY}[ ]|"([^"\\]*)"|'([^']*)'"""
    rf"""|((?:[^\s\-?:,\[\]{{}}#&*!|>'"%@`]|-(?=\d)){_WORD}*(?:[ ]+{_WORD}+)*))""",
    re.ASCII,
)
_OPENS, _CLOSES, _COMMA, _NAMES = 1, 2, 3, 4  # the first of its groups
_BLOCKS = frozenset((">", ">-", "|", "|-"))


class NotPlainError(Exception):
    """The text holds more than the plain part, or something that is wrong."""


def read(text: str) -> Value:
    """The value of a printable text, exactly as libyaml's events give it; else a NotPlainError."""
    if len(text) > _LONGEST:
        _leave()
    try:
        if text[:1] in ("[", "{"):
            line = text.rstrip("\n")
            return _leave() if "\n" in line else _flow(line)
        return _Reader(text.split("\n")).run()
    except ValueError:
        return _leave()


def _leave() -> NoReturn:
    raise NotPlainError


class _Reader:
    """Lists and mappings that are open, each with the column of its entries."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.next = 0
        self.container: Any = None
        self.column = -1
        self.around: list[tuple[Any, int]] = []
        self.key: str | None = None  # the key whose value begins on a line below, if it has one

    def run(self) -> Value:
        lines = self.lines
        root: Any = None
        while self.next < len(lines):
            entry = _ENTRY.fullmatch(lines[self.next])
            assert entry is not None
            indent, dash, name, rest = entry.groups()
            self.next += 1
            if not dash and name is None and (not rest or rest[0] == "#"):
                continue
            self.settle(len(indent), bool(dash))
            root = self.container if root is None else root
            if dash and name is None:
                self.container.append(_inline(rest))
                continue
            if dash:
                item: dict[str, Value] = {}
                self.container.append(item)
                self.open(item, len(indent) + len(dash))
            if name is None or name in self.container:
                _leave()
            self.key = None
            if rest in _BLOCKS:
                self.container[name] = self.block(rest)
            elif rest and rest[0] != "#":
                self.container[name] = _inline(rest)
            else:
                self.container[name] = None
                self.key = name
        if root is None:
            _leave()
        value: Value = root
        return value

    def open(self, container: Any, column: int) -> None:
        self.around.append((self.container, self.column))
        self.container, self.column = container, column
        if len(self.around) > _DEEPEST:
            _leave()

    def settle(self, column: int, dash: bool) -> None:
        """Make the container of an entry at a column the innermost one."""
        begins = self.key is not None and dash and column == self.column
        if column > self.column or (begins and type(self.container) is dict):
            container: Any = [] if dash else {}
            if self.around:
                if self.key is None:
                    _leave()
                self.container[self.key] = container
            elif column:
                _leave()
            self.key = None
            self.open(container, column)
            return
        self.key = None
        while self.column > column or (
            self.column == column and not dash and type(self.container) is list
        ):
            self.container, self.column = self.around.pop()
        if self.column != column or (type(self.container) is list) is not dash:
            _leave()

    def block(self, header: str) -> str:
        """The lines below a key that ends in `|` or `>`; of folded text one paragraph."""
        start = self.next
        lines = self.lines
        width = _indent(lines[start]) if start < len(lines) else 0
        margin = " " * width
        while self.next < len(lines):
            line = lines[self.next]
            if line and (not line.startswith(margin) or line[-1] == " "):
                break
            self.next += 1
        while self.next > start and not lines[self.next - 1]:
            self.next -= 1
        clipped = not header[1:]
        below = next((line for line in lines[self.next :] if line), "")
        body = [line[width:] for line in lines[start : self.next]]
        folds = header[0] == ">"
        clipped = not header[1:]
        if width <= self.column or _indent(below) > self.column:
            _leave()
        if folds and any(line[:1] in ("", " ") for line in body):
            _leave()  # a second paragraph, or a line that does not fold
        if clipped and self.next == len(lines):
            _leave()  # the text has no last line end that could be kept
        return (" " if folds else "\n").join(body) + ("\n" if clipped else "")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _inline(rest: str) -> Value:
    """The value that stands on the line of its key or dash."""
    first = rest[:1]
    if first in ("[", "{"):
        return _flow(rest)
    if first in ('"', "'"):
        end = rest.find(first, 1)
        if end < 0 or (first == '"' and "\\" in rest[:end]):
            _leave()
        _end(rest, end + 1)
        return rest[1:end]
    if not first or (first in _INDICATORS and not (first == "-" and rest[1:2].isdecimal())):
        _leave()
    text = rest.partition(" #")[0].rstrip(" ")
    if ": " in text or text[-1] == ":":
        _leave()
    return scalar(text)


def _end(rest: str, at: int) -> None:
    """Insist on nothing but a comment from here on."""
    tail = rest[at:].lstrip(" ")
    if tail and (tail[0] != "#" or len(tail) == len(rest) - at):
        _leave()


def _flow(text: str) -> Value:
    """A list or mapping in brackets, which the line begins with."""
    around: list[Any] = []
    container: Any = None
    key: str | None = None
    waiting = True  # for a value or, in a mapping, a key
    at = 0
    while token := _FLOW.match(text, at):
        at = token.end()
        kind = token.lastindex or 0
        if kind == _CLOSES:
            shut = "]" if type(container) is list else "}"
            if token[kind] != shut or key is not None or (waiting and container):
                break
            value, container = container, around.pop()
            if container is None:
                _end(text, at)
                return value  # type: ignore[no-any-return]
            waiting = False
        elif kind == _COMMA:
            if waiting:
                break
            waiting = True
        elif not waiting or (kind == _NAMES) is not (type(container) is dict and key is None):
            break
        elif kind == _NAMES:
            key = token[kind]
            if key in container:
                break
        else:
            value = token[kind] if kind != _OPENS else ([] if token[kind] == "[" else {})
            if kind > _NAMES + 2:
                value = scalar(token[kind])
            if key is not None:
                container[key] = value
            elif container is not None:
                container.append(value)
            key = None
            waiting = kind == _OPENS
            if waiting:
                around.append(container)
                container = value
    return _leave()


# Plain scalars

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("-+.0123456789")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 32  # what is longer is a digest that happens to have no letters


def scalar(text: str) -> Value:
    """What a plain scalar is: null, true or false, a number, a day, or else text.

    A number without end and a day that is in no calendar are a ValueError.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return _number(text) if text[0] in _NUMERIC else text


def _number(text: str) -> Value:
    """A plain scalar that begins as a number does."""
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
