"""What the service can serve: one module a track. A module in this folder is served.

Each has NAME, Question (a pydantic model), SMOKE (a question that it can answer) and
`loaded(parts)` (the backend made of the files of a release, and the digests of what it rebuilt).
A release has the artifacts of the reports. Without any module the shipped scorer is
served.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, Protocol, cast

from pydantic import BaseModel

from .. import scoring
from ..service import Backend


class Kind(Protocol):
    """A module of this folder."""

    NAME: str
    SMOKE: dict[str, Any]

    @property
    def Question(self) -> type[BaseModel]:  # noqa: N802 -- a class of the module
        """The shape of a question."""
        ...

    def loaded(self, parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
        """The backend from the bytes by `kind/name`, and the digests of what it rebuilt."""
        ...


def kinds() -> list[Kind]:
    """Every backend of this repository."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(__path__))
    found = [cast("Kind", importlib.import_module(f"{__name__}.{name}")) for name in names]
    return found or [cast("Kind", scoring)]
