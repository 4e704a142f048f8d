"""Find what a repository still has of the starter, and remove it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcharter.check import engine
from mlcharter.starter import tracks
from mlcharter.support.files import Folder
from mlcharter.support.finding import Finding
from mlcharter.update import updating
from mlcharter.update.repository import Repository
from mlcharter.update.updating import Plan, UpdateRequest

RULE = "starter-left"
CODE = ("data/", "evals/", "src/", "tests/")
REMOVAL = UpdateRequest(to="current", data=["starter=false"], allow_dirty=None)


@dataclass(frozen=True)
class Left:
    """What is left of the starter.

    `deleted` and `changed` are the files that a removal would delete and change, `kept` those that
    the team has changed, so that a removal would leave them. `findings` are of rule `starter-left`.
    `replacements` are the commands that put a team's own data in the place of a starter.
    """

    deleted: Sequence[str] = ()
    changed: Sequence[str] = ()
    kept: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    replacements: Sequence[str] = ()

    def render(self) -> str:
        """Return the lists as text for a terminal."""
        marks = [
            f"{finding.path}:{finding.line}  {finding.message.partition('; ')[0]}"
            for finding in self.findings
        ]
        parts = (
            ("files that only the starter has", self.deleted),
            ("files with a part of the starter", self.changed),
            ("files of the starter that you changed; a removal keeps them", self.kept),
            ("places that are marked", marks),
        )
        lines: list[str] = []
        for title, entries in parts:
            if entries:
                lines += ["", f"{title}: {len(entries)}", *(f"  {entry}" for entry in entries)]
        if not lines:
            return "nothing is left of the starter\n"
        lines += ["", "`mlcharter starter remove` starts empty; Git is the way back"]
        lines += [f"`{command}` puts your own data in" for command in self.replacements]
        return "\n".join(lines[1:]) + "\n"


def find(root: Path) -> Left:
    """Return what is left of the starter; a folder without a charter is a UserError."""
    answers = updating.read_answers(root)
    today = datetime.datetime.now(datetime.UTC).date()
    charter = engine.open_charter(Folder(root), today)
    findings = engine.findings(charter, engine.load([RULE]))
    if answers.get("starter") is not True:
        return Left(findings=findings)
    plan = remove(root, write=False)
    files = [change for change in plan.changes if change.path != charter.answers.path]
    written = [change for change in files if change.written and not change.left]
    return Left(
        [change.path for change in written if change.new is None],
        [change.path for change in written if change.new is not None],
        [change.path for change in files if change not in written],
        findings,
        [module.EXAMPLE for module in tracks.find(answers).values()],
    )


def remove(root: Path, *, write: bool) -> Plan:
    """Plan the removal of the starter and, with `write`, do it, through the journal of updates."""
    return updating.update(root, REMOVAL, write, keep_own_code)


def keep_own_code(repository: Repository, plan: Plan) -> None:
    """Keep the team's version of a page of the starter that it rewrote.

    The template has an empty page instead, and a merge with that is of no use.
    """
    for change in plan.changes:
        if change.conflict and change.path.startswith(CODE):
            change.new, change.action, change.conflict = change.ours, "kept", False
            change.notes = ["it was the starter's; yours has changes and is kept"]
