"""Check one repository of a fleet, in its folder or in the commit of a bare mirror."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter import location
from mlcharter.charter.charter import Charter
from mlcharter.check import engine, result_cache, rule
from mlcharter.check.result import Result
from mlcharter.fleet import running
from mlcharter.fleet.members import Member
from mlcharter.fleet.rows import Excuse, Failing, Row
from mlcharter.status import progress
from mlcharter.status.progress import AreaProgress
from mlcharter.support import addresses, files, git, objects, user_cache
from mlcharter.support.files import Tree
from mlcharter.support.finding import Finding
from mlcharter.support.history import Version
from mlcharter.template import answers

_MOST_KEPT = 50_000  # rows in the cache


class Options(Struct, frozen=True):
    """How a fleet is checked: at which level, by which organisation's standard, of which day."""

    today: datetime.date
    level: str | None = None
    organisation: Path | None = None
    cached: bool = True


def rows(
    members: Sequence[Member], options: Options, processes: int, seconds: float = running.SECONDS
) -> Iterator[Row]:
    """Yield the row of each repository, in their order, as soon as it is known."""
    engine.load(rule.names())  # once, before the processes are copied
    yield from running.each(
        members,
        lambda member: row(member, options),
        lambda member, error: failed(member, options, error),
        processes,
        seconds,
    )


def row(member: Member, options: Options) -> Row:
    """Return what is recorded of a repository; one that can't be read is a UserError."""
    member.refuse_missing()
    return _of_mirror(member, options) if member.bare else _of_folder(member, options)


def failed(member: Member, options: Options, error: str) -> Row:
    """Return the row of a repository that could not be checked."""
    return replace(_listed(member, options), state="failed", error=error)


def _listed(member: Member, options: Options) -> Row:
    """Return the row of a repository of which only the list is known."""
    listed = member.listed
    return Row(
        name=member.name,
        place=str(member.place),
        date=options.today,
        state="not adopted",
        owner=listed.owner,
        wave=listed.wave,
        url=listed.url,
        tier=listed.tier,
    )


def _of_folder(member: Member, options: Options) -> Row:
    def check(folder: files.Folder) -> Row:
        folder.above = location.find_above(folder)
        return _row(member, options, folder, location.current_branch(folder))

    if not options.cached:
        return check(files.Folder(member.place))
    return result_cache.load_or_check(
        member.place, (member, options), _cache(), check, Row, _MOST_KEPT
    )


def _of_mirror(member: Member, options: Options) -> Row:
    """Check the commit that HEAD of a mirror names; its objects are read without a checkout."""
    branch = location.current_branch(files.Folder(member.place), "HEAD")
    opened = git.Objects(member.place)
    try:
        listed = opened.committed("HEAD")

        def check(outside: files.Folder) -> Row:
            return _row(member, options, _Mirror(opened, listed, outside), branch)

        if not options.cached:
            return check(files.Folder(member.place))
        digest = sha256(repr(listed).encode(errors="surrogateescape")).hexdigest()
        request = (member, options, branch, digest)
        return result_cache.load_or_check(member.place, request, _cache(), check, Row, _MOST_KEPT)
    finally:
        opened.close()


class _Mirror(objects.GitTree):
    """The files of a commit; files outside of it are read through a folder that records them."""

    def __init__(self, opened: git.Objects, listed: list[git.Listed], beside: files.Folder) -> None:
        super().__init__(opened, listed, "HEAD")
        self._beside = beside

    def find_versions(self, wanted: Iterable[Version]) -> tuple[dict[Version, bytes], bool]:
        found, whole = super().find_versions(wanted)
        if found.keys() < set(wanted) and isinstance(self._beside, result_cache.RecordingFolder):
            self._beside.record_history("", whole)
        return found, whole

    def outside(self, folder: Path) -> Tree:
        return self._beside.outside(folder)


def _cache() -> Path:
    return user_cache.folder() / "fleet"


def _row(member: Member, options: Options, tree: Tree, branch: str | None) -> Row:
    known = _listed(member, options)
    if not known.url:
        known = replace(known, url=addresses.without_secrets(git.remote(member.place)))
    if not answers.is_charter(tree):
        return known
    charter = engine.open_charter(
        tree,
        options.today,
        branch=branch,
        organisation=options.organisation,
        cache=user_cache.folder() / "specifications" if options.cached else None,
    )
    try:
        found = engine.findings(charter, engine.load(rule.names()))
        result = engine.check(charter, level=options.level, found=found)
        return _checked(known, charter, result, found)
    finally:
        charter.close()  # else its documents stay until the garbage collector finds them


def _checked(known: Row, charter: Charter, result: Result, found: list[Finding]) -> Row:
    """Return a row with the result of a check; `found` are the findings of all rules."""
    measured = None if charter.answers.problem else progress.measure(charter, found=found)
    counted = Counter(one.finding.rule for one in result.judged if one.outcome != "fails")
    return replace(
        known,
        state="checked",
        owner=known.owner or str(charter.answers.values.get("owner", "")),
        tier=charter.tier if measured else known.tier,
        tracks=measured.tracks if measured else (),
        template=charter.answers.commit,
        level=result.level,
        documents=result.documents,
        score=measured.score if measured else None,
        areas=_list_shares(measured.areas) if measured else {},
        left=measured.left if measured else known.left,
        failing=tuple(_failing(result)),
        counted=dict(sorted(counted.items())),
        excuses=tuple(_excuses(charter)),
    )


def _list_shares(areas: Iterable[AreaProgress]) -> dict[str, float | None]:
    """Return the share of the points of each area, in percent; null where it does not apply."""
    return {area.id: 100 * area.items.share if area.applies else None for area in areas}


def _failing(result: Result) -> Iterator[Failing]:
    for judged in result.with_outcome("fails"):
        finding = judged.finding
        yield Failing(
            rule=finding.rule,
            path=finding.path,
            line=finding.line,
            message=finding.message,
            level=judged.level,
            fingerprint=result.fingerprints[finding],
        )


def _excuses(charter: Charter) -> Iterator[Excuse]:
    for allow, _, _ in charter.settings.allows:
        what = allow.rule if allow.path == "*" else f"{allow.rule} in {allow.path}"
        yield Excuse(of="allow", what=what, by=allow.by, until=allow.until, reason=allow.reason)
    for name, entry in charter.settings.not_applicable.items():
        yield Excuse(of="not applicable", what=name, by=entry.by, reason=entry.reason)
    for document, item in charter.items:
        if (waiver := item.waiver) is not None:
            what = item.id or f"{document.path}:{item.line}"
            yield Excuse(
                of="item", what=what, by=waiver.by, until=waiver.until, reason=waiver.reason
            )
    for kind in charter.kinds:
        for each in charter.every(kind):
            waived = getattr(each.value, "waived", None)
            if waived is not None:
                yield Excuse(
                    of="entry",
                    what=each.subject.replace("`", ""),
                    by=waived.by,
                    until=waived.until,
                    reason=waived.reason,
                )
    for known in charter.baseline.findings:
        yield Excuse(of="baseline", what=known.rule, by=charter.baseline.owner, since=known.since)
