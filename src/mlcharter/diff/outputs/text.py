"""Text for a terminal: what weakens first, then what a person must judge, then the counts."""

import click

from mlcharter.check.result import join
from mlcharter.diff.difference import Comparison, Difference
from mlcharter.support.plain import plain, plain_message

_COLOURS = {"weakens": "red", "needs a person": "yellow", "tightens": "green"}


def render(comparison: Comparison) -> str:
    lines = [line for shown in comparison.shown for line in _lines(comparison.prefix, shown)]
    head, *rest = [plain_message(line) for line in comparison.summary]
    head = click.style(head, fg="red" if comparison.fails else "green")
    return "\n".join([*lines, *([""] if lines else []), head, *rest]) + "\n"


def _lines(prefix: str, difference: Difference) -> list[str]:
    where = f"{join(prefix, difference.path)}:{difference.line}"
    place = click.style(plain(where), bold=True)
    effect = click.style(difference.effect, fg=_COLOURS[difference.effect])
    before = " (at the base)" if difference.at_base else ""
    lines = [f"{place}{before}: {effect}: {plain_message(difference.message)}"]
    return lines + [f"  excuses {plain_message(excused)}" for excused in difference.excuses]
