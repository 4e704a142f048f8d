"""Update a repository of a fleet on a branch of its own: nobody's files change, nothing is pushed.

The update is made in a temporary work tree of the commit at HEAD, also of a bare mirror. If it has
conflicts, or nothing changes, there is no branch.
"""

import datetime
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.check import engine
from mlcharter.check.result import Result
from mlcharter.diff import judging
from mlcharter.fleet import running
from mlcharter.fleet.members import Member
from mlcharter.formats.models import Part
from mlcharter.support import git, plugins, user_cache, writing
from mlcharter.support.files import Tree
from mlcharter.support.objects import committed
from mlcharter.support.plain import markdown_text
from mlcharter.template import answers, sources
from mlcharter.update import foreseeing, reports, updating
from mlcharter.update.repository import Repository
from mlcharter.update.updating import Plan, UpdateRequest

State = Literal["updated", "current", "conflicts", "waiting", "not adopted", "failed"]
SECONDS = 600


class Options(Struct, frozen=True):
    """To which version, on which branch, and by which organisation's standard it is judged."""

    today: datetime.date
    branch: str
    to: str | None = None
    organisation: Path | None = None


class Updated(Part, frozen=True, kw_only=True):
    """One repository. `text` is that of its pull request, in Markdown.

    `waiting` is one whose branch exists already. `conflicts` are the paths that a person must
    merge. `failing` is how many findings fail after the update, `newly` the rules of those that did
    not fail before, and `weakens` how many differences weaken the charter.
    """

    version: Literal[1] = 1
    name: str
    place: str
    state: State
    error: str = ""
    branch: str = ""
    commit: str = ""
    old: str = ""
    new: str = ""
    conflicts: tuple[str, ...] = ()
    failing: int = 0
    newly: tuple[str, ...] = ()
    weakens: int = 0
    text: str = ""


class _ConflictsError(Exception):
    """The update would need a person; nothing was written."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def rows(
    members: Sequence[Member], options: Options, processes: int, seconds: float = SECONDS
) -> Iterator[Updated]:
    """Yield what was done in each repository, in their order, as soon as it is known."""
    with sources.fetch_once():
        yield from running.each(
            members,
            lambda member: update(member, options),
            lambda member, error: _row(member, "failed", error=error),
            processes,
            seconds,
        )


def update(member: Member, options: Options) -> Updated:
    """Update one repository on a branch; one that can't be updated is a UserError.

    It waits for another update of the repository, such as the last one of a run that was killed.
    """
    member.refuse_missing()
    with writing.locked_folder(member.place):
        return _update_locked(member, options)


def _update_locked(member: Member, options: Options) -> Updated:
    before = committed(member.place, "HEAD")
    try:
        if not answers.is_charter(before):
            return _row(member, "not adopted")
        _forget_killed(member.place)
        name = f"refs/heads/{options.branch}"
        args = (*git.name_bare(member.place), "rev-parse", "--verify", "--quiet", name)
        if git.output(*args, cwd=member.place) is not None:
            return _row(member, "waiting", branch=options.branch)
    finally:
        before.close()
    with _work_tree(member.place) as (top, root):
        return _update(member, options, top, root)


def _update(member: Member, options: Options, top: Path, root: Path) -> Updated:
    request = UpdateRequest(to=options.to)
    try:
        plan = updating.update(root, request, write=True, amend=_refuse_conflicts)
    except _ConflictsError as stopped:
        plan = stopped.plan
        paths = tuple(change.path for change in plan.conflicts)
        text = reports.markdown(plan)
        return _row(member, "conflicts", old=plan.old, new=plan.new, conflicts=paths, text=text)
    if not plan.written:
        return _row(member, "current", old=plan.old, new=plan.new)
    results: list[Result] = []  # before and after; `diff` may open more

    def open_charter(tree: Tree) -> Charter:
        charter = _open(tree, options)
        results.append(engine.check(charter))
        return charter

    comparison = judging.judge(
        root,
        "HEAD",
        open_charter,
        staged=False,
        approval_files=(),
        foresee=partial(foreseeing.foresee, root=root),
    )
    found = _compare(*results[:2])
    text = "\n".join(
        (
            reports.markdown(plan),
            found.describe(),
            plugins.load_one("mlcharter.diff.outputs", "markdown").render(comparison),
        )
    )
    return _row(
        member,
        "updated",
        branch=options.branch,
        commit=_commit(top, options.branch, plan, text),
        old=plan.old,
        new=plan.new,
        failing=found.failing,
        newly=found.newly,
        weakens=sum(difference.effect == "weakens" for difference in comparison.differences),
        text=text,
    )


def _refuse_conflicts(_repository: Repository, plan: Plan) -> None:
    if plan.conflicts:
        raise _ConflictsError(plan)


@contextmanager
def _work_tree(place: Path) -> Iterator[tuple[Path, Path]]:
    """Provide a temporary work tree of HEAD, and the folder in it that `place` is in the clone.

    The folder around it is locked by this process; what a killed one left is removed by the next.
    """
    hint = "look at `git status` there"
    bare = git.name_bare(place)
    prefix = git.output(*bare, "rev-parse", "--show-prefix", cwd=place) or ""
    with writing.staged_folder(_temporary()) as folder:
        top = folder / "tree"
        args = (*bare, "worktree", "add", "--quiet", "--detach", str(top), "HEAD")
        git.required_output(*args, cwd=place, hint=hint)
        try:
            yield top, top / prefix
        finally:
            git.run(*bare, "worktree", "remove", "--force", str(top), cwd=place)


def _temporary() -> Path:
    return Path(os.path.realpath(tempfile.gettempdir()))


def _forget_killed(place: Path) -> None:
    """Remove work trees of ours from the list in a repository, if the folder around them is gone.

    As long as the process that made one is alive, its folder is there.
    """
    bare = git.name_bare(place)
    listed = git.output(*bare, "worktree", "list", "--porcelain", cwd=place) or ""
    for line in listed.splitlines():
        top = Path(line.removeprefix("worktree "))
        ours = top.parent.parent == _temporary() and top.parent.name.startswith(".mlcharter-")
        if ours and not os.path.lexists(top.parent):
            # `--force` twice: also if it was killed while Git made it.
            args = ("worktree", "remove", "--force", "--force", str(top))
            git.run(*bare, *args, cwd=place)


def _open(tree: Tree, options: Options) -> Charter:
    return engine.open_charter(
        tree,
        options.today,
        organisation=options.organisation,
        cache=user_cache.folder() / "specifications",
    )


class _Found(Struct, frozen=True):
    """How many findings fail before and after an update, and the rules of the new ones."""

    level: str
    before: int
    failing: int
    newly: tuple[str, ...]

    def describe(self) -> str:
        """Return what `check` says after the update, in Markdown."""
        counts = f"{self.failing} fail, before {self.before}"
        text = f"`mlcharter check` at level {self.level}: {counts}.\n"
        if self.newly:
            text += f"\nNew: {', '.join(map(markdown_text, self.newly))}.\n"
        return text


def _compare(before: Result, after: Result) -> _Found:
    known = {before.fingerprints[judged.finding] for judged in before.with_outcome("fails")}
    now = {
        after.fingerprints[judged.finding]: judged.finding.rule
        for judged in after.with_outcome("fails")
    }
    newly = {rule for name, rule in now.items() if name not in known}
    return _Found(after.level, len(known), len(now), tuple(sorted(newly)))


def _commit(top: Path, branch: str, plan: Plan, text: str) -> str:
    """Commit the work tree on a new branch, and return the commit."""
    hint = "look at `git status` in the clone"
    git.required_output("add", "--all", cwd=top, hint=hint)
    message = f"Update the charter to {plan.new}\n\n{text}"
    git.required_output(
        *("commit", "--quiet", "--cleanup=verbatim", "--file=-"), cwd=top, text=message, hint=hint
    )
    git.required_output("branch", branch, "HEAD", cwd=top, hint=hint)
    return git.required_output("rev-parse", "HEAD", cwd=top, hint=hint)


def _row(member: Member, state: State, **fields: object) -> Updated:
    return Updated(name=member.name, place=str(member.place), state=state, **fields)  # type: ignore[arg-type]
