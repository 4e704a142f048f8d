"""Base classes and value types for the models of config blocks.

A kind of config block is a module in `charter/config/` with a `MODEL`: a list, or one entry.
Models refuse unknown keys and wrong types; rules check whether values agree with each other.
"""

import datetime
from functools import cache
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from mlcharter.formats.directions import MORE, PERSON


def full_match(pattern: str, description: str) -> Meta:
    """Return a constraint for text that matches a pattern from start to end.

    `$` alone would allow a line break at the end. Messages use `description`: "give …".
    """
    return Meta(pattern=f"^(?:{pattern})$(?!\\n)", description=description)


Id = Annotated[
    str, full_match(r"[a-z][a-z0-9-]{0,62}", "an id of lower-case letters, digits and hyphens")
]
Text = Annotated[str, Meta(min_length=1, description="non-empty text")]
Date = datetime.date
Sha256 = Annotated[str, full_match(r"[0-9a-f]{64}", "64 lower-case hex digits")]
Ref = Annotated[
    str,
    full_match(
        r"[a-z]+/[a-z0-9][a-z0-9._-]*@sha256:[0-9a-f]{64}",
        "a reference `kind/name@sha256:<64 hex digits>`",
    ),
]
Owner = Annotated[
    str,
    full_match(
        r"(@[A-Za-z0-9][A-Za-z0-9._/-]*|[^@\s]+@[^@\s.]+(\.[^@\s.]+)+)",
        "a handle such as `@fraud-team`, or an e-mail address",
    ),
]
Duration = Annotated[
    str, full_match(r"[1-9][0-9]*(s|m|h|d|w)", "a duration such as `30s`, `15m`, `4h`, `28d`, `2w`")
]
Currency = Annotated[str, full_match(r"[A-Z]{3}", "a currency of three letters such as `EUR`")]
Host = Annotated[
    str, full_match(r"(?!.*\*)[a-z0-9]([a-z0-9.-]*[a-z0-9])?", "a host name without a wildcard")
]
Path = Annotated[str, full_match(r"[^/\s][^\s]*", "a path from the top of the repository")]
Test = Annotated[
    str, full_match(r"[^/\s][^\s]*", "a test, as a path from the top of the repository")
]
Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Level = Literal["low", "medium", "high", "critical"]
Op = Literal[">=", "<=", ">", "<"]
Bound = Literal["lower95", "upper95", "point"]
Kind = Literal[
    "model",
    "prompt",
    "retriever",
    "index",
    "dataset",
    "feature",
    "eval",
    "judge",
    "reranker",
    "guardrail",
    "policy",
    "reward",
    "environment",
    "experience",
]


class Part(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A mapping inside a config block."""


class WaivedUntil(Part, frozen=True, kw_only=True):
    """A waiver: until when, by whom and why."""

    until: Date
    by: Owner
    reason: Text


class Entry(Part, frozen=True, kw_only=True):
    """One entry of a config block. Rules skip it while `waived` has not expired.

    `starter` is true for an entry about the system that ships with the template, which the team
    has yet to replace by its own.
    """

    waived: WaivedUntil | None = None
    starter: bool = False


OF_EVERY_ENTRY = Entry.__struct_fields__
WEAKER_IN_EVERY_ENTRY = {
    "waived": {"*": MORE, "until": MORE, "by": PERSON, "reason": PERSON},
    "starter": PERSON,
}


def published_schema(title: str, model: type[Struct]) -> dict[str, Any]:
    """Return the JSON Schema of a model, as schemas/ publishes it for editors.

    Descriptions come from docstrings, whose indentation some versions of Python and msgspec keep.
    """
    import json
    from inspect import cleandoc

    import msgspec

    def clean(node: dict[str, Any]) -> dict[str, Any]:
        text = node.get("description")
        return {**node, "description": cleandoc(text)} if isinstance(text, str) else node

    schema = json.loads(json.dumps(msgspec.json.schema(model)), object_hook=clean)
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": title, **schema}


@cache
def find_fields(model: type[Struct], *types: Any) -> tuple[str, ...]:
    """Return the fields of a model whose type is one of `types`, a list of it, or it or null."""
    return tuple(
        name
        for part in reversed(model.__mro__)
        for name, annotation in getattr(part, "__annotations__", {}).items()
        if _contains(annotation, types)
    )


def _contains(annotation: Any, types: tuple[Any, ...]) -> bool:
    # Each type above exists once, and comparing by value would take fifty times as long.
    if any(annotation is type_ for type_ in types):
        return True
    return any(_contains(part, types) for part in getattr(annotation, "__args__", ()))
