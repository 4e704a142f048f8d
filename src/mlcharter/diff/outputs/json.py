"""One JSON object, version 1, for programs; schemas/diff.json describes it."""

from typing import Literal

from msgspec import to_builtins

from mlcharter.check.result import join
from mlcharter.diff.difference import Comparison, Difference
from mlcharter.formats.directions import Class
from mlcharter.formats.models import Part
from mlcharter.support.plain import as_json


class Found(Part, frozen=True, kw_only=True):
    """A difference. `before` and `after` are texts, empty for a value that is not there.

    `path` and `line` are in the change, or at the base if `at_base`. `owners` owned the file at
    the base; `approved_by` are those of them who approved. `excuses` lists the requirements
    and findings that it hides.
    """

    effect: Class
    subject: str
    before: str
    after: str
    path: str
    line: int
    at_base: bool
    fails: bool
    message: str
    excuses: list[str]
    owners: list[str]
    approved_by: list[str]


class Compared(Part, frozen=True, kw_only=True):
    """All of it. `ok` is false where something weakens the charter without approval."""

    version: Literal[1]
    ok: bool
    root: str
    base: str
    notes: list[str]
    differences: list[Found]


def render(comparison: Comparison) -> str:
    compared = Compared(
        version=1,
        ok=not comparison.fails,
        root=comparison.prefix.rstrip("/") or ".",
        base=comparison.base,
        notes=list(comparison.notes),
        differences=[_found(comparison.prefix, each) for each in comparison.differences],
    )
    return as_json(to_builtins(compared))


def _found(prefix: str, difference: Difference) -> Found:
    return Found(
        effect=difference.effect,
        subject=difference.subject,
        before=difference.before,
        after=difference.after,
        path=join(prefix, difference.path),
        line=difference.line,
        at_base=difference.at_base,
        fails=difference.fails,
        message=difference.message,
        excuses=list(difference.excuses),
        owners=list(difference.owners),
        approved_by=list(difference.approved_by),
    )
