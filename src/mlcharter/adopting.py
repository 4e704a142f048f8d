"""Bringing a charter to a repository that has code: only what is missing is written.

A file that is there stays as it is, and the answers say so, so that later updates leave it alone
too; the merges that a person asks for by name are the exception.
"""

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlcharter import copying, journal, newing, progress, proposing, questionnaire, yamlblock
from mlcharter.addresses import without_secrets
from mlcharter.answers import ANSWERS
from mlcharter.document import parse
from mlcharter.errors import UserError
from mlcharter.merging import trees
from mlcharter.merging.trees import Change, File
from mlcharter.plain import told
from mlcharter.proposing import Proposal
from mlcharter.questionnaire import Answers
from mlcharter.repository import Repository
from mlcharter.template import Template, embedded, fetched


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for; `words` are `KEY=VALUE`, `merges` names from MERGES."""

    words: Sequence[str] = ()
    file: Path | None = None
    prompt: bool = False
    merges: Sequence[str] = ()


@dataclass
class Plan:
    """All that an adoption would do; nothing of it is done yet."""

    root: Path
    proposals: list[Proposal]
    answers: Answers
    changes: list[Change] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    existing: dict[str, list[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def told(self) -> str:
        """The plan in words."""
        lines = ["answers:"]
        reasons = {p.name: p.reason for p in self.proposals if self.answers.get(p.name) == p.value}
        for name in (
            "project_name",
            "tracks",
            "owner",
            "tier",
            "layout",
            "package",
            "ci",
            "licence",
            *(name for name in self.answers if name.partition("_")[0] in self.answers["tracks"]),
        ):
            value = self.answers.get(name)
            shown = ", ".join(value) if isinstance(value, list) else value
            shown = ("yes" if value else "no") if isinstance(value, bool) else shown
            lines.append(f"  {name}: {shown}" + (f"  ({reasons[name]})" if name in reasons else ""))
        for role, paths in self.existing.items():
            lines.append(f"  {role} will point to {', '.join(paths)}, which stays as it is")
        lines += [f"  {note}" for note in self.notes]
        lines += ["", "files:"]
        lines += [f"  {change.what}: {change.path}" for change in self.changes]
        lines += [f"  yours, left alone: {path}" for path in self.kept]
        for name in self.offers:
            lines.append(f"  not merged: {MERGES[name].path}; add --merge {name} if it should be")
        return "".join(f"{told(line)}\n" for line in lines)


def plan(
    path: Path, wishes: Wishes, source: str | None, ref: str | None
) -> tuple[Repository, Plan]:
    """What adopting the charter would do to a repository."""
    repository = Repository(path)
    journal.refuse_pending(repository.journal)
    if repository.look(ANSWERS) is not None:
        raise UserError(f"{path} has a charter already", hint="run `mlcharter update`")
    with progress.steps(4 if source else 3) as tell:
        if source is None:
            return repository, _plan(repository, wishes, embedded(), tell)
        tell(f"fetching {without_secrets(source)}")
        return repository, _plan(repository, wishes, fetched(source, ref), tell)


def _plan(repository: Repository, wishes: Wishes, template: Template, tell: progress.Tell) -> Plan:
    tell("looking at the repository")
    questions = questionnaire.load(template.root)
    files = repository.files()
    inside = repository.prefix.rstrip("/")
    proposals = proposing.propose(repository.root, files, inside)
    given = questionnaire.read(questions, wishes.file) if wishes.file else {}
    given |= questionnaire.parsed(questions, wishes.words)
    if not wishes.prompt:
        given.setdefault("tracks", next(p.value for p in proposals if p.name == "tracks"))
    questionnaire.refuse_unknown_choices(questions, given)
    found = newing.suggestions(repository.root) | {p.name: p.value for p in proposals}
    tell("rendering the template")
    if wishes.prompt:
        tell("")
    tree, answers = _rendered(template, given, found, wishes.prompt)
    kept = [p for p, file in tree.items() if (repository.taken(p) and repository.look(p) != file)]
    if kept and questionnaire.KEPT in questions:
        tell(f"rendering the template without {len(kept)} files that are here")
        asked = answers | {questionnaire.KEPT: ", ".join(kept)}
        tree, answers = _rendered(template, asked, {}, False)
    made = Plan(repository.root, proposals, answers, kept=kept, notes=template.notes)
    for path, file in tree.items():
        if not repository.taken(path):
            made.changes.append(Change(path, "new", theirs=file, new=file))
    _point_to_existing(made, files)
    _merge_named(repository, made, wishes, template)
    return made


def apply(repository: Repository, made: Plan) -> None:
    """Write a plan; `mlcharter update --abort` takes it back."""
    repository.sparse.refuse(change.path for change in made.changes)
    with journal.locked(repository.journal):
        changed = {change.path for change in made.changes if change.ours is not None}
        if changed & repository.dirty():
            path = sorted(changed & repository.dirty())[0]
            raise UserError(f"{path} has changes that are not committed", hint="commit them first")
        steps = [journal.Step(c.path, c.ours, c.new) for c in made.changes]
        steps.sort(key=lambda step: step.path == ANSWERS)
        journal.begin(repository.journal, steps, "the charter was adopted", "")
        journal.finish(repository.journal, repository.root, lambda index: None)


def _rendered(
    template: Template, given: Answers, suggestions: Answers, prompt: bool
) -> tuple[dict[str, File], Answers]:
    """The template's tree, and the answers that it was made with."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        into = Path(folder, "tree")
        copying.render(template, into, answers=given, suggestions=suggestions, prompt=prompt)
        answers = questionnaire.read(questionnaire.load(template.root), into / ANSWERS)
        return trees.read_tree(into), answers


def _point_to_existing(made: Plan, files: Sequence[str]) -> None:
    """Name in the first prompt of each document those that already do its work."""
    written = {change.path: change for change in made.changes}
    made.existing = proposing.existing(files, list(written))
    for role, paths in made.existing.items():
        change = written[role]
        assert change.new is not None and change.new.text is not None
        text = _pointing(change.new.text, role, paths)
        change.new = File(text.encode(), change.new.mode)


def _pointing(text: str, role: str, paths: Sequence[str]) -> str:
    here = Path(role).parent
    names = ", ".join(Path(os.path.relpath(path, here)).as_posix() for path in paths)
    said = f"Something is written already: {names}. Move it here, or link to it."
    document = parse(text)
    prompt = next((block for block in document.blocks if block.kind == "prompt"), None)
    if prompt is None:
        title = next((block for block in document.blocks if block.kind == "heading"), None)
        at = title.end if title else 0
        return "".join([*document.lines[:at], f"\n<!-- {said} -->\n", *document.lines[at:]])
    new = prompt.text.replace("-->", f"{said} -->", 1)
    lines = document.lines
    return "".join([*lines[: prompt.line - 1], new, *lines[prompt.end :]])


# Merges into files that are there, each agreed to by its name.


@dataclass(frozen=True)
class Named:
    """A merge that a person may ask for: into which file, and how; None where it can't be."""

    path: str
    merge: Callable[[str, str], str | None]


def _with_lines(ours: str, theirs: str) -> str | None:
    have = {line.strip() for line in ours.splitlines()}
    new = [ln for ln in theirs.splitlines() if ln.strip() not in have and not ln.startswith("#")]
    start = ours if not ours or ours.endswith("\n") else f"{ours}\n"
    return start + "".join(f"{line}\n" for line in new)


def _with_entries(key: str) -> Callable[[str, str], str | None]:
    """Append what stands under a key of theirs to what stands under it in ours."""

    def merge(ours: str, theirs: str) -> str | None:
        mine, new = yamlblock.parse(ours), yamlblock.parse(theirs)
        if not all(isinstance(tree.value, dict) and tree.value.get(key) for tree in (mine, new)):
            return None
        if list(mine.value)[-1] != key or type(mine.value[key]) is not type(new.value[key]):
            return None
        start = new.key(key).line
        body = theirs.splitlines(keepends=True)[start:]
        depth = mine.mark(key).column - new.mark(key).column
        if isinstance(mine.value[key], list):
            depth = _dash(ours, mine.key(key).line) - _dash(theirs, start)
        rows = [" " * depth + row if depth > 0 else row[-depth:] for row in body if row.strip()]
        out = ours if ours.endswith("\n") else f"{ours}\n"
        out += "".join(rows)
        done = yamlblock.parse(out)
        whole = done.problem is None and len(done.value[key]) == len(mine.value[key]) + len(
            new.value[key]
        )
        return out if whole else None

    return merge


_STAGE = "test"  # where GitLab runs a job that names no stage


def _with_job(ours: str, theirs: str) -> str | None:
    """Append the job that checks the charter to a GitLab pipeline."""
    mine, new = yamlblock.parse(ours), yamlblock.parse(theirs)
    if not isinstance(mine.value, dict) or "charter" in mine.value:
        return None
    if not isinstance(new.value, dict) or list(new.value)[-1:] != ["charter"]:
        return None
    stages = mine.value.get("stages")
    if stages is not None and (not isinstance(stages, list) or _STAGE not in stages):
        return None
    rows = theirs.splitlines(keepends=True)[new.key("charter").line - 1 :]
    out = f"{ours.rstrip()}\n\n{''.join(rows)}"
    return out if yamlblock.parse(out).problem is None else None


def _dash(text: str, line: int) -> int:
    rows = text.splitlines()[line:]
    found = next((row for row in rows if re.match(r" *-", row)), "-")
    return len(found) - len(found.lstrip())


MERGES = {
    "gitignore": Named(".gitignore", _with_lines),
    "pre-commit": Named(".pre-commit-config.yaml", _with_entries("repos")),
    "ci": Named(".github/workflows/ci.yml", _with_entries("jobs")),
    "gitlab-ci": Named(".gitlab-ci.yml", _with_job),
}


def _merge_named(repository: Repository, made: Plan, wishes: Wishes, template: Template) -> None:
    """Carry out the merges that were asked for, and offer the others."""
    wanted = {name: MERGES[name] for name in MERGES if MERGES[name].path in made.kept}
    for name in wishes.merges:
        if name not in wanted:
            raise UserError(f"there is nothing to merge for {name}", hint="leave it out")
    if not wanted:
        return
    whole, _ = _rendered(template, {**made.answers, questionnaire.KEPT: ""}, {}, False)
    for name, named in wanted.items():
        ours, theirs = repository.look(named.path), whole.get(named.path)
        if ours is None or theirs is None or ours.text is None or theirs.text is None:
            continue
        merged = named.merge(ours.text, theirs.text)
        if merged is None or merged == ours.text:
            if name in wishes.merges:
                raise UserError(f"{named.path} can't be merged safely", hint="add it by hand")
            continue
        if name not in wishes.merges:
            made.offers.append(name)
            continue
        new = File(merged.encode(), ours.mode)
        made.changes.append(Change(named.path, "merged", theirs=theirs, ours=ours, new=new))
        made.kept.remove(named.path)
