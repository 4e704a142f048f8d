"""Bringing a charter to a repository that has code: only what is missing is written.

A file that is there stays as it is, and the answers say so, so that later updates leave it alone
too; the additions that a person asks for by name are the exception.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from mlcharter.create import creating
from mlcharter.markdown.document import parse
from mlcharter.support import git, progress
from mlcharter.support.addresses import without_secrets
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain_message
from mlcharter.template import answers as answers_file
from mlcharter.template import questionnaire, rendering
from mlcharter.template.answers import ANSWERS, BESIDE
from mlcharter.template.questionnaire import Answers, Question
from mlcharter.template.template import Template, fetch, load_embedded
from mlcharter.update import additions, file_roles, journal, proposals
from mlcharter.update.additions import FILES, Sections
from mlcharter.update.file_roles import Present
from mlcharter.update.merging import trees
from mlcharter.update.merging.trees import Change, File
from mlcharter.update.proposals import Proposal
from mlcharter.update.repository import Repository

_MOST_NAMES = 2000  # in one folder of the host's
_SHOWN = ["project_name", "tracks", "owner", "tier", "layout", "package", "ci", "licence"]


@dataclass(frozen=True)
class AdoptRequest:
    """What the command line asked for; `words` are `KEY=VALUE`.

    `merges` are names from FILES, or paths of documents.
    """

    data: Sequence[str] = ()
    file: Path | None = None
    interactive: bool = False
    merges: Sequence[str] = ()


@dataclass
class Plan:
    """All that an adoption would do; nothing of it is done yet.

    `kept` has the path of each file that stays as it is, by the template's path for it; `elsewhere`
    are the template's files that work at the top of a repository only. `answers_path` is the
    answers file, `inside` the way from the repository's top.
    """

    root: Path
    proposals: list[Proposal]
    answers: Answers
    answers_path: str = ANSWERS
    inside: str = ""
    changes: list[Change] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    existing: dict[str, list[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    later: bool = False  # the charter is there, and only an addition is asked for

    def render(self) -> str:
        """The plan in words."""
        lines = [] if self.later else [*self._told_answers(), ""]
        lines += ["files:"]
        lines += [f"  {change.what}: {change.path}" for change in self.changes]
        for path, ours in self.kept.items():
            lines.append(f"  yours, left alone: {ours}" + (f" (for {path})" * (ours != path)))
        for name in self.offers:
            path = FILES[name].path if name in FILES else name
            lines.append(f"  not merged: {path}; add --merge {name} if it should be")
        if self.elsewhere:
            lines += ["", *self._told_top()]
        return "".join(f"{plain_message(line)}\n" for line in lines)

    def _told_answers(self) -> Iterator[str]:
        yield "answers:"
        reasons = {p.name: p.reason for p in self.proposals if self.answers.get(p.name) == p.value}
        of_tracks = (n for n in self.answers if n.partition("_")[0] in self.answers["tracks"])
        for name in (*_SHOWN, *of_tracks):
            value = self.answers.get(name)
            shown = ", ".join(value) if isinstance(value, list) else value
            shown = ("yes" if value else "no") if isinstance(value, bool) else shown
            yield f"  {name}: {shown}" + (f"  ({reasons[name]})" if name in reasons else "")
        if self.answers_path == BESIDE:
            yield f"  they are in {BESIDE}, since {ANSWERS} is another template's"
        for role, paths in self.existing.items():
            yield f"  {role} will link to {', '.join(paths)}, which stays as it is"
        yield from (f"  {note}" for note in self.notes)

    def _told_top(self) -> Iterator[str]:
        """What to add at the top of a monorepo, where hosts and pre-commit look for it."""
        command = f"python3 {self.inside}/tools/charter.py check {self.inside}"
        yield "these work at the top of a repository only; add there what is missing:"
        yield f"  CODEOWNERS: /{self.inside}/ {self.answers['owner']}"
        yield f"  CI: {command}"
        yield "  .pre-commit-config.yaml, under `repos:`:"
        yield "    - repo: local"
        yield "      hooks:"
        yield f"        - {{id: charter, name: charter of {self.inside}, language: system,"
        yield f'           entry: "{command}", files: "^{self.inside}/", pass_filenames: false}}'


def plan(
    path: Path, request: AdoptRequest, source: str | None, ref: str | None
) -> tuple[Repository, Plan]:
    """What adopting the charter would do to a repository."""
    repository = Repository(path)
    journal.refuse_pending(repository.journal)
    if answers_file.is_charter(Folder(repository.root)):
        _refuse_damaged(repository)
        if not request.merges:
            raise UserError(f"{path} has a charter already", hint="run `mlcharter update`")
        return repository, _later(repository, request)
    with progress.steps(3 if source else 2) as tell:
        if source is None:
            return repository, _plan(repository, request, load_embedded(), tell)
        tell(f"fetching {without_secrets(source)}")
        return repository, _plan(repository, request, fetch(source, ref), tell)


def _refuse_damaged(repository: Repository) -> None:
    """Refuse answers with which no other command could go on: they are not to be written over."""
    loaded = answers_file.load(Folder(repository.root))
    problem = loaded.problem.message if loaded.problem else None
    wanted = ("_src_path", "_commit", "tracks")
    missing = [name for name in wanted if not loaded.values.get(name)]
    if problem is None and missing:
        problem = f"it has no `{missing[0]}`"
    if problem is not None:
        raise UserError(
            f"{loaded.path}:{loaded.problem.line if loaded.problem else 1}: {problem}",
            hint="restore it from Git, or delete it and adopt again",
        )


def _plan(
    repository: Repository, request: AdoptRequest, template: Template, tell: progress.Tell
) -> Plan:
    tell("looking at the repository")
    questions = questionnaire.load(template.root)
    files = [*repository.files(), *_of_the_host(repository.root)]
    inside = repository.prefix.rstrip("/")
    proposals = _valid(template.root, questions, _proposed(repository, files, inside))
    given = questionnaire.read(questions, request.file) if request.file else {}
    given |= questionnaire.parse(questions, request.data)
    if not request.interactive:
        given.setdefault("tracks", next(p.value for p in proposals if p.name == "tracks"))
    questionnaire.refuse_unknown_choices(questions, given)
    suggested = creating.suggest_answers(repository.root) | {p.name: p.value for p in proposals}
    path = BESIDE if repository.taken(ANSWERS) else ANSWERS
    tell("rendering the template")
    if request.interactive:
        tell("")
    tree, answers = _rendered(template, given, suggested, request.interactive, path)
    made = Plan(repository.root, proposals, answers, path, inside, notes=template.notes)
    made.kept, made.elsewhere = _left_alone(repository, tree, Present(files), inside)
    if questionnaire.KEPT in questions:
        answers[questionnaire.KEPT] = ", ".join([*made.kept, *made.elsewhere])
    for name, file in tree.items():
        if name not in made.kept and name not in made.elsewhere and not repository.taken(name):
            made.changes.append(Change(name, "new", theirs=file, new=file))
    _link_to_existing(made, files)
    sections = Sections(repository.root, template.root, answers)
    _add_named(repository, made, request, tree, sections)
    _record_kept(made)
    return made


def _proposed(repository: Repository, files: Sequence[str], inside: str) -> list[Proposal]:
    origin = proposals.remote(git.output("remote", "get-url", "origin", cwd=repository.root))
    return proposals.propose(repository.root, files, inside, origin)


def _valid(
    template: Path, questions: dict[str, Question], proposals: Sequence[Proposal]
) -> list[Proposal]:
    """The proposals that their own questions would take."""
    valid: list[Proposal] = []
    for proposal in proposals:
        answers = {p.name: p.value for p in valid}
        question = questions.get(proposal.name)
        if question and not questionnaire.validate(template, question, proposal.value, answers):
            valid.append(proposal)
    return valid


def _of_the_host(root: Path) -> Iterator[str]:
    """The names of files at the top and where hosts look, of which Git need not know yet."""
    for folder in ("", ".github", ".gitlab", "docs"):
        if (root / folder).is_dir() and not (root / folder).is_symlink():
            with os.scandir(root / folder) as entries:
                for entry in islice(entries, _MOST_NAMES):
                    if not entry.is_dir(follow_symlinks=False):
                        yield f"{folder}/{entry.name}" if folder else entry.name


def _left_alone(
    repository: Repository, tree: dict[str, File], present: Present, inside: str
) -> tuple[dict[str, str], list[str]]:
    """The files that are there already, by the template's paths; and those for the top."""
    elsewhere = [path for path in tree if inside and file_roles.works_at_top_only(path)]
    kept = {}
    for path, file in tree.items():
        if path in elsewhere:
            continue
        if repository.taken(path):
            if repository.look(path) != file:
                kept[path] = path
        elif (other := present.like(path)) is not None:
            kept[path] = other
    return kept, elsewhere


def apply(repository: Repository, made: Plan) -> None:
    """Write a plan; `mlcharter update --abort` takes it back."""
    repository.sparse.refuse(change.path for change in made.changes)
    with journal.locked(repository.journal):
        changed = {change.path for change in made.changes if change.ours is not None}
        if changed and changed & (dirty := repository.dirty()):
            path = sorted(changed & dirty)[0]
            raise UserError(f"{path} has changes that are not committed", hint="commit them first")
        steps = [journal.Step(c.path, c.ours, c.new) for c in made.changes]
        steps.sort(key=lambda step: step.path == made.answers_path)
        journal.begin(repository.journal, steps, "the charter was adopted", "")
        journal.finish(repository.journal, repository.root, lambda index: None)


def _rendered(
    template: Template, given: Answers, suggestions: Answers, prompt: bool, path: str
) -> tuple[dict[str, File], Answers]:
    """The template's tree, and the answers that it was made with; `path` is their file."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        into = Path(folder, "tree")
        rendering.render(
            template,
            into,
            answers=given,
            suggestions=suggestions,
            prompt=prompt,
            answers_file=path,
        )
        answers = questionnaire.read(questionnaire.load(template.root), into / path)
        return trees.read_tree(into), answers


# The answers file says which files the template leaves alone.


def _record_kept(made: Plan) -> None:
    """Write into the new answers file what is kept, which is known only after it was rendered."""
    kept = made.answers.get(questionnaire.KEPT)
    for change in made.changes:
        if change.path == made.answers_path and kept and change.new and change.new.text:
            change.new = File(with_kept(change.new.text, kept).encode(), change.new.mode)


def with_kept(text: str, kept: str) -> str:
    """The text of an answers file with another answer to `kept`, in the form of Copier's own."""
    import yaml

    line = yaml.safe_dump(
        {questionnaire.KEPT: kept}, indent=4, allow_unicode=True, default_flow_style=False
    )
    found = re.search(rf"(?m)^{questionnaire.KEPT}:.*\n(?:[ ]+.*\n)*", text)
    return f"{text}{line}" if found is None else text[: found.start()] + line + text[found.end() :]


# Documents of the repository that do the work of ours


def _link_to_existing(made: Plan, files: Sequence[str]) -> None:
    """Link from each document, before its first section, to those that already do its work.

    The template's own text stays as it is, so that updates reach it.
    """
    written = {change.path: change for change in made.changes}
    for role, paths in file_roles.existing(list(dict.fromkeys(files)), written).items():
        change = written[role]
        text = change.new.text if change.new else None
        if text is not None and (new := _linking(text, role, paths)) is not None:
            change.new = File(new.encode(), change.new.mode if change.new else trees.PLAIN)
            made.existing[role] = paths


def _linking(text: str, role: str, paths: Sequence[str]) -> str | None:
    """A document with links to others; None for a form, which is there to be copied."""
    document = parse(text)
    first = next((section for section in document.sections if section.id), None)
    if first is None:
        return None
    here = Path(role).parent
    ways = [Path(os.path.relpath(path, here)).as_posix() for path in paths]
    links = ", ".join(f"[{way}]({quote(way)})" for way in ways)
    said = f"What is written already is in {links}; move it here, or keep the link.\n\n"
    lines = document.lines
    return "".join([*lines[: first.line - 1], said, *lines[first.line - 1 :]])


# Additions to files that are there, each agreed to by its name


def _add_named(
    repository: Repository,
    made: Plan,
    request: AdoptRequest,
    tree: dict[str, File],
    sections: Sections,
) -> None:
    """Carry out the additions that were asked for, and offer the others."""
    wanted = {name: FILES[name].path for name in FILES if FILES[name].path in made.kept}
    wanted |= {path: path for path in made.kept if sections.demand(path)}
    for name in request.merges:
        if name not in wanted:
            known = ", ".join(wanted) or "no file that is there"
            raise UserError(
                f"there is nothing to merge for {name}", hint=f"leave it out; allowed: {known}"
            )
    for name, path in wanted.items():
        change = _addition(repository, name, path, tree[path], sections)
        if change is None and name in request.merges:
            raise UserError(f"{path} can't be merged safely", hint="add it by hand")
        if change is None:
            continue
        if name not in request.merges:
            made.offers.append(name)
            continue
        made.changes.append(change)
        del made.kept[path]
        kept = str(made.answers.get(questionnaire.KEPT, "")).split(", ")
        if name not in FILES:  # documents are merged by updates; other files stay the team's
            made.answers[questionnaire.KEPT] = ", ".join(p for p in kept if p != path)


def _addition(
    repository: Repository, name: str, path: str, theirs: File, sections: Sections
) -> Change | None:
    ours = repository.look(path)
    if ours is None or ours.text is None or theirs.text is None:
        return None
    if name in FILES:
        merged = FILES[name].add(ours.text, theirs.text)
    else:
        merged = sections.added(path, ours.text)
    if merged is None or merged == ours.text:
        return None
    return Change(path, "merged", theirs=theirs, ours=ours, new=File(merged.encode(), ours.mode))


def _later(repository: Repository, request: AdoptRequest) -> Plan:
    """Add the template's sections to documents that an adoption left alone."""
    root = repository.root
    loaded = answers_file.load(Folder(root))
    made = Plan(root, [], dict(loaded.values), loaded.path, later=True)
    sections = additions.Sections(root, load_embedded().root, loaded.values)
    left = [path for path in loaded.kept if path not in request.merges]
    for path in request.merges:
        if path not in loaded.kept or sections.demand(path) is None:
            known = ", ".join(p for p in loaded.kept if sections.demand(p)) or "no document"
            raise UserError(
                f"{path} is no document that the charter left alone", hint=f"allowed: {known}"
            )
        ours = repository.look(path)
        merged = sections.added(path, (ours.text or "") if ours else "")
        if merged is None:
            raise UserError(f"{path} can't be merged safely", hint="add its sections by hand")
        new = File(merged.encode(), ours.mode if ours else trees.PLAIN)
        made.changes.append(Change(path, "merged", ours=ours, new=new))
    recorded = repository.look(loaded.path)
    if recorded is not None and recorded.text is not None:
        new = File(with_kept(recorded.text, ", ".join(left)).encode(), recorded.mode)
        made.changes.append(Change(loaded.path, "updated", ours=recorded, new=new))
    return made
