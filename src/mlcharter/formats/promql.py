"""Read the metrics, labels, windows and limits of a PromQL expression.

promql-parser has the grammar, the functions and their types; this walks its tree once.
"""

import re
from functools import lru_cache
from itertools import chain

import promql_parser as parser
from msgspec import Struct

_MAX_LEVELS = 150  # operators, parentheses and names that contain one
_COMPARE = frozenset(["<", ">", "==", "!=", ">=", "<="])
_CONDITIONS = frozenset(["absent", "absent_over_time", "unless", "and"])
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_PART = re.compile(r"([0-9]+)(ms|[smhdwy])")
# What can make the tree deeper. Text, comments and names are counted too.
_LEVEL = re.compile(r"[-+*/%^<>(]|[=!]=|and|or|unless|atan2", re.IGNORECASE)
_PATTERN = re.compile(r"""([=!])~+(\s*["'`])?""")

_MATRIX, _SCALAR = parser.ValueType.Matrix, parser.ValueType.Scalar
# The name in Prometheus 2 of double_exponential_smoothing.
_OLD = parser.Function("holt_winters", [_MATRIX, _SCALAR, _SCALAR], parser.ValueType.Vector)
parser.register_extra_functions([_OLD])


Labels = frozenset[tuple[str, str]]


class Query(Struct, frozen=True):
    """An expression: metrics, label matchers as (label, value), windows in seconds, limits.

    `limits` are the constants that something is compared with.
    `text` is the same for expressions that differ only in spaces, comments and the place of `by`.
    `problem` says why the expression is not valid, as a predicate; then all else is empty.
    """

    metrics: tuple[str, ...] = ()
    labels: Labels = frozenset()
    selectors: tuple[tuple[str, Labels], ...] = ()
    windows: tuple[float, ...] = ()
    limits: tuple[float, ...] = ()
    condition: bool = False
    text: str = ""
    problem: str | None = None


def to_seconds(duration: str) -> float:
    """Return a duration of PromQL or of a config block, such as `1h30m` or `28d`, in seconds."""
    return sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(duration))


@lru_cache(maxsize=16384)  # several rules read every expression
def read(expression: str) -> Query:
    """Return what an expression contains, or its `problem`."""
    tree = parse(expression)
    if isinstance(tree, str):
        return Query(text=expression, problem=tree)
    reader = _Reader()
    reader.visit(tree)
    return Query(
        tuple(dict.fromkeys(name for name, _ in reader.selectors if name)),
        frozenset(pair for _, labels in reader.selectors for pair in labels),
        tuple(reader.selectors),
        tuple(reader.windows),
        tuple(reader.limits),
        reader.condition,
        str(tree),
    )


def parse(expression: str) -> parser.Expr | str:
    """Return the parser's tree, or what is wrong with the expression.

    The parser takes quadratic time and memory in the depth of the tree, and a few thousand levels
    crash the process, so the depth is limited first. The parser also compiles each label pattern,
    which can take 30 ms, so `=~"a"` is passed as `="~a"`. It panics on numbers too large for a
    duration.
    """
    if len(_LEVEL.findall(expression)) > _MAX_LEVELS:
        return f"has more than {_MAX_LEVELS} operators and parentheses"
    try:
        return parser.parse(_PATTERN.sub(_to_text_matcher, expression))
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        return f"is not valid: {reason[:100]}{'…' if len(reason) > 100 else ''}"
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # it is a BaseException without a module
            raise
        return "is not valid: a number in it is too large"


def _to_text_matcher(pattern: re.Match[str]) -> str:
    mark, quote = pattern.groups("")
    return ("=" if mark == "=" else "!=") + (f"{quote}~" if quote else "")


class _Reader:
    """Walks a tree from left to right and collects its parts."""

    def __init__(self) -> None:
        self.selectors: list[tuple[str, Labels]] = []
        self.windows: list[float] = []
        self.limits: list[float] = []
        self.condition = False

    def visit(self, node: parser.Expr) -> None:
        match node:
            case parser.VectorSelector():
                self._add_selector(node)
            case parser.MatrixSelector():
                self._add_selector(node.vector_selector)
                self.windows.append(node.range.total_seconds())
            case parser.SubqueryExpr():
                self.visit(node.expr)
                self.windows += [node.range.total_seconds()] if node.range else []
            case parser.BinaryExpr():
                self._add_binary(node)
            case parser.Call():
                self.condition = self.condition or node.func.name in _CONDITIONS
                for argument in node.args:
                    self.visit(argument)
            case parser.AggregateExpr():
                if node.param is not None:
                    self.visit(node.param)
                self.visit(node.expr)
            case parser.ParenExpr() | parser.UnaryExpr():
                self.visit(node.expr)

    def _add_selector(self, node: parser.VectorSelector) -> None:
        matchers = [*node.matchers.matchers, *chain(*node.matchers.or_matchers)]
        pairs = frozenset((label.name, label.value.removeprefix("~")) for label in matchers)
        self.selectors.append((node.name or "", pairs))

    def _add_binary(self, node: parser.BinaryExpr) -> None:
        operator = str(node.op)
        self.visit(node.lhs)
        self.condition = self.condition or operator in _COMPARE or operator in _CONDITIONS
        if operator in _COMPARE and (limit := find_constant(node.rhs)) is not None:
            self.limits.append(limit)
        self.visit(node.rhs)


def find_constant(node: parser.Expr) -> float | None:
    """Return the value of a product such as `14.4 * 0.01` or `6 * (1 - 0.9)`; else None."""
    match node:
        case parser.NumberLiteral():
            return float(node.val)
        case parser.ParenExpr():
            return find_constant(node.expr)
        case parser.BinaryExpr() if str(node.op) in ("*", "-"):
            left, right = find_constant(node.lhs), find_constant(node.rhs)
            if left is None or right is None:
                return None
            return left * right if str(node.op) == "*" else left - right
    return None
