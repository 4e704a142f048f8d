"""What a PromQL expression names and compares, and whether it can be read at all.

One pass over its tokens, for what the documents of a charter hold against each other. It knows the
names of functions and no types, so it takes some expressions that Prometheus refuses.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_TOKEN = re.compile(
    r"""
    (?P<blank> \s+ | \#[^\n]* )
    | (?P<text> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `[^`]*` )
    | (?P<window> \[ [^][(){}"'`]* \] )
    | (?P<duration> (?:[0-9]+(?:ms|[smhdwy]))+ (?![A-Za-z0-9_]) )
    | (?P<number> (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? (?![A-Za-z0-9_.]) )
    | (?P<name> [A-Za-z_:][A-Za-z0-9_:]* )
    | (?P<mark> == | != | >= | <= | =~ | !~ | [-+*/%^<>=(){},@] )
    """,
    re.VERBOSE,
)
_PART = re.compile(r"([0-9]+)(ms|[smhdwy])")
_WORDS = frozenset(["and", "or", "unless", "atan2"])
_OPERATORS = _WORDS | frozenset("+-*/%^<>") | {"==", "!=", ">=", "<="}
_COMPARE = frozenset(["<", ">", "==", "!=", ">=", "<="])
_GROUPING = frozenset(["by", "without"])
_MATCHING = frozenset(["on", "ignoring", "group_left", "group_right"])
_CONDITIONS = frozenset(["absent", "absent_over_time", "unless", "and"])


# https://prometheus.io/docs/prometheus/latest/querying/functions/ and /operators/
_FUNCTION_NAMES = """
    sum min max avg group stddev stdvar count count_values bottomk topk quantile limitk limit_ratio
    abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp
    clamp_max clamp_min cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month
    deg delta deriv double_exponential_smoothing exp first_over_time floor histogram_avg
    histogram_count histogram_fraction histogram_quantile histogram_quantiles histogram_stddev
    histogram_stdvar histogram_sum holt_winters hour idelta increase info irate label_join
    label_replace last_over_time ln log10 log2 mad_over_time max_over_time min_over_time minute
    month pi predict_linear present_over_time quantile_over_time rad rate resets round scalar sgn
    sin sinh sort sort_by_label sort_by_label_desc sort_desc sqrt start stddev_over_time
    stdvar_over_time sum_over_time tan tanh time timestamp ts_of_first_over_time
    ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time vector year end step
"""
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())


class Token(NamedTuple):
    kind: str
    text: str


class Comparison(Struct, frozen=True):
    """A comparison with constants. `factors` multiply to its limit; `windows` are in seconds.

    `group` counts the `or` before it: comparisons of one group hold together.
    """

    operator: str
    factors: tuple[float, ...]
    windows: tuple[float, ...]
    group: int

    @property
    def limit(self) -> float:
        product = 1.0
        for factor in self.factors:
            product *= factor
        return product


class Query(Struct, frozen=True):
    """An expression: metrics, label matchers as (label, value), windows in seconds, comparisons.

    `problem` says why it cannot be read; then the rest is what stood before.
    """

    metrics: tuple[str, ...] = ()
    labels: frozenset[tuple[str, str]] = frozenset()
    selectors: tuple[tuple[str, frozenset[tuple[str, str]]], ...] = ()
    windows: tuple[float, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    condition: bool = False
    problem: str | None = None


def seconds(duration: str) -> float:
    """`1h30m` in seconds; a duration of a config block (`28d`) is one of these."""
    return sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(duration))


@lru_cache(maxsize=256)
def normal(expression: str) -> str:
    """An expression without the blanks that mean nothing; as it is where it cannot be read."""
    tokens, problem = _tokens(expression)
    return expression if problem else " ".join(token.text for token in tokens)


@lru_cache(maxsize=1024)
def read(expression: str) -> Query:
    """Read an expression; what is wrong with it is in `problem`."""
    tokens, problem = _tokens(expression)
    return _Reader(tokens).query() if problem is None else Query(problem=problem)


def _tokens(expression: str) -> tuple[list[Token], str | None]:
    found: list[Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            return found, f"cannot be read from `{expression[at : at + 12]}` on"
        if match.lastgroup != "blank":
            found.append(Token(str(match.lastgroup), match.group()))
        at = match.end()
    return found, None


class _UnreadableError(Exception):
    """What is wrong, as a predicate of the expression."""


class _Reader:
    """Walks the tokens once: a value, an operator, a value, with a stack of open parentheses."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.selectors: list[tuple[str, frozenset[tuple[str, str]]]] = []
        self.windows: list[float] = []
        self.since = 0  # the window from which on they belong to the next comparison
        self.group = 0
        self.comparisons: list[Comparison] = []
        self.condition = False

    def query(self) -> Query:
        problem = None
        try:
            self._walk()
        except _UnreadableError as wrong:
            problem = str(wrong)
        return Query(
            tuple(dict.fromkeys(name for name, _ in self.selectors if name)),
            frozenset(pair for _, labels in self.selectors for pair in labels),
            tuple(self.selectors),
            tuple(self.windows),
            tuple(self.comparisons),
            self.condition,
            problem,
        )

    def _walk(self) -> None:
        stack: list[str] = []
        while True:
            self._value(stack)
            while not self._operator(stack):
                if self.at == len(self.tokens):
                    if stack:
                        raise _UnreadableError("has a parenthesis that is not closed")
                    return

    def _peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "")

    def _take(self, text: str) -> bool:
        token = self._peek()
        taken = token.kind in ("mark", "name") and token.text == text
        self.at += taken
        return taken

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise _UnreadableError(f"lacks `{text}` before {self._shown()}")

    def _shown(self) -> str:
        token = self._peek()
        return f"`{token.text}`" if token.kind != "end" else "its end"

    def _value(self, stack: list[str]) -> None:
        """One value, with every parenthesis that opens before it."""
        while True:
            token = self._peek()
            if self._take("-") or self._take("+"):
                continue
            if self._take("("):
                stack.append("(")
                continue
            if token.kind in ("number", "text"):
                self.at += 1
                return
            if token.text == "{":
                self.selectors.append(("", self._labels()))
                return
            if token.kind != "name" or token.text in _WORDS:
                raise _UnreadableError(f"lacks a value before {self._shown()}")
            self.at += 1
            if not self._named(token.text, stack):
                return

    def _named(self, name: str, stack: list[str]) -> bool:
        """A metric, or a call whose arguments follow: then true."""
        grouped = self._peek().text in _GROUPING and self._grouping()
        if self._take("("):
            if name not in _FUNCTIONS:
                raise _UnreadableError(f"calls `{name}`, which PromQL does not have")
            self.condition = self.condition or name in _CONDITIONS
            if self._take(")"):
                return False
            stack.append(name)
            return True
        if grouped:
            raise _UnreadableError(f"lacks `(` before {self._shown()}")
        labels = self._labels() if self._peek().text == "{" else frozenset()
        self.selectors.append((name, labels))
        return False

    def _grouping(self) -> bool:
        self.at += 1
        self._list()
        return True

    def _list(self) -> None:
        self._need("(")
        while not self._take(")"):
            if self._peek().kind != "name":
                raise _UnreadableError(f"lacks `)` before {self._shown()}")
            self.at += 1
            self._take(",")

    def _labels(self) -> frozenset[tuple[str, str]]:
        found = set()
        self._need("{")
        while not self._take("}"):
            label, operator, value = (*self.tokens[self.at : self.at + 3], *[Token("end", "")] * 3)[
                :3
            ]
            if label.kind != "name" or operator.text not in ("=", "!=", "=~", "!~"):
                raise _UnreadableError(f"lacks `}}` before {self._shown()}")
            if value.kind != "text":
                raise _UnreadableError(f"has a label `{label.text}` without a value in quotes")
            found.add((label.text, value.text[1:-1]))
            self.at += 3
            self._take(",")
        return frozenset(found)

    def _operator(self, stack: list[str]) -> bool:
        """What follows a value; true once an operator or a comma asks for the next one."""
        token = self._peek()
        if token.kind == "end":
            return False
        self.at += 1
        if token.kind == "window":
            self._window(token.text)
        elif token.text == ")":
            if not stack:
                raise _UnreadableError("closes a parenthesis that was not opened")
            stack.pop()
        elif token.text in ("offset", "@"):
            self._moved()
        elif token.text in _GROUPING:
            self._list()
        elif token.text == "," and stack and stack[-1] != "(":
            return True
        elif token.text in _OPERATORS:
            self._binary(token.text)
            return True
        else:
            self.at -= 1
            raise _UnreadableError(f"lacks an operator before {self._shown()}")
        return False

    def _window(self, text: str) -> None:
        inner = text[1:-1].strip().partition(":")[0].strip()
        if not _PART.match(inner) or _PART.sub("", inner):
            raise _UnreadableError(f"has `{text}` for a window; write one such as `[5m]`")
        self.windows.append(seconds(inner))

    def _moved(self) -> None:
        self._take("-")
        token = self._peek()
        self.at += 1
        if token.text in ("start", "end"):
            self._list()
        elif token.kind not in ("duration", "number"):
            self.at -= 1
            raise _UnreadableError(f"lacks a duration before {self._shown()}")

    def _binary(self, operator: str) -> None:
        self.condition = self.condition or operator in _COMPARE or operator in _CONDITIONS
        self._take("bool")
        while self._peek().text in _MATCHING:
            self.at += 1
            if self._peek().text == "(":
                self._list()
        if operator in _COMPARE:
            factors = _factors(self.tokens, self.at)
            if factors:
                windows = tuple(self.windows[self.since :])
                self.comparisons.append(Comparison(operator, factors, windows, self.group))
            self.since = len(self.windows)
        elif operator in ("and", "or", "unless"):
            self.since = len(self.windows)
            self.group += operator == "or"


def _factors(tokens: list[Token], at: int) -> tuple[float, ...]:
    """The constants that begin at a token and are all of one side: `14.4 * 0.01`, `6 * (1 - 0.9)`.

    Empty where the side holds anything else.
    """
    found: list[float] = []
    depth = 0
    while at < len(tokens):
        five = tokens[at : at + 5]
        if tokens[at].kind == "number":
            found.append(float(tokens[at].text))
            at += 1
        elif [token.kind for token in five] == _DIFFERENCE and five[0].text + five[2].text == "(-":
            found.append(float(five[1].text) - float(five[3].text))
            at += 5
        elif tokens[at].text == "(":
            at += 1
            depth += 1
            continue
        else:
            return ()
        while depth and at < len(tokens) and tokens[at].text == ")":
            at += 1
            depth -= 1
        if at == len(tokens) or tokens[at].text in _ENDS:
            return tuple(found)
        if tokens[at].text != "*":
            return ()
        at += 1
    return ()


_ENDS = _WORDS | _COMPARE | {")", ","}
_DIFFERENCE = ["mark", "number", "mark", "number", "mark"]
