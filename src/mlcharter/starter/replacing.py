"""Replace the starter of a track by a team's own data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from mlcharter.formats import report
from mlcharter.gate import eval_programs
from mlcharter.gate.loading import EVAL_PACK
from mlcharter.starter import documents
from mlcharter.starter.removing import REMOVAL, keep_own_code
from mlcharter.starter.tracks import Own
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable
from mlcharter.update import updating
from mlcharter.update.merging.trees import Change, File, read_file
from mlcharter.update.repository import Repository
from mlcharter.update.updating import Plan

_SHOWN = 3  # files that an error names


@dataclass
class Replacement:
    """What a replacement changed; `proposed` is the number of new gates.

    `notes` say what is left to do.
    """

    plan: Plan
    own: Own
    proposed: int = 0
    evaluated: bool = False
    notes: list[str] = field(default_factory=list)

    def render(self) -> str:
        """Return what was found in the data, and what comes next, as text for a terminal."""
        lines = [*self.own.render(), *self.notes]
        if self.proposed:
            lines.append(
                f"{self.proposed} gates are proposed in {EVAL_PACK}; they warn until a person "
                "has decided on them"
            )
            lines.append("next: `make check`, then `mlcharter prove` and `mlcharter status`")
        elif self.evaluated:
            lines.append(f"no gate is new in {EVAL_PACK}; those that are there stay as they are")
        return "".join(f"{line}\n" for line in lines)


def replace(root: Path, own: Own, *, write: bool) -> Replacement:
    """Put a team's data in the place of the starter's and, with `write`, evaluate them.

    The files are written by an update, which removes the starter. Then the eval of the repository
    is run, and gates are proposed from its report. A second call with the same data keeps what the
    team has changed in the files of the first, and goes on with the eval.
    """
    answers = updating.read_answers(root)
    if write:
        eval_programs.require_setup(root, str(answers["package"]))
    data = own.list_data()
    kept: dict[str, str] = {}
    new = data | own.write_pages(answers)

    def amend(repository: Repository, plan: Plan) -> None:
        keep_own_code(repository, plan)
        _keep(plan, own.keeps)
        again = all(_has(repository, path, content) for path, content in data.items())
        for path, content in new.items():
            there = repository.read(path) if again else None
            if there is None:
                _add(repository, plan, path, content)
            elif path not in data and there.text is not None:
                kept[path] = there.text
        for path, edits in own.list_edits(answers).items():
            for edit in edits:
                _edit(repository, plan, path, edit)

    done = Replacement(updating.update(root, REMOVAL, write, amend), own, notes=own.list_notes())
    done.notes += own.find_dropped(kept)
    if "platform" in answers["tracks"]:
        done.notes.append(own.served)
    if write and not done.plan.conflicts:
        try:
            for module in own.programs:
                eval_programs.run(root, f"{answers['package']}.{module}", eval_programs.LIMIT)
            printed = eval_programs.measure(root, own.track, eval_programs.LIMIT)
            done.notes += printed.splitlines()
            _propose(root, done)
            done.evaluated = True
        except UserError as error:
            raise _after_writing(error, done.plan, new) from error
    return done


def _keep(plan: Plan, patterns: Sequence[str]) -> None:
    """Leave files of the starter as they are that are of use without it."""
    for change in plan.changes:
        if change.new is None and any(fnmatch(change.path, pattern) for pattern in patterns):
            change.new, change.action = change.ours, "kept"


def _has(repository: Repository, path: str, content: bytes) -> bool:
    there = repository.read(path)
    return there is not None and there.data == content


def _after_writing(error: UserError, plan: Plan, texts: Mapping[str, bytes]) -> UserError:
    """Return the error of an eval, with what was written before it, and how to go back and on."""
    first = list(texts)[-_SHOWN:]
    others = len([change for change in plan.changes if change.written]) - len(first)
    shown = ", ".join(first) + (f" and {others} more" if others > 0 else "")
    hint = f"{error.hint}\n" if error.hint else ""
    return UserError(
        f"{error.message}; before that, these files were written: {shown}",
        hint=f"{hint}to go on, correct the file that is at fault, commit, and run the same command "
        "again: it keeps your changes\n"
        "to go back, run `mlcharter update --abort` before you commit",
    )


def _add(repository: Repository, plan: Plan, path: str, data: bytes) -> None:
    """Add a new file to the plan; a UserError if the team has changed the one that is there."""
    planned = _find_planned(plan, path)
    ours = planned.ours if planned else repository.read(path)
    if planned is not None:
        unchanged = planned.ours == planned.base
    else:
        unchanged = ours is not None and ours == updating.find_rendered(repository, path)
    if ours is not None and ours.data != data and not unchanged:
        raise UserError(
            f"{path} is there already, and is yours",
            hint="rename your data, or move that file away first",
        )
    if planned is not None:
        plan.changes.remove(planned)
    action = "new" if ours is None else "replaced"
    plan.changes.append(Change(path, action, ours=ours, new=File(data)))


def _find_planned(plan: Plan, path: str) -> Change | None:
    return next((change for change in plan.changes if change.path == path), None)


def _edit(repository: Repository, plan: Plan, path: str, edit: Callable[[str], str]) -> None:
    """Edit a document as the plan leaves it; one that is not there stays so."""
    planned = _find_planned(plan, path)
    before = planned.new if planned else repository.read(path)
    if before is None and path == documents.IGNORED:
        before = File(b"")  # what shall stay out of Git is not to depend on whether it is there
    if before is None or before.text is None:
        return
    after = File(edit(before.text).encode(), before.mode)
    if planned is not None:
        planned.new = after
    elif after != before:
        plan.changes.append(Change(path, "merged", ours=before, new=after))


def _propose(root: Path, done: Replacement) -> None:
    """Write datasets, metrics, slices and gates into the eval pack, and count the new gates."""
    tree = Folder(root)
    read = report.read(f"reports/{done.own.track}.json", tree)
    found = tree.read(EVAL_PACK)
    if isinstance(found, Unreadable):
        raise UserError(f"{EVAL_PACK} {found.message}", hint="restore it from Git")
    before = text = found.decode()
    for kind, entries in done.own.propose(read).items():
        text = documents.fill(text, kind, entries)
    if text != before:
        old = read_file(root / EVAL_PACK)
        writing.write(root / EVAL_PACK, text)
        new = read_file(root / EVAL_PACK)
        if done.plan.written and new is not None:
            updating.record_later(root, EVAL_PACK, old, new)
    done.proposed = len(documents.list_ids(text, "gates") - documents.list_ids(before, "gates"))
    done.notes += done.own.comment(read)
