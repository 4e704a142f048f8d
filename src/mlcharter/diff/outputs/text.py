"""Text for a terminal: what weakens first, then what a person must judge, then the counts."""

from collections.abc import Sequence

import click

from mlcharter.check.result import join
from mlcharter.diff.difference import Comparison, Difference
from mlcharter.support.plain import plain, plain_message

COLOURS = {"weakens": "red", "needs a person": "yellow", "tightens": "green"}


def render(comparison: Comparison) -> str:
    lines = [line for shown in comparison.shown for line in describe(comparison.prefix, shown)]
    return join_lines(comparison, lines)


def join_lines(comparison: Comparison, lines: Sequence[str]) -> str:
    """Return the lines about differences, and the summary below them."""
    head, *rest = [plain_message(line) for line in comparison.summary]
    head = click.style(head, fg="red" if comparison.fails else "green")
    return "\n".join([*lines, *([""] if lines else []), head, *rest]) + "\n"


def describe(prefix: str, difference: Difference) -> list[str]:
    """Return a line about a difference, and one for each requirement that it hides."""
    where = f"{join(prefix, difference.path)}:{difference.line}"
    place = click.style(plain(where), bold=True)
    effect = click.style(difference.effect, fg=COLOURS[difference.effect])
    before = " (at the base)" if difference.at_base else ""
    lines = [f"{place}{before}: {effect}: {plain_message(difference.message)}"]
    return lines + [f"  excuses {plain_message(excused)}" for excused in difference.excuses]
