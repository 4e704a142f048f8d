"""One JSON object, version 1, for programs; schemas/status.json describes it."""

from pathlib import Path
from typing import Any, Literal

from mlcharter.formats.models import Part, published_schema
from mlcharter.status.next_steps import Step
from mlcharter.status.progress import AreaProgress, Count, DocumentProgress, Progress
from mlcharter.support.plain import as_json

SCHEMA = Path(__file__).parents[2] / "schemas/status.json"


class Counted(Part, frozen=True, kw_only=True):
    """`done` of `of`; `waived` ones are in neither."""

    done: int
    of: int
    waived: int


class Document(Part, frozen=True, kw_only=True):
    """Filled sections, required items with evidence, valid config blocks."""

    path: str
    sections: Counted
    items: Counted
    configs: Counted


class Area(Part, frozen=True, kw_only=True):
    """`score` is out of `points`; null if the area does not apply, since nothing is required."""

    id: str
    title: str
    points: int
    score: float | None
    items: Counted


class Next(Part, frozen=True, kw_only=True):
    """A task; `level` is the first that requires it, and lines count from 1."""

    path: str
    line: int
    rule: str
    level: Literal["draft", "complete", "release"]
    what: str
    why: str


class Left(Part, frozen=True, kw_only=True):
    """How many findings first fail at each level."""

    draft: int
    complete: int
    release: int


class Status(Part, frozen=True, kw_only=True):
    """The progress of one repository. `score` is out of 100, a share of the `points` that apply.

    `beside` are the items without an area, which only an organisation requires. `starter` counts
    the places where the starter is left.
    """

    version: Literal[1]
    root: str
    name: str
    tier: Literal["prototype", "production", "critical"]
    tracks: list[str]
    level: Literal["draft", "complete", "release"]
    score: int | None
    points: int
    left: Left
    starter: int
    documents: list[Document]
    areas: list[Area]
    beside: Counted
    next: list[Next]


def render(progress: Progress) -> str:
    status = {
        "version": 1,
        "root": progress.prefix.rstrip("/") or ".",
        "name": progress.name,
        "tier": progress.tier,
        "tracks": list(progress.tracks),
        "level": progress.level,
        "score": progress.score,
        "points": progress.points,
        "left": progress.left,
        "starter": progress.starter,
        "documents": [_document(document) for document in progress.documents],
        "areas": [_area(area) for area in progress.areas],
        "beside": _counted(progress.beside),
        "next": [_next(step) for step in progress.steps],
    }
    return as_json(status)


def _counted(count: Count) -> dict[str, int]:
    return {"done": count.done, "of": count.of, "waived": count.waived}


def _document(document: DocumentProgress) -> dict[str, Any]:
    return {
        "path": document.path,
        "sections": _counted(document.sections),
        "items": _counted(document.items),
        "configs": _counted(document.configs),
    }


def _area(area: AreaProgress) -> dict[str, Any]:
    return {
        "id": area.id,
        "title": area.title,
        "points": area.points,
        "score": round(area.score, 2) if area.applies else None,
        "items": _counted(area.items),
    }


def _next(step: Step) -> dict[str, Any]:
    names = ("path", "line", "rule", "level", "what", "why")
    return {name: getattr(step, name) for name in names}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the output; published in schemas/status.json."""
    return published_schema("mlcharter status, version 1", Status)
