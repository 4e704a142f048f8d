"""Bringing a repository to another version of its template, or to other answers.

Base is the old template with the old answers, theirs the new one with the new answers, ours what
lies on disk. The whole result is known before the first byte is written.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcharter.support import addresses, progress, user_cache, versions
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.template import answers as answers_file
from mlcharter.template import questionnaire, rendering, sources, template
from mlcharter.template.answers import ANSWERS, FILES
from mlcharter.template.questionnaire import Answers
from mlcharter.template.sources import Source, Version
from mlcharter.template.template import Template
from mlcharter.update import journal
from mlcharter.update.merging import renames, reports, trees
from mlcharter.update.merging.renames import Renames
from mlcharter.update.merging.trees import Change, File
from mlcharter.update.repository import Repository


@dataclass(frozen=True)
class UpdateRequest:
    """What the command line asked for; `words` are `KEY=VALUE`."""

    to: str | None = None
    downgrade: bool = False
    tracks: Sequence[str] = ()
    drop_tracks: Sequence[str] = ()
    data: Sequence[str] = ()
    interactive: bool = False
    base: Path | None = None
    allow_dirty: bool = False


@dataclass
class Plan:
    """All that an update would do; nothing of it is done yet."""

    old: str
    new: str
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: str | None = None  # what an interrupted update was about, when this call finished it
    needs_person: bool = False
    written: bool = False

    @property
    def conflicts(self) -> list[Change]:
        """What needs a person."""
        return [change for change in self.changes if change.conflict or change.left]

    @property
    def about(self) -> str:
        """From which version to which."""
        if self.done is not None:
            return f"finished what was interrupted: {self.done}"
        return (
            f"template {self.old} → {self.new}" if self.old != self.new else f"template {self.new}"
        )

    def render(self, report: str) -> str:
        """The plan in words: `text` for a terminal, `markdown` for a pull request."""
        return reports.markdown(self) if report == "markdown" else reports.text(self)

    def patch(self) -> str:
        """The plan as a patch."""
        return reports.patch(self)


def update(root: Path, request: UpdateRequest, write: bool) -> Plan:
    """Plan an update and, with `write`, do it; one that was interrupted is finished instead."""
    repository = Repository(root)
    # What only looks needs no lock, which a file system that can't be written would not give.
    lock = journal.locked(repository.journal) if write else nullcontext()
    with lock, progress.steps(5 if write else 4) as tell:
        if write and (finished := _resumed(repository)) is not None:
            return finished
        if not write:
            journal.refuse_pending(repository.journal)
        else:
            repository.refuse_unmerged()
        repository.sparse.refuse([ANSWERS] if not Path(root, ANSWERS).exists() else [])
        made = plan(repository, request, tell)
        written = [change.path for change in made.changes if change.written]
        if write:
            repository.sparse.refuse(written)
        elif outside := repository.sparse.outside(written):
            made.notes.append(repository.sparse.said(outside))
        if write and written:
            repository.refuse_dirty(set(written), request.allow_dirty)
            tell(f"writing {len(written)} files")
            _apply(repository, made)
            made.written = True
        return made


def plan(
    repository: Repository, request: UpdateRequest, tell: progress.Tell = progress.silent
) -> Plan:
    """What an update would do to the repository."""
    recorded = read_answers(repository.root)
    source = Source(recorded["_src_path"], repository.root)
    tell(f"looking for versions of {source.name}")
    named = recorded["_commit"]
    old_commit = source.find_commit(named)
    target, notes = _target(source, named, old_commit, request)
    notes += _told_of_source(source, recorded["_src_path"], named)
    new_root = _files(source, target)
    declared = _renames(new_root)
    questions = questionnaire.load(new_root)
    answers = _new_answers(recorded, questions, declared, request, notes)
    plain = {key: value for key, value in recorded.items() if not key.startswith("_")}
    same = answers == plain and target.commit == old_commit and not request.base
    same = same and source.name == recorded["_src_path"]
    same = same and (versions.is_fixed(named) or not versions.is_fixed(target.name))
    made = Plan(_short(named), _short(target.name), notes=notes)
    if same:
        return made
    old_root = _given_base(request.base) or _old_files(source, named, old_commit)
    known = questionnaire.load(old_root)
    before = {key: value for key, value in plain.items() if key in known}
    kept_as = None if request.base else old_commit
    path = answers_file.find_file(Folder(repository.root))
    tell(f"rendering the template at {_short(named)}")
    base = rendered(Template(old_root, recorded["_src_path"], named), kept_as, before, path=path)
    new = Template(new_root, source.name, target.name)
    asking = request.interactive and _open(questions, answers)
    tell(f"rendering the template at {made.new}")
    if asking:
        tell("")
    theirs = rendered(new, target.commit, answers, asking, path)
    tell("merging")
    made.changes = trees.merge(
        base, theirs, repository.look, declared, repository.moved_document, (path,)
    )
    repository.settle(made.changes)
    return made


def _apply(repository: Repository, made: Plan) -> None:
    """Write a plan, and leave the index as a merge with conflicts would."""
    steps = [journal.Step(c.path, c.ours, c.new) for c in made.changes if c.written]
    steps.sort(key=lambda step: step.path in FILES)
    index = repository.conflicts([c for c in made.changes if c.conflict and not c.left])
    journal.begin(repository.journal, steps, made.about, index)
    journal.finish(repository.journal, repository.root, repository.unmerge)


def _resumed(repository: Repository) -> Plan | None:
    """Finish an update that was interrupted; None without one."""
    about = journal.pending(repository.journal)
    if about is None:
        return None
    conflicts = journal.finish(repository.journal, repository.root, repository.unmerge)
    return Plan("", "", done=about, needs_person=conflicts, written=True)


def abort(root: Path) -> str:
    """Take back an update that was interrupted, or the last one; says what it did."""
    repository = Repository(root)
    with journal.locked(repository.journal):
        about = journal.pending(repository.journal) or journal.finished(repository.journal)
        if about is None:
            raise UserError("there is no update to take back", hint="look at `git status`")
        if not journal.pending(repository.journal):
            repository.refuse_committed(journal.paths(repository.journal))
        aside = journal.take_back(repository.journal, repository.root)
        repository.forget_conflicts()
    text = f"taken back: {about}\n"
    if aside:
        folder = journal.rescued(repository.journal)
        text += f"what you edited since is in {folder}: {', '.join(aside)}\n"
    return text


def read_answers(root: Path) -> dict[str, Any]:
    """All of the answers file; refused when an update has nothing to start from."""
    tree = Folder(root)
    path = answers_file.find_file(tree)
    if not tree.lexists(path):
        hint = "run it in a repository that `mlcharter new` made, or `mlcharter adopt` this one"
        raise UserError(f"{root} has no {path}", hint=hint)
    loaded = answers_file.load(tree)
    if answers_file.is_foreign(tree) and path == ANSWERS:
        source = addresses.without_secrets(str(loaded.values.get("_src_path")))
        raise UserError(
            f"{path} is of another template, {source}; there is no charter here",
            hint="`mlcharter adopt` adds one beside it",
        )
    if loaded.problem:
        line, column, reason = loaded.problem
        hint = "correct it, or restore it from Git"
        raise UserError(f"{path}:{line}:{column} can't be read: {reason}", hint=hint)
    for key, kind in (("_src_path", str), ("_commit", str), ("tracks", list)):
        if not isinstance(loaded.values.get(key), kind):
            raise UserError(f"{path} has no `{key}` that can be used", hint="restore it from Git")
    return loaded.values


def rendered(
    made: Template,
    commit: str | None,
    answers: Mapping[str, Any],
    interactive: bool = False,
    path: str = ANSWERS,
) -> dict[str, File]:
    """A template's tree for these answers; kept, unless a person is asked for more of them.

    `path` is the name of its answers file.
    """

    def render(into: Path) -> None:
        rendering.render(
            made, into, answers=answers, suggestions={}, prompt=interactive, answers_file=path
        )

    if interactive or commit is None:
        with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
            render(Path(folder, "tree"))
            return trees.read_tree(Path(folder, "tree"))
    # The number tells these from what was kept when templates were kept by commit alone.
    told = json.dumps(
        [2, commit, made.source, made.commit, answers, path], default=str, sort_keys=True
    )
    key = hashlib.sha256(told.encode()).hexdigest()[:32]
    return trees.read_tree(sources.create_cached(user_cache.folder() / "renders" / key, render))


def _open(questions: Mapping[str, questionnaire.Question], answers: Answers) -> bool:
    """Whether there is a question that a person has not been asked yet."""
    return any(
        question.asked
        and name not in answers
        and (question.track is None or question.track in answers["tracks"])
        for name, question in questions.items()
    )


def _target(
    source: Source, named: str, old: str | None, request: UpdateRequest
) -> tuple[Version, list[str]]:
    """The version to go to; an older one only if that was asked for."""
    if request.to == "current":
        if old is None:
            raise _gone(source, named)
        return Version(old, named if versions.is_fixed(named) else old), []
    target = source.find_version(request.to) if request.to else source.find_newest()
    if target is None and request.to and source.problem is None:
        raise UserError(f"{source.name} has no `{request.to}`", hint=source.list_versions())
    if target is None:
        carried = template.load_embedded()
        if request.to is None and template.is_packed() and carried.source == source.name:
            return Version(carried.commit, carried.commit), [_unreachable(source)]
        raise UserError(_unreachable(source), hint=_after_unreachable(source, old))
    if not _is_older(source, target, named, old):
        return target, []
    if request.to is None and old is not None:
        return Version(old, named), [
            f"the repository is ahead of the newest release, {target.name}"
        ]
    if not request.downgrade:
        raise UserError(
            f"{target.name[:12]} is older than {_short(named)}, which the repository has",
            hint="add --downgrade if that is what you want",
        )
    return target, []


def _is_older(source: Source, target: Version, named: str, old: str | None) -> bool:
    if old is not None and old != target.commit and source.is_older(target.commit, old):
        return True
    theirs, ours = versions.parse(target.name), versions.parse(named)
    return theirs is not None and ours is not None and theirs < ours


def _unreachable(source: Source) -> str:
    reason = f": {source.problem.message}" if source.problem else ""
    return f"{source.name} can't be reached{reason}"


def _after_unreachable(source: Source, old: str | None) -> str:
    """What to do when no newer version can be had."""
    hint = (source.problem.hint if source.problem else None) or "is its host reachable from here?"
    if "_src_path" not in hint:
        hint += f"; if the template has moved, write its new address as `_src_path` into {ANSWERS}"
    return hint + (
        "; for other answers at the version that you have, add --to current" if old else ""
    )


def _told_of_source(source: Source, recorded: str, named: str) -> list[str]:
    """What a person should know about the source and the version that are recorded."""
    notes = []
    if addresses.has_secrets(recorded):
        notes.append(
            f"the secret in `_src_path` is taken out of {ANSWERS}, and was not used; revoke it, "
            "since it was committed, and let Git's credential helper know the new one"
        )
    if versions.is_fixed(named):
        return notes
    if source.problem is None and not source.has_version(named):
        notes.append(
            f"`{named}`, which is recorded, is gone from {source.name} ({source.list_versions()}); "
            "what it was when it was last seen is taken for the old version"
        )
    else:
        notes.append(
            f"`{named}` is recorded, which may have moved since; a commit id is recorded instead. "
            "If what changed in between is missing, give --base DIR with the template as it was"
        )
    return notes


def _files(source: Source, version: Version) -> Path:
    found = source.find_files(version.commit)
    if found is None and template.is_packed() and template.load_embedded().commit == version.name:
        return template.embedded_root()
    if found is None:
        raise _gone(source, version.name)
    return found


def _old_files(source: Source, named: str, commit: str | None) -> Path:
    """The template as it was: from the cache, from this program if it is that version, from Git."""
    found = source.find_files(commit) if commit is not None else None
    if found is not None:
        return found
    carried = template.load_embedded()
    if template.is_packed() and (carried.source, carried.commit) == (source.name, named):
        return carried.root
    raise _gone(source, named)


def _given_base(folder: Path | None) -> Path | None:
    if folder is not None and not Path(folder, "copier.yml").is_file():
        raise UserError(
            f"{folder} is no template: it has no copier.yml",
            hint="give --base a folder with copier.yml and template/ as they were then",
        )
    return folder


def _gone(source: Source, named: str) -> UserError:
    hint = "give --base DIR, a folder with its copier.yml and template/ as they were then"
    if source.problem is not None:
        reason = source.problem.hint or ""
        whole = reason if "--base" in reason else f"{reason}; or {hint}"
        return UserError(_unreachable(source), hint=whole)
    return UserError(
        f"version {_short(named)} of the template is gone from {source.name}",
        hint=f"{hint}; {source.list_versions()}",
    )


def _renames(root: Path) -> Renames:
    path = root / "template" / "renames.yml"
    return renames.read(path.read_text(encoding="utf-8")) if path.is_file() else Renames()


def _new_answers(
    recorded: Mapping[str, Any],
    questions: Mapping[str, questionnaire.Question],
    declared: Renames,
    request: UpdateRequest,
    notes: list[str],
) -> Answers:
    """The recorded answers, as far as the new template asks for them, and what was wished."""
    answers: Answers = {}
    for key, value in recorded.items():
        name = declared.answers.get(key, key)
        if key.startswith("_"):
            continue
        if name not in questions:
            notes.append(f"nobody asks for `{key}` any more; its answer {value!r} goes")
            continue
        answers[name] = _still_offered(questions[name], value, notes)
    given = _given(questions, answers, request)
    answers |= given
    order = questions["tracks"].choices
    answers["tracks"] = sorted(
        dict.fromkeys(answers["tracks"]), key=lambda t: order.index(t) if t in order else -1
    )
    for name in list(answers):
        track = questions[name].track
        if track is not None and track not in answers["tracks"] and name not in given:
            del answers[name]
    questionnaire.refuse_unknown_choices(questions, answers)
    return answers


def _given(
    questions: Mapping[str, questionnaire.Question], answers: Answers, request: UpdateRequest
) -> Answers:
    """The answers that the command line gives; `answers` are those that stand."""
    given = questionnaire.parse(questions, request.data)
    if not request.tracks and not request.drop_tracks:
        return given
    chosen: list[str] = list(given.get("tracks") or answers["tracks"]) + list(request.tracks)
    for gone in request.drop_tracks:
        if gone in request.tracks:
            raise UserError(
                f"the track {gone} is added and dropped", hint="leave one of the two out"
            )
        if gone not in chosen:
            raise UserError(
                f"the track {gone} is not chosen", hint=f"chosen are {', '.join(chosen)}"
            )
    given["tracks"] = [name for name in chosen if name not in request.drop_tracks]
    return given


def _still_offered(question: questionnaire.Question, value: Any, notes: list[str]) -> Any:
    """A recorded answer without the choices that the template no longer offers."""
    value = questionnaire.convert(question, value, "the answers file")
    if not question.several:
        return value
    left = [choice for choice in value if choice in question.choices]
    gone = [choice for choice in value if choice not in question.choices]
    if gone:
        notes.append(f"{question.name}: the template no longer offers {', '.join(gone)}")
    return left


def _short(name: str) -> str:
    return name[:12] if re.fullmatch(r"[0-9a-f]{40}", name) else name
