"""From a store to a service that is ready: verify, load, compare, ask one question."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from .backends import Kind
from .release import RefusedError, Trust, load
from .service import Backend, Service, Settings


def opened(
    store: Path,
    name: str,
    trust: Trust,
    served: Sequence[Kind],
    settings: Settings | None = None,
    now: datetime | None = None,
) -> Service:
    """The service of a release (ID@sha256:…), not ready yet; a RefusedError says what is wrong."""
    release = load(store, name, trust, now)
    backends: dict[str, Backend] = {}
    made: dict[str, str] = {}
    for kind in served:
        try:
            backends[kind.NAME], rebuilt = kind.loaded(release.files)
        except Exception as error:  # Whatever bytes do to a loader, they are refused.
            raise RefusedError(f"{kind.NAME} cannot be loaded: {error!r}") from error
        made |= rebuilt
    if wrong := [ref for ref, digest in made.items() if release.members.get(ref) != digest]:
        raise RefusedError(f"rebuilt with another digest: {', '.join(wrong)}")
    return Service(release.id, backends, settings)


async def started(service: Service, served: Sequence[Kind]) -> None:
    """Ask each backend its smoke question; then it is ready. A RefusedError says why it is not."""
    smoke = {kind.NAME: kind.Question.model_validate(kind.SMOKE) for kind in served}
    try:
        await service.start(smoke)
    except Exception as error:
        raise RefusedError(f"no answer to a smoke question: {error!r}") from error
