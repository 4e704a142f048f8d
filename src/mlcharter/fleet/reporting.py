"""Summarise results of a fleet, of one day or of many: what a report shows."""

import datetime
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from mlcharter.fleet.rows import Excuse, Row
from mlcharter.formats.models import Date, Part
from mlcharter.support import files
from mlcharter.support.errors import UserError

DUE_DAYS = 30
MOST_EXCUSES = 1000  # shown on a page
_LARGEST = 4 * 1024**3


class Day(Part, frozen=True, kw_only=True):
    """The fleet on one day; the score is the median of the repositories that have one."""

    date: Date
    repositories: int
    adopted: int
    passing: int
    score: float | None


class RuleCount(Part, frozen=True, kw_only=True):
    rule: str
    findings: int
    repositories: int


class Readiness(Part, frozen=True, kw_only=True):
    """The median of an area, in percent, in the repositories of a track to which it applies."""

    track: str
    area: str
    repositories: int
    score: float


class Held(Part, frozen=True, kw_only=True):
    """An excuse with the repository that has it; `due` if it ends within DUE_DAYS."""

    repository: str
    owner: str
    excuse: Excuse
    due: bool


class Fleet(Part, frozen=True, kw_only=True):
    """What a report shows. `repositories` are the newest row of each; `trend` has every day."""

    version: int
    date: Date
    repositories: tuple[Row, ...]
    templates: dict[str, int]
    rules: tuple[RuleCount, ...]
    readiness: tuple[Readiness, ...]
    excuses: tuple[Held, ...]
    trend: tuple[Day, ...]

    @property
    def now(self) -> Day:
        return self.trend[-1]


def read(paths: Sequence[Path]) -> list[Row]:
    """Return the rows in files of results; a UserError names the line that is none."""
    return [row for path in paths for row in _read(path)]


def _read(path: Path) -> Iterator[Row]:
    try:
        lines = files.whole(path, _LARGEST).splitlines()
    except OSError as error:
        hint = "write it with `mlcharter fleet check … --format jsonl`"
        raise UserError(f"{path} can't be read: {error.strerror}", hint=hint) from error
    decoder = msgspec.json.Decoder(Row)
    for number, line in enumerate(lines, 1):
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            if number == len(lines) and not line.endswith(b"}"):
                return  # the run was killed while it wrote this line
            raise UserError(
                f"{path}:{number}: {error}",
                hint="name files that `mlcharter fleet check … --format jsonl` wrote",
            ) from error


def summarise(rows: Sequence[Row]) -> Fleet:
    """Return what a report shows of rows; a repository without a row on the last day has left."""
    if not rows:
        raise UserError("the results have no repository", hint="name files with results")
    days: dict[datetime.date, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        days[row.date][row.name] = row
    date = max(days)
    now = sorted(days[date].values(), key=lambda row: row.name)
    templates = Counter(row.template for row in now if row.state == "checked")
    return Fleet(
        version=1,
        date=date,
        repositories=tuple(now),
        templates=dict(templates.most_common()),
        rules=tuple(_rules(now)),
        readiness=tuple(_readiness(now)),
        excuses=tuple(sorted(_held(now, date), key=_by_end)),
        trend=tuple(_day(day, days[day].values()) for day in sorted(days)),
    )


def _rules(rows: Iterable[Row]) -> Iterator[RuleCount]:
    findings: Counter[str] = Counter()
    repositories: Counter[str] = Counter()
    for row in rows:
        each = Counter(failing.rule for failing in row.failing)
        findings.update(each)
        repositories.update(each.keys())
    for rule, count in repositories.most_common():
        yield RuleCount(rule=rule, findings=findings[rule], repositories=count)


def _readiness(rows: Iterable[Row]) -> Iterator[Readiness]:
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        for track in row.tracks:
            for area, score in row.areas.items():
                if score is not None:
                    scores[track, area].append(score)
    for (track, area), found in sorted(scores.items()):
        yield Readiness(
            track=track, area=area, repositories=len(found), score=statistics.median(found)
        )


def _held(rows: Iterable[Row], today: datetime.date) -> Iterator[Held]:
    last = today + datetime.timedelta(days=DUE_DAYS)
    for row in rows:
        for excuse in row.excuses:
            due = excuse.until is not None and excuse.until <= last
            yield Held(repository=row.name, owner=row.owner, excuse=excuse, due=due)


def _by_end(held: Held) -> tuple[datetime.date, datetime.date, str, str]:
    """Return the key by which what ends first comes first, then what is oldest."""
    excuse = held.excuse
    never = datetime.date.max
    return excuse.until or never, excuse.since or never, held.repository, excuse.what


def _day(date: datetime.date, rows: Iterable[Row]) -> Day:
    rows = list(rows)
    scores = [row.score for row in rows if row.score is not None]
    return Day(
        date=date,
        repositories=len(rows),
        adopted=sum(row.state == "checked" for row in rows),
        passing=sum(row.passes for row in rows),
        score=statistics.median(scores) if scores else None,
    )
