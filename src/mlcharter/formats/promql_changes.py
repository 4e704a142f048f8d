"""Compare two alert expressions of the same shape: does the second fire less?

Two expressions have the same shape if they differ only in the constants of their comparisons and
in the windows of functions over time. Anything else needs a person.
"""

import re
from collections.abc import Iterator
from typing import Literal

import promql_parser as parser

from mlcharter.formats import promql

Firing = Literal["less", "more", "unknown", "same"]

_WINDOW = re.compile(r"\[[0-9a-z]+(?::[0-9a-z]*)?\]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_JOINS = ("and", "or")
_UPWARD = {">": True, ">=": True, "<": False, "<=": False}
# How the value of a function over time changes with a longer window: up, or down.
_GROWS = {
    "absent_over_time": -1,
    "changes": 1,
    "count_over_time": 1,
    "increase": 1,
    "max_over_time": 1,
    "min_over_time": -1,
    "present_over_time": 1,
    "resets": 1,
    "sum_over_time": 1,
}
# Averages react later to a change if their window is longer.
_AVERAGES = ("rate", "avg_over_time", "deriv")


def compare_firing(before: str, after: str) -> Firing:
    """Return whether an expression fires less than another, more, as often, or nobody knows."""
    trees = [promql.parse(expression) for expression in (before, after)]
    if isinstance(trees[0], str) or isinstance(trees[1], str):
        return "unknown"
    found = set(_alerts(trees[0], trees[1])) - {"same"}
    if "unknown" in found or len(found) > 1:
        return "less" if "less" in found else "unknown"
    return found.pop() if found else "same"


def _alerts(old: parser.Expr, new: parser.Expr) -> Iterator[Firing]:
    """Yield the change of each alert that `and`, `or` and `unless` combine."""
    old, new = _inner(old), _inner(new)
    if str(old) == str(new):
        return
    if isinstance(old, parser.BinaryExpr) and isinstance(new, parser.BinaryExpr):
        operators = [str(node.op) for node in (old, new)]
        if operators[0] == operators[1] and _modifier(old) == _modifier(new):
            if operators[0] in _JOINS:
                yield from _alerts(old.lhs, new.lhs)
                yield from _alerts(old.rhs, new.rhs)
                return
            if operators[0] == "unless" and str(old.rhs) == str(new.rhs):
                yield from _alerts(old.lhs, new.lhs)
                return
            if operators[0] in _UPWARD:
                yield from _comparison(old, new)
                return
    yield _windows(old, new, upward=True) if _is_absence(old) else "unknown"


def _inner(node: parser.Expr) -> parser.Expr:
    while isinstance(node, parser.ParenExpr):
        node = node.expr
    return node


def _modifier(node: parser.BinaryExpr) -> str:
    """Return how two sides are matched."""
    found = node.modifier
    return f"{found.card} {found.matching} {found.return_bool}" if found else ""


def _is_absence(node: parser.Expr) -> bool:
    return isinstance(node, parser.Call) and node.func.name == "absent_over_time"


def _comparison(old: parser.BinaryExpr, new: parser.BinaryExpr) -> Iterator[Firing]:
    """Yield the changes of a comparison with a constant: of the constant, and of the windows."""
    upward = _UPWARD[str(old.op)]
    values = (old.lhs, new.lhs)
    limits = [promql.find_constant(node.rhs) for node in (old, new)]
    if None in limits:  # the constant is on the left
        upward = not upward
        values = (old.rhs, new.rhs)
        limits = [promql.find_constant(node.lhs) for node in (old, new)]
    before, after = limits
    if before is None or after is None or (old.modifier and old.modifier.return_bool):
        yield "unknown"
        return
    if before != after:
        yield "less" if (after > before) == upward else "more"
    if str(values[0]) != str(values[1]):
        yield _windows(*values, upward=upward)


def _windows(old: parser.Expr, new: parser.Expr, upward: bool) -> Firing:
    """Return what other windows do to a value that must be high, or low, for the alert to fire."""
    shapes = [_WINDOW.sub("[]", str(node)) for node in (old, new)]
    pairs = list(zip(_over_time(old), _over_time(new), strict=False))
    changes = [(name, was, now) for (name, was), (_, now) in pairs if was != now]
    if shapes[0] != shapes[1] or not changes:
        return "unknown"
    longer = {now > was for _, was, now in changes}
    changed = {name for name, _, _ in changes}
    signs = {_GROWS.get(function, 0) for function in changed}
    if len(longer) == 1 and len(signs) == 1 and 0 not in signs and not _is_ratio(old):
        rises = longer.pop() == (signs.pop() > 0)
        return "more" if rises == upward else "less"
    reacts_later = longer == {True} and changed <= {*_AVERAGES, *_GROWS}
    return "less" if reacts_later else "unknown"


def _over_time(node: parser.Expr) -> list[tuple[str, float]]:
    """Return each function over time with its window in seconds, from left to right."""
    found: list[tuple[str, float]] = []
    match node:
        case parser.Call():
            for argument in node.args:
                if isinstance(argument, parser.MatrixSelector | parser.SubqueryExpr):
                    seconds = argument.range.total_seconds() if argument.range else 0.0
                    found.append((node.func.name, seconds))
                if not isinstance(argument, parser.MatrixSelector):
                    found += _over_time(argument)
        case parser.BinaryExpr():
            found += _over_time(node.lhs) + _over_time(node.rhs)
        case (
            parser.ParenExpr() | parser.UnaryExpr() | parser.AggregateExpr() | parser.SubqueryExpr()
        ):
            found += _over_time(node.expr)
    return found


def _is_ratio(node: parser.Expr) -> bool:
    """Return whether a value may fall when a part of it rises."""
    return any(mark in _TEXT.sub("", str(node)) for mark in ("/", "-", "%"))
