"""What the service can serve: one module a track. A module in this folder is served.

Each has NAME, Question (a pydantic model), SMOKE (a question that it can answer), `members(root)`
(what a release pins of it, with the bytes that it carries) and `loaded(parts)` (the backend made
of those bytes, and the digests of what it rebuilt). Without any module the shipped scorer is
served.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import BaseModel

from .. import scoring
from ..releases import Member
from ..service import Backend

Parts = list[tuple[Member, bytes | None]]


class Kind(Protocol):
    """A module of this folder."""

    NAME: str
    SMOKE: dict[str, Any]

    @property
    def Question(self) -> type[BaseModel]:  # noqa: N802 -- a class of the module
        """The shape of a question."""
        ...

    def members(self, root: Path) -> Parts:
        """What a release pins of it; a FileNotFoundError where `make eval` has not run."""
        ...

    def loaded(self, parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
        """The backend from the verified bytes by ref, and what was rebuilt, ref to digest."""
        ...


def kinds() -> list[Kind]:
    """Every backend of this repository."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(__path__))
    found = [cast("Kind", importlib.import_module(f"{__name__}.{name}")) for name in names]
    return found or [cast("Kind", scoring)]
