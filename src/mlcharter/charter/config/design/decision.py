"""When the launch succeeds, when it is stopped, and in which order it goes out.

A kill criterion names the alert that fires or the day on which it is decided; after that day
`adr` names the record of what was decided.
`steps` keeps the order ope, shadow, canary, full; a system without logs leaves ope out.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.models import Bound, Date, Entry, Id, Op, Part, Path, Text


class Success(Part, frozen=True, kw_only=True):
    metric: Id
    op: Op
    threshold: float
    bound: Bound


class Kill(Part, frozen=True, kw_only=True):
    when: Text
    alert: Id | None
    by: Date | None


class Decision(Entry, frozen=True, kw_only=True):
    success: Annotated[list[Success], Meta(min_length=1)]
    kill: Annotated[list[Kill], Meta(min_length=1)]
    steps: Annotated[list[Literal["ope", "shadow", "canary", "full"]], Meta(min_length=1)]
    adr: Path


MODEL = Decision
