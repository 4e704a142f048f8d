"""Check an organisation's standard by itself, without a repository."""

import datetime
from collections.abc import Iterator
from pathlib import Path

from mlcharter.charter import settings
from mlcharter.check import engine
from mlcharter.check.result import Judged, Result
from mlcharter.support import files
from mlcharter.template import composing
from mlcharter.template.answers import ANSWERS
from mlcharter.template.bundled import embedded_root

# The rules whose findings can be in a standard, whatever the repository.
_RULES = (
    "crosswalk-invalid",
    "not-applicable-unknown",
    "settings-invalid",
    "waiver-expired",
    "waiver-invalid",
)


class _Nothing(files.Folder):
    """A folder without files; the standard is read from the real one."""

    def look(self, place: str) -> None:
        return None

    def scan(self, place: str) -> Iterator[tuple[str, int]]:
        return iter(())


def check(standard: Path, today: datetime.date) -> Result:
    """Return what is wrong with a standard itself; all of it fails.

    It is read as that of a repository with all tracks, and no documents.
    """
    tracks = ", ".join(composing.list_tracks(embedded_root()))
    answers = f"tracks: [{tracks}]\ntier: critical\nlayout: full\n"
    repository = files.Overlay(_Nothing(standard.parent), {ANSWERS: answers.encode()})
    charter = engine.open_charter(repository, today, organisation=standard)
    every = engine.findings(charter, engine.load(_RULES))
    found = [finding for finding in every if finding.path == standard.name]
    folder = standard.parent.as_posix()
    return Result(
        "" if folder == "." else f"{folder.rstrip('/')}/",
        settings.LEVELS[0],
        0,
        tuple(Judged(finding, "fails", settings.LEVELS[0]) for finding in found),
        lines=(_summarise(len(found)),),
    )


def _summarise(count: int) -> str:
    found = "no findings" if not count else f"{count} finding{'' if count == 1 else 's'}"
    return f"{found} in the standard; to check a repository by it, name the repository"
