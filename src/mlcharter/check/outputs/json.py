"""One JSON object, version 1, for programs; schemas/check.json describes it."""

from collections.abc import Sequence
from typing import Any, Literal, cast

from msgspec import to_builtins
from msgspec.structs import asdict

from mlcharter.check.result import Judged, Outcome, Result
from mlcharter.formats.models import Part
from mlcharter.support.plain import as_json


class Found(Part, frozen=True, kw_only=True):
    """A finding. `level` is the first at which its rule fails; lines and columns count from 1."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    level: Literal["draft", "complete", "release", "note"]
    outcome: Outcome
    why: str
    fingerprint: str


class Repository(Part, frozen=True, kw_only=True):
    """One repository; `root` is its path from the working directory."""

    root: str
    level: Literal["draft", "complete", "release"]
    ok: bool
    documents: int


class Checked(Part, frozen=True, kw_only=True):
    """All of it. `ok` is false where a finding has the outcome `fails`."""

    version: Literal[1]
    ok: bool
    repositories: list[Repository]
    findings: list[Found]


def render(results: Sequence[Result]) -> str:
    checked = Checked(
        version=1,
        ok=not any(result.fails for result in results),
        repositories=[
            Repository(
                root=result.prefix.rstrip("/") or ".",
                level=cast("Any", result.level),
                ok=not result.fails,
                documents=result.documents,
            )
            for result in results
        ],
        findings=[_found(result, judged) for result in results for judged in result.judged],
    )
    return as_json(to_builtins(checked))


def _found(result: Result, judged: Judged) -> Found:
    return Found(
        **asdict(judged.finding) | {"path": result.path(judged), "level": judged.level},
        outcome=judged.outcome,
        why=judged.why,
        fingerprint=result.fingerprints[judged.finding],
    )
