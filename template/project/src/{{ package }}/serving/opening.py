"""From a folder to a service that is ready: verify, load, compare, ask one question."""

from collections.abc import Sequence
from pathlib import Path

from . import releases
from .backends import Kind
from .releases import RefusedError
from .service import Backend, Service, Settings


def opened(
    folder: Path, pinned: str, served: Sequence[Kind], settings: Settings | None = None
) -> Service:
    """The service of the release in `folder`, not ready yet; a RefusedError says what is wrong."""
    release, parts = releases.verified(folder, pinned)
    backends: dict[str, Backend] = {}
    made: dict[str, str] = {}
    for kind in served:
        try:
            backends[kind.NAME], rebuilt = kind.loaded(parts)
        except Exception as error:  # Whatever bytes do to a loader, they are refused.
            raise RefusedError(f"{kind.NAME} cannot be loaded: {error!r}") from error
        made |= rebuilt
    releases.compared(release, made)
    return Service(release.id, backends, settings)


async def started(service: Service, served: Sequence[Kind]) -> None:
    """Ask each backend its smoke question; then it is ready. A RefusedError says why it is not."""
    smoke = {kind.NAME: kind.Question.model_validate(kind.SMOKE) for kind in served}
    try:
        await service.start(smoke)
    except Exception as error:
        raise RefusedError(f"no answer to a smoke question: {error!r}") from error
