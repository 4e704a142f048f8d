"""Replace the starter of the applied track by a team's own table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_
from pathlib import Path

from mlcharter.formats import report
from mlcharter.gate import eval_programs
from mlcharter.gate.loading import EVAL_PACK
from mlcharter.starter import documents, page, profile, proposals
from mlcharter.starter.profile import Costs, Profile, Request
from mlcharter.starter.removing import REMOVAL, keep_own_code
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable
from mlcharter.update import updating
from mlcharter.update.merging.trees import Change, File
from mlcharter.update.repository import Repository
from mlcharter.update.updating import Plan

LICENCES = "safety/licences.md"
SAFETY = "safety/safety_checklist.md"
REPORT = "reports/applied.json"
_HEADER = "| Asset | Licence | Terms read | Used for | Approved by |\n|---|---|---|---|---|"


@dataclass
class Replacement:
    """What a replacement changed; `proposed` is the number of gates that it proposed.

    `notes` say what was found in the data, and what is left to do.
    """

    plan: Plan
    profile: Profile
    proposed: int = 0
    notes: list[str] = field(default_factory=list)

    def render(self) -> str:
        """Return what was found in the data, and what comes next, as text for a terminal."""
        read = self.profile
        lines = [f"{read.name}: {read.rows} rows, a {read.kind} target", *self.notes]
        if self.proposed:
            lines.append(
                f"{self.proposed} gates are proposed in {EVAL_PACK}; they warn until a person "
                "has decided on them"
            )
            lines.append("next: `make check`, then `mlcharter prove` and `mlcharter status`")
        return "".join(f"{line}\n" for line in lines)


Ask = Callable[[Profile], Costs | None]


def replace(
    root: Path, request: Request, *, write: bool, ask: Ask = lambda profile: None
) -> Replacement:
    """Put a table in the place of the starter's data and, with `write`, evaluate it.

    The files are written by an update, which removes the starter. Then the eval of the repository
    is run, and gates are proposed from its report. A second call with the same table keeps what
    the team has changed in the files of the first, and goes on with the eval.
    `ask` gets the costs of a binary target that the request leaves out.
    """
    answers = updating.read_answers(root)
    if "applied" not in answers["tracks"] or answers.get("layout") != "full":
        raise UserError(
            "only the starter of the applied track can be replaced by a table",
            hint="the README says which files of other tracks to replace; then run "
            "`mlcharter starter remove`",
        )
    read = profile.read(request)
    if read.kind == "binary" and request.costs is None and (costs := ask(read)) is not None:
        read = replace_(read, request=replace_(request, costs=costs))
    texts = _write_texts(read, answers)

    def amend(repository: Repository, plan: Plan) -> None:
        keep_own_code(repository, plan)
        there = repository.read(f"data/{read.name}.csv")
        again = there is not None and there.data == read.content
        for path, text in texts.items():
            if not (again and repository.read(path)):
                _add(repository, plan, path, text)
        _edit(repository, plan, LICENCES, lambda old: _with_row(old, read))
        _edit(repository, plan, SAFETY, lambda old: _with_fields(old, read))

    done = Replacement(updating.update(root, REMOVAL, write, amend), read, notes=read.list_notes())
    if "platform" in answers["tracks"]:
        done.notes.append("the service still serves the starter's model; give it `export`")
    if write and not done.plan.conflicts:
        try:
            eval_programs.measure(root, "applied", eval_programs.LIMIT)
            done.proposed = _propose(root, read)
        except UserError as error:
            raise _after_writing(error, done.plan, texts) from error
    return done


def _after_writing(error: UserError, plan: Plan, texts: Mapping[str, bytes]) -> UserError:
    """Return the error of an eval, with what was written before it, and how to go back and on."""
    others = len([change for change in plan.changes if change.written]) - len(texts)
    shown = ", ".join(texts) + (f" and {others} more" if others > 0 else "")
    hint = f"{error.hint}\n" if error.hint else ""
    return UserError(
        f"{error.message}; before that, these files were written: {shown}",
        hint=f"{hint}to go on, correct the file that is at fault, commit, and run the same command "
        "again: it keeps your changes\n"
        "to go back, run `mlcharter update --abort` before you commit",
    )


def _write_texts(read: Profile, answers: dict[str, object]) -> dict[str, bytes]:
    """Return the new files by path: the data, the page of code, and the data card."""
    card = f"docs/cards/data_{read.name.replace('-', '_')}.md"
    return {
        f"data/{read.name}.csv": read.content,
        f"src/{answers['package']}/applied/system.py": page.write(read).encode(),
        card: documents.card(read, str(answers["owner"])).encode(),
    }


def _add(repository: Repository, plan: Plan, path: str, data: bytes) -> None:
    """Add a new file to the plan; a UserError if the team has changed the one that is there."""
    planned = _find_planned(plan, path)
    ours = planned.ours if planned else repository.read(path)
    unchanged = planned is not None and planned.ours == planned.base
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
    if before is None or before.text is None:
        return
    after = File(edit(before.text).encode(), before.mode)
    if planned is not None:
        planned.new = after
    elif after != before:
        plan.changes.append(Change(path, "merged", ours=before, new=after))


def _with_row(text: str, read: Profile) -> str:
    if f"data/{read.name}.csv" in text:
        return text
    return documents.add_row(text, "licence-inventory", documents.licence_row(read), _HEADER)


def _with_fields(text: str, read: Profile) -> str:
    if f"dataset: {read.name}," in text:
        return text
    return documents.fill(text, "pii_map", documents.pii_map(read))


def _propose(root: Path, read: Profile) -> int:
    """Write datasets, metrics, slices and gates into the eval pack; return how many gates."""
    tree = Folder(root)
    blocks = proposals.propose(report.read(REPORT, tree), read)
    found = tree.read(EVAL_PACK)
    if isinstance(found, Unreadable):
        raise UserError(f"{EVAL_PACK} {found.message}", hint="restore it from Git")
    text = found.decode()
    for kind, entries in blocks.items():
        text = documents.fill(text, kind, entries)
    writing.write(root / EVAL_PACK, text)
    return blocks["gates"].count("- id: ")
