"""Update a repository to another version of its template, or to other answers.

A three-way merge: base is the old template with the old answers, theirs the new template with the
new answers, ours the files on disk. The whole result is known before the first byte is written.
"""

import hashlib
import json
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcharter.gate import methods
from mlcharter.support import addresses, progress, user_cache, versions
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Tree
from mlcharter.template import answers as answers_file
from mlcharter.template import questionnaire, rendering, sources, template
from mlcharter.template.answers import ANSWERS, FILES
from mlcharter.template.questionnaire import Answers
from mlcharter.template.sources import Source, Version
from mlcharter.template.template import Template
from mlcharter.update import journal
from mlcharter.update.merging import renames, trees
from mlcharter.update.merging.renames import Renames
from mlcharter.update.merging.trees import Change, File
from mlcharter.update.repository import Repository


@dataclass(frozen=True)
class UpdateRequest:
    """The options of `mlcharter update`; `data` are `KEY=VALUE` arguments.

    `allow_dirty` is None for a command without that option.
    """

    to: str | None = None
    downgrade: bool = False
    tracks: Sequence[str] = ()
    drop_tracks: Sequence[str] = ()
    data: Sequence[str] = ()
    interactive: bool = False
    base: Path | None = None
    allow_dirty: bool | None = False


@dataclass
class Plan:
    """Everything that an update changes, before or after it is written."""

    old: str
    new: str
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)  # gates that other instruments may move
    finished: str | None = None  # summary of the interrupted update that this call finished
    finished_with_conflicts: bool = False
    written: bool = False

    @property
    def conflicts(self) -> list[Change]:
        """Return the changes that must be resolved by hand."""
        return [change for change in self.changes if change.conflict or change.left]

    @property
    def about(self) -> str:
        """Return a summary: from which version to which."""
        if self.finished is not None:
            return f"finished what was interrupted: {self.finished}"
        return (
            f"template {self.old} → {self.new}" if self.old != self.new else f"template {self.new}"
        )


def update(
    root: Path,
    request: UpdateRequest,
    write: bool,
    amend: Callable[[Repository, Plan], None] = lambda repository, plan: None,
) -> Plan:
    """Plan an update and, with `write`, do it; an interrupted update is finished instead.

    `amend` may add changes to the plan before they are written.
    """
    repository = Repository(root)
    # A dry run takes no lock, so that it works on a read-only file system.
    lock = journal.locked(repository.journal) if write else nullcontext()
    with lock, progress.steps(5 if write else 4) as tell:
        if write and (resumed := _resume(repository)) is not None:
            return resumed
        if not write:
            journal.refuse_pending(repository.journal)
        else:
            repository.refuse_unmerged()
        repository.sparse.refuse([ANSWERS] if not Path(root, ANSWERS).exists() else [])
        plan = plan_update(repository, request, tell)
        amend(repository, plan)
        written = [change.path for change in plan.changes if change.written]
        if not write:
            plan.notes += _list_refusals(repository, written, request)
        else:
            repository.sparse.refuse(written)
        if write and written:
            repository.refuse_dirty(set(written), request.allow_dirty)
            tell(f"writing {len(written)} files")
            _apply(repository, plan)
            plan.written = True
        return plan


def _list_refusals(
    repository: Repository, written: list[str], request: UpdateRequest
) -> Iterator[str]:
    """Yield why these files could not be written now."""
    if outside := repository.sparse.find_outside(written):
        yield repository.sparse.describe(outside)
    try:
        if written:
            repository.refuse_dirty(set(written), request.allow_dirty)
    except UserError as error:
        yield f"writing would be refused: {error.message}; {error.hint}"


def plan_update(
    repository: Repository, request: UpdateRequest, tell: progress.Tell = progress.silent
) -> Plan:
    """Return what an update would change in the repository."""
    recorded = read_answers(repository.root)
    source = Source(recorded["_src_path"], repository.root)
    tell(f"looking for versions of {source.name}")
    old_name = recorded["_commit"]
    old_commit = source.find_commit(old_name)
    target, notes = _choose_version(source, old_name, old_commit, request)
    notes += _list_source_notes(source, recorded["_src_path"], old_name)
    new_root = find_files(source, target.name, target.commit)
    declared = read_renames(new_root)
    questions = questionnaire.load(new_root)
    answers = merge_answers(recorded, questions, declared, request, notes)
    plain = {key: value for key, value in recorded.items() if not key.startswith("_")}
    same = answers == plain and target.commit == old_commit and not request.base
    same = same and source.name == recorded["_src_path"]
    same = same and (versions.is_fixed(old_name) or not versions.is_fixed(target.name))
    plan = Plan(_shorten(old_name), _shorten(target.name), notes=notes)
    if same:
        return plan
    plan.moved = methods.describe_changes(Folder(repository.root), methods.read(new_root))
    path = answers_file.find_file(Folder(repository.root))
    given = _check_base(request.base)
    tell(f"rendering the template at {plan.old}")
    base = render_recorded(recorded, source, old_commit, path, given)
    new = Template(new_root, source.name, target.name)
    asks = request.interactive and _has_open_questions(questions, answers)
    tell(f"rendering the template at {plan.new}")
    if asks:
        tell("")
    theirs = render(new, target.commit, answers, asks, path)
    tell("merging")
    plan.changes = trees.merge(
        base, theirs, repository.read, declared, repository.find_renamed, (path,)
    )
    repository.resolve_obstacles(plan.changes)
    return plan


def find_rendered(repository: Repository, path: str) -> File | None:
    """Return a file as the recorded template writes it for the recorded answers; None without."""
    recorded = read_answers(repository.root)
    source = Source(recorded["_src_path"], repository.root)
    commit = source.find_commit(recorded["_commit"])
    place = answers_file.find_file(Folder(repository.root))
    return render_recorded(recorded, source, commit, place).get(path)


def render_recorded(
    recorded: Mapping[str, Any],
    source: Source,
    commit: str | None,
    path: str,
    given: Path | None = None,
) -> dict[str, File]:
    """Return the files of the recorded version, or of the folder `given`, for its answers.

    `commit` is that of the version, `path` the answers file.
    """
    name = recorded["_commit"]
    root = given or find_files(source, name, commit)
    questions = questionnaire.load(root)
    answers = {key: value for key, value in recorded.items() if key in questions}
    old = Template(root, recorded["_src_path"], name)
    return render(old, None if given else commit, answers, path=path)


def _apply(repository: Repository, plan: Plan) -> None:
    """Write a plan, and leave the index as a merge with conflicts would."""
    steps = [journal.Step(c.path, c.ours, c.new) for c in plan.changes if c.written]
    steps.sort(key=lambda step: step.path in FILES)
    index = repository.format_conflicts([c for c in plan.changes if c.conflict and not c.left])
    journal.begin(repository.journal, steps, plan.about, index)
    journal.finish(repository.journal, repository.root, repository.record_conflicts)


def _resume(repository: Repository) -> Plan | None:
    """Finish an update that was interrupted; return None if there is none."""
    about = journal.read_pending(repository.journal)
    if about is None:
        return None
    conflicts = journal.finish(repository.journal, repository.root, repository.record_conflicts)
    return Plan("", "", finished=about, finished_with_conflicts=conflicts, written=True)


def record_later(root: Path, path: str, old: File | None, new: File) -> None:
    """Let `abort` take back a file too that was written after the last update; `old` is before."""
    folder = Repository(root).journal
    with journal.locked(folder):
        journal.amend_last(folder, path, old, new)


def abort(root: Path) -> str:
    """Revert an update that was interrupted, or the last one; return a message."""
    repository = Repository(root)
    with journal.locked(repository.journal):
        pending = journal.read_pending(repository.journal)
        about = pending or journal.read_last(repository.journal)
        if about is None:
            raise UserError("there is no update to revert", hint="look at `git status`")
        if pending is None:
            repository.refuse_committed(journal.read_paths(repository.journal))
        rescued = journal.revert(repository.journal, repository.root)
        repository.reset_conflicts()
    text = f"reverted: {about}\n"
    if rescued:
        folder = journal.find_rescued(repository.journal)
        text += f"your later edits are in {folder}: {', '.join(rescued)}\n"
    return text


def read_answers(root: Path) -> dict[str, Any]:
    """Return the recorded answers; answers from which no update can start are a UserError."""
    tree = Folder(root)
    path = answers_file.find_file(tree)
    if not tree.lexists(path):
        hint = "run it in a repository that `mlcharter new` created, or run `mlcharter adopt` here"
        if below := _find_below(tree):
            hint = f"there is one in {' and in '.join(below[:3])}; run it there"
        raise UserError(f"{root} has no {path}", hint=hint)
    return parse_answers(tree)


def _find_below(tree: Folder) -> list[str]:
    """Return the folders right below one that have a charter."""
    names = sorted(name for name, kind in tree.list_folder("") if stat.S_ISDIR(kind))
    return [name for name in names if any(tree.lexists(f"{name}/{file}") for file in FILES)]


def parse_answers(tree: Tree) -> dict[str, Any]:
    """Return the recorded answers in a tree that has some, as `read_answers` does."""
    path = answers_file.find_file(tree)
    loaded = answers_file.load(tree)
    if answers_file.is_foreign(tree) and path == ANSWERS:
        source = addresses.without_secrets(str(loaded.values.get("_src_path")))
        raise UserError(
            f"{path} belongs to another template, {source}; there is no charter here",
            hint="`mlcharter adopt` adds one beside it",
        )
    if loaded.problem:
        line, column, reason = loaded.problem
        hint = "correct it, or restore it from Git"
        raise UserError(f"{path}:{line}:{column} can't be read: {reason}", hint=hint)
    for key, kind in (("_src_path", str), ("_commit", str), ("tracks", list)):
        if not isinstance(loaded.values.get(key), kind):
            raise UserError(f"{path} has no valid `{key}`", hint="restore it from Git")
    return loaded.values


def render(
    template: Template,
    commit: str | None,
    answers: Mapping[str, Any],
    interactive: bool = False,
    path: str = ANSWERS,
) -> dict[str, File]:
    """Return the files of a template for these answers, by path; `path` is its answers file.

    The result is cached by `commit`, unless it is None or questions are asked.
    """

    def render_into(folder: Path) -> None:
        rendering.render(
            template, folder, answers=answers, suggestions={}, prompt=interactive, answers_file=path
        )

    if interactive or commit is None:
        with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
            render_into(Path(folder, "tree"))
            return trees.read_tree(Path(folder, "tree"))
    # 2 is the version of this key: version 1 did not include the source.
    inputs = json.dumps(
        [2, commit, template.source, template.commit, answers, path], default=str, sort_keys=True
    )
    key = hashlib.sha256(inputs.encode()).hexdigest()[:32]
    cached = sources.create_cached(user_cache.folder() / "renders" / key, render_into)
    return trees.read_tree(cached)


def _has_open_questions(questions: Mapping[str, questionnaire.Question], answers: Answers) -> bool:
    """Return whether a question of the chosen tracks has no answer yet."""
    return any(
        question.asked
        and name not in answers
        and (question.track is None or question.track in answers["tracks"])
        for name, question in questions.items()
    )


def _choose_version(
    source: Source, old_name: str, old: str | None, request: UpdateRequest
) -> tuple[Version, list[str]]:
    """Return the version to update to, with notes; an older one only with `--downgrade`."""
    if request.to == "current":
        if old is None:
            raise _missing_version(source, old_name)
        return Version(old, old_name if versions.is_fixed(old_name) else old), []
    target = source.find_version(request.to) if request.to else source.find_newest()
    if target is None and request.to and source.problem is None:
        raise UserError(f"{source.name} has no `{request.to}`", hint=source.list_versions())
    if target is None:
        embedded = template.load_embedded()
        if request.to is None and template.is_packed() and embedded.source == source.name:
            return Version(embedded.commit, embedded.commit), [_describe_problem(source)]
        raise UserError(_describe_problem(source), hint=_suggest_remedy(source, old))
    if not _is_older(source, target, old_name, old):
        return target, []
    if request.to is None and old is not None:
        return Version(old, old_name), [
            f"the repository is ahead of the newest release, {target.name}"
        ]
    if not request.downgrade:
        raise UserError(
            f"{target.name[:12]} is older than {_shorten(old_name)}, the version of the repository",
            hint="add --downgrade to allow that",
        )
    return target, []


def _is_older(source: Source, target: Version, old_name: str, old: str | None) -> bool:
    if old is not None and old != target.commit and source.mirror.is_ancestor(target.commit, old):
        return True
    new_number, old_number = versions.parse(target.name), versions.parse(old_name)
    return new_number is not None and old_number is not None and new_number < old_number


def _describe_problem(source: Source) -> str:
    reason = f": {source.problem.message}" if source.problem else ""
    return f"{source.name} can't be reached{reason}"


def _suggest_remedy(source: Source, old: str | None) -> str:
    """Return a hint for a source that can't be reached."""
    hint = (source.problem.hint if source.problem else None) or "is its host reachable from here?"
    if "_src_path" not in hint:
        hint += f"; if the template has moved, write its new address as `_src_path` into {ANSWERS}"
    return hint + ("; to change answers at the same version, add --to current" if old else "")


def _list_source_notes(source: Source, recorded: str, old_name: str) -> list[str]:
    """Return notes about the source and the version that are recorded."""
    notes = []
    if addresses.has_secrets(recorded):
        notes.append(
            f"the secret in `_src_path` is removed from {ANSWERS} and was not used; revoke it, "
            "since it was committed, and store the new one in Git's credential helper"
        )
    if versions.is_fixed(old_name):
        return notes
    if source.problem is None and source.mirror.find_commit(old_name) is None:
        notes.append(
            f"the recorded version `{old_name}` is no longer in {source.name} "
            f"({source.list_versions()}); its last known commit is the base of the merge"
        )
    else:
        notes.append(
            f"the recorded version `{old_name}` can move, so a commit id is recorded instead; if "
            "changes are missing, give --base DIR, a folder with the template as it was"
        )
    return notes


def find_files(source: Source, name: str, commit: str | None) -> Path:
    """Return the folder of a template: from the cache or Git, else the embedded one."""
    folder = source.find_files(commit) if commit is not None else None
    if folder is None and template.is_packed():
        embedded = template.load_embedded()
        if (embedded.source, embedded.commit) == (source.name, name):
            return embedded.root
    if folder is None:
        raise _missing_version(source, name)
    return folder


def _check_base(folder: Path | None) -> Path | None:
    """Return the folder of `--base`; one that is not a template is a UserError."""
    if folder is not None and not Path(folder, "copier.yml").is_file():
        raise UserError(
            f"{folder} is not a template: it has no copier.yml",
            hint="give --base a folder with copier.yml and template/ of the old version",
        )
    return folder


def _missing_version(source: Source, name: str) -> UserError:
    hint = "give --base DIR, a folder with copier.yml and template/ of that version"
    if source.problem is not None:
        reason = source.problem.hint or ""
        full = reason if "--base" in reason else f"{reason}; or {hint}"
        return UserError(_describe_problem(source), hint=full)
    return UserError(
        f"version {_shorten(name)} of the template is no longer in {source.name}",
        hint=f"{hint}; {source.list_versions()}",
    )


def read_renames(root: Path) -> Renames:
    path = root / "template" / "renames.yml"
    return renames.read(path.read_text(encoding="utf-8")) if path.is_file() else Renames()


def merge_answers(
    recorded: Mapping[str, Any],
    questions: Mapping[str, questionnaire.Question],
    declared: Renames,
    request: UpdateRequest,
    notes: list[str],
) -> Answers:
    """Return the recorded answers to the new template's questions, and those of the request."""
    answers: Answers = {}
    for key, value in recorded.items():
        name = declared.answers.get(key, key)
        if key.startswith("_"):
            continue
        if name not in questions:
            notes.append(
                f"the template no longer has the question `{key}`; its answer {value!r} is removed"
            )
            continue
        value = _rename_choice(name, value, declared, notes)
        answers[name] = _drop_unknown_choices(questions[name], value, notes)
    requested = _read_request(questions, answers, request)
    answers |= requested
    order = questions["tracks"].choices
    answers["tracks"] = sorted(
        dict.fromkeys(answers["tracks"]), key=lambda t: order.index(t) if t in order else -1
    )
    for name in list(answers):
        track = questions[name].track
        if track is not None and track not in answers["tracks"] and name not in requested:
            del answers[name]
    questionnaire.refuse_unknown_choices(questions, answers)
    return answers


def _read_request(
    questions: Mapping[str, questionnaire.Question], answers: Answers, request: UpdateRequest
) -> Answers:
    """Return the answers of the command line; `answers` are the present ones."""
    requested = questionnaire.parse(questions, request.data)
    if not request.tracks and not request.drop_tracks:
        return requested
    chosen: list[str] = list(requested.get("tracks") or answers["tracks"]) + list(request.tracks)
    for dropped in request.drop_tracks:
        if dropped in request.tracks:
            raise UserError(
                f"the track {dropped} is added and dropped", hint="leave one of the two out"
            )
        if dropped not in chosen:
            raise UserError(
                f"the repository has no track {dropped}", hint=f"it has {', '.join(chosen)}"
            )
    requested["tracks"] = [name for name in chosen if name not in request.drop_tracks]
    return requested


def _rename_choice(name: str, value: Any, declared: Renames, notes: list[str]) -> Any:
    """Return a recorded answer under the present name of its choice."""
    new = declared.choices.get(name, {}).get(str(value))
    if new is None:
        return value
    notes.append(f"{name}: the template no longer offers {value}; the answer is {new} now")
    return new


def _drop_unknown_choices(question: questionnaire.Question, value: Any, notes: list[str]) -> Any:
    """Return a recorded answer without the choices that the template no longer offers."""
    value = questionnaire.convert(question, value, "the answers file")
    if not question.several:
        return value
    known = [choice for choice in value if choice in question.choices]
    unknown = [choice for choice in value if choice not in question.choices]
    if unknown:
        notes.append(f"{question.name}: the template no longer offers {', '.join(unknown)}")
    return known


def _shorten(name: str) -> str:
    return name[:12] if re.fullmatch(r"[0-9a-f]{40}", name) else name
