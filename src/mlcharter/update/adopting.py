"""Add a charter to a repository that has code; only missing files are written.

An existing file stays as it is, and the answers record that, so that later updates leave it alone
too. The exception are additions that the user names with `--merge`.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from mlcharter.create import creating, tailoring
from mlcharter.gate.loading import EVAL_PACK
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
from mlcharter.update import additions, file_roles, journal, proposals, updating
from mlcharter.update.additions import FILES, Sections
from mlcharter.update.merging import trees
from mlcharter.update.merging.trees import Change, File
from mlcharter.update.proposals import Proposal
from mlcharter.update.repository import Repository

_MOST_NAMES = 2000  # that are read from one folder
SCRIPT = "tools/charter.py"
_PIPELINES = (".github/workflows/ci.yml", ".gitlab-ci.yml")
_SHOWN = ["project_name", "tracks", "owner", "tier", "layout", "package", "ci", "licence"]


@dataclass(frozen=True)
class AdoptRequest:
    """The options of `mlcharter adopt`; `data` are `KEY=VALUE` arguments.

    `merges` are names in FILES, or paths of documents. `only` are the paths of the documents that
    are written, by default all. `standard` is a file or a pinned address.
    """

    data: Sequence[str] = ()
    file: Path | None = None
    interactive: bool = False
    merges: Sequence[str] = ()
    only: Sequence[str] = ()
    standard: str | None = None


@dataclass
class Plan:
    """Everything that an adoption would write.

    `kept` has the path of each file that stays as it is, by the template's path for it. `top_only`
    are the template's files that have an effect at the top of a repository only. `answers_path` is
    the answers file, `inside` the path from the repository's top.
    """

    root: Path
    proposals: list[Proposal]
    answers: Answers
    answers_path: str = ANSWERS
    inside: str = ""
    changes: list[Change] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    top_only: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    existing: dict[str, list[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    merges_only: bool = False  # the charter exists, and only additions are requested

    def render(self) -> str:
        """Return a description of the plan for the user."""
        lines = [] if self.merges_only else [*self._list_answers(), ""]
        lines += ["files:"]
        lines += [f"  {change.action}: {change.path}" for change in self.changes]
        for path, ours in self.kept.items():
            lines.append(f"  yours, left alone: {ours}" + (f" (for {path})" * (ours != path)))
        for name in self.offers:
            path = FILES[name].path if name in FILES else name
            lines.append(f"  not merged: {path}; add --merge {name} to merge it")
        if self.top_only:
            lines += ["", *self._list_top_steps()]
        elif self._needs_gate_step():
            lines += ["", "to decide gates, let your CI run your eval and then this:"]
            lines += [f"  {self._find_program()} {self._gate}"]
        return "".join(f"{plain_message(line)}\n" for line in lines)

    def _list_answers(self) -> Iterator[str]:
        yield "answers:"
        reasons = {p.name: p.reason for p in self.proposals if self.answers.get(p.name) == p.value}
        of_tracks = (n for n in self.answers if n.partition("_")[0] in self.answers["tracks"])
        for name in (*_SHOWN, *of_tracks):
            shown = questionnaire.format_answer(self.answers.get(name))
            yield f"  {name}: {shown}" + (f"  ({reasons[name]})" if name in reasons else "")
        if self.answers_path == BESIDE:
            yield f"  they are in {BESIDE}, since {ANSWERS} belongs to another template"
        for role, paths in self.existing.items():
            yield f"  {role} will link to {', '.join(paths)}, which stays as it is"
        yield from (f"  {note}" for note in self.notes)

    def _needs_gate_step(self) -> bool:
        """Return whether there is an eval pack, and the template brings no pipeline for it."""
        written = {change.path for change in self.changes}
        has_pack = EVAL_PACK in written or EVAL_PACK in self.kept
        return has_pack and not self.merges_only and written.isdisjoint(_PIPELINES)

    def _find_program(self, folder: str = "") -> str:
        """Return how mlcharter is started after this adoption; `folder` is the path to it."""
        if self.answers["layout"] == "full":
            return f"{folder}.venv/bin/mlcharter"
        if any(change.path == SCRIPT for change in self.changes):
            return f"python3 {folder}{SCRIPT}"
        return "mlcharter"

    @property
    def _gate(self) -> str:
        return "gate reports/*.json" if self.answers["layout"] == "full" else "gate"

    def _list_top_steps(self) -> Iterator[str]:
        """Yield what to add at the top of a monorepo, where hosts and pre-commit look for it."""
        command = f"{self._find_program(f'{self.inside}/')} check {self.inside}"
        yield "these work only at the top of the repository; add there what is missing:"
        yield f"  CODEOWNERS: /{self.inside}/ {self.answers['owner']}"
        yield f"  CI: {command}"
        gate = f"cd {self.inside} && {self._find_program()} {self._gate}"
        yield f"  CI, after your eval: {gate}"
        yield "  .pre-commit-config.yaml, under `repos:`:"
        yield "    - repo: local"
        yield "      hooks:"
        yield f"        - {{id: charter, name: charter of {self.inside}, language: system,"
        yield f'           entry: "{command}", files: "^{self.inside}/", pass_filenames: false}}'


def plan(
    path: Path, request: AdoptRequest, source: str | None, ref: str | None
) -> tuple[Repository, Plan]:
    """Return what adopting the charter would change in a repository."""
    repository = Repository(path)
    journal.refuse_pending(repository.journal)
    if answers_file.is_charter(Folder(repository.root)):
        updating.read_answers(repository.root)  # no other command accepts damaged ones either
        if not request.merges:
            raise UserError(f"{path} has a charter already", hint="run `mlcharter update`")
        return repository, _plan_merges(repository, request)
    with progress.steps(3 if source else 2) as tell:
        if source is None:
            return repository, _plan(repository, request, load_embedded(), tell)
        tell(f"fetching {without_secrets(source)}")
        return repository, _plan(repository, request, fetch(source, ref), tell)


def _plan(
    repository: Repository, request: AdoptRequest, template: Template, tell: progress.Tell
) -> Plan:
    tell("reading the repository")
    questions = questionnaire.load(template.root)
    files = [*repository.list_files(), *_list_host_files(repository.root)]
    inside = repository.prefix.rstrip("/")
    proposals = _filter_valid(template.root, questions, _propose(repository, files, inside))
    explicit = questionnaire.read(questions, request.file) if request.file else {}
    explicit |= questionnaire.parse(questions, request.data)
    if request.standard is not None:
        tailoring.choose_tier(request.standard, explicit)
    if request.only:
        explicit[questionnaire.ONLY] = ", ".join(request.only)
        if explicit.setdefault("layout", "documents") != "documents":
            raise UserError("--only writes documents, and no starter", hint="leave out `layout`")
    if not request.interactive:
        explicit.setdefault("tracks", next(p.value for p in proposals if p.name == "tracks"))
    questionnaire.refuse_unknown_choices(questions, explicit)
    suggestions = creating.suggest_answers(repository.root) | {p.name: p.value for p in proposals}
    path = BESIDE if repository.is_taken(ANSWERS) else ANSWERS
    tell("rendering the template")
    if request.interactive:
        tell("")
    tree, answers = _render(template, explicit, suggestions, request, path, repository)
    plan = Plan(repository.root, proposals, answers, path, inside, notes=template.notes)
    plan.kept, plan.top_only = _find_kept(repository, tree, files, inside)
    if questionnaire.KEPT in questions:
        answers[questionnaire.KEPT] = ", ".join([*plan.kept, *plan.top_only])
    for name, file in tree.items():
        if name not in plan.kept and name not in plan.top_only and not repository.is_taken(name):
            plan.changes.append(Change(name, "new", theirs=file, new=file))
    _link_to_existing(plan, files)
    sections = Sections(repository.root, template.root, answers)
    _plan_additions(repository, plan, request, tree, sections)
    _record_kept(plan)
    return plan


def _propose(repository: Repository, files: Sequence[str], inside: str) -> list[Proposal]:
    origin = proposals.parse_remote(git.output("remote", "get-url", "origin", cwd=repository.root))
    return proposals.propose(repository.root, files, inside, origin)


def _filter_valid(
    template: Path, questions: dict[str, Question], proposals: Sequence[Proposal]
) -> list[Proposal]:
    """Return the proposals that are valid answers to their questions."""
    valid: list[Proposal] = []
    for proposal in proposals:
        answers = {p.name: p.value for p in valid}
        question = questions.get(proposal.name)
        if question and not questionnaire.validate(template, question, proposal.value, answers):
            valid.append(proposal)
    return valid


def _list_host_files(root: Path) -> Iterator[str]:
    """Yield the files at the top and in the folders that hosts read, tracked by Git or not."""
    for folder in ("", ".github", ".gitlab", "docs"):
        if (root / folder).is_dir() and not (root / folder).is_symlink():
            with os.scandir(root / folder) as entries:
                for entry in islice(entries, _MOST_NAMES):
                    if not entry.is_dir(follow_symlinks=False):
                        yield f"{folder}/{entry.name}" if folder else entry.name


def _find_kept(
    repository: Repository, tree: dict[str, File], files: Sequence[str], inside: str
) -> tuple[dict[str, str], list[str]]:
    """Return the existing files by the template's paths, and the template's files for the top."""
    top_only = [path for path in tree if inside and file_roles.works_at_top_only(path)]
    own = [path for path in tree if path not in top_only]
    others = file_roles.find_counterparts(own, files)
    kept = {}
    for path in own:
        other = path if repository.is_taken(path) else others.get(path)
        if other is not None and repository.read(path) != tree[path]:
            kept[path] = other
    return kept, top_only


def apply(repository: Repository, plan: Plan) -> None:
    """Write a plan; `mlcharter update --abort` reverts it."""
    repository.sparse.refuse(change.path for change in plan.changes)
    with journal.locked(repository.journal):
        changed = {change.path for change in plan.changes if change.ours is not None}
        if changed and changed & (dirty := repository.find_dirty()):
            path = sorted(changed & dirty)[0]
            raise UserError(f"{path} has uncommitted changes", hint="commit them first")
        steps = [journal.Step(c.path, c.ours, c.new) for c in plan.changes]
        steps.sort(key=lambda step: step.path == plan.answers_path)
        journal.begin(repository.journal, steps, "adoption of the charter", "")
        journal.finish(repository.journal, repository.root, lambda index: None)


def _render(
    template: Template,
    explicit: Answers,
    suggestions: Answers,
    request: AdoptRequest,
    path: str,
    repository: Repository,
) -> tuple[dict[str, File], Answers]:
    """Return the rendered template, and its answers; `path` is the answers file."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        into = Path(folder, "tree")
        rendering.render(
            template,
            into,
            answers=explicit,
            suggestions=suggestions,
            prompt=request.interactive,
            answers_file=path,
        )
        _refuse_unknown(request.only, into)
        if request.standard is not None:
            tailoring.apply_standard(into, request.standard, template)
        if request.standard is not None or request.only:
            tailoring.leave_out(into, template, repository.is_taken)
        answers = questionnaire.read(questionnaire.load(template.root), into / path)
        return trees.read_tree(into), answers


def _refuse_unknown(only: Sequence[str], into: Path) -> None:
    """Refuse paths of `--only` that the template does not write for these answers."""
    for path in only:
        if not (into / path).is_file():
            raise UserError(
                f"the template has no {path} for these answers",
                hint="`mlcharter adopt --dry-run` lists its files; a higher --tier has more",
            )


# The answers file lists the files that the template leaves alone.


def _record_kept(plan: Plan) -> None:
    """Record the kept files in the new answers file; they are known only after rendering."""
    kept = plan.answers.get(questionnaire.KEPT)
    for change in plan.changes:
        if change.path == plan.answers_path and kept and change.new and change.new.text:
            change.new = File(replace_kept(change.new.text, kept).encode(), change.new.mode)


def replace_kept(text: str, kept: str) -> str:
    """Return the text of an answers file with another answer to `kept`, formatted as by Copier."""
    import yaml

    line = yaml.safe_dump(
        {questionnaire.KEPT: kept}, indent=4, allow_unicode=True, default_flow_style=False
    )
    old = re.search(rf"(?m)^{questionnaire.KEPT}:.*\n(?:[ ]+.*\n)*", text)
    return f"{text}{line}" if old is None else text[: old.start()] + line + text[old.end() :]


# Links to existing documents with the same purpose


def _link_to_existing(plan: Plan, files: Sequence[str]) -> None:
    """Link from each new document, before its first section, to existing ones with its purpose.

    The template's own text is not changed, so that updates can still merge it.
    """
    written = {change.path: change for change in plan.changes}
    for role, paths in file_roles.find_existing(list(dict.fromkeys(files)), written).items():
        change = written[role]
        text = change.new.text if change.new else None
        if text is not None and (new := _add_links(text, role, paths)) is not None:
            change.new = File(new.encode(), change.new.mode if change.new else trees.PLAIN)
            plan.existing[role] = paths


def _add_links(text: str, role: str, paths: Sequence[str]) -> str | None:
    """Return a document with links to others; None for a form, which has no sections with ids."""
    document = parse(text)
    first = next((section for section in document.sections if section.id), None)
    if first is None:
        return None
    folder = Path(role).parent
    relative = [Path(os.path.relpath(path, folder)).as_posix() for path in paths]
    links = ", ".join(f"[{path}]({quote(path)})" for path in relative)
    note = f"Existing text is in {links}; move it here, or keep the link.\n\n"
    lines = document.lines
    return "".join([*lines[: first.line - 1], note, *lines[first.line - 1 :]])


# Additions to existing files, each requested by name


def _plan_additions(
    repository: Repository,
    plan: Plan,
    request: AdoptRequest,
    tree: dict[str, File],
    sections: Sections,
) -> None:
    """Add the requested additions to the plan, and offer the others."""
    possible = {name: FILES[name].path for name in FILES if FILES[name].path in plan.kept}
    possible |= {path: path for path in plan.kept if sections.find_spec(path)}
    for name in request.merges:
        if name not in possible:
            known = ", ".join(possible) or "none"
            raise UserError(
                f"--merge {name} does not match an existing file",
                hint=f"leave it out; allowed: {known}",
            )
    for name, path in possible.items():
        change = _merge_file(repository, name, path, tree[path], sections)
        if change is None and name in request.merges:
            raise UserError(f"{path} can't be merged safely", hint="add it by hand")
        if change is None:
            continue
        if name not in request.merges:
            plan.offers.append(name)
            continue
        plan.changes.append(change)
        del plan.kept[path]
        kept = str(plan.answers.get(questionnaire.KEPT, "")).split(", ")
        if name not in FILES:  # updates merge documents; other files stay the team's
            plan.answers[questionnaire.KEPT] = ", ".join(p for p in kept if p != path)


def _merge_file(
    repository: Repository, name: str, path: str, theirs: File, sections: Sections
) -> Change | None:
    """Return the change that adds theirs to a file; None if it has everything or can't merge."""
    ours = repository.read(path)
    if ours is None or ours.text is None or theirs.text is None:
        return None
    if name in FILES:
        merged = FILES[name].add(ours.text, theirs.text)
    else:
        merged = sections.add(path, ours.text)
    if merged is None or merged == ours.text:
        return None
    return Change(path, "merged", theirs=theirs, ours=ours, new=File(merged.encode(), ours.mode))


def _plan_merges(repository: Repository, request: AdoptRequest) -> Plan:
    """Return a plan that adds the template's sections to documents of an earlier adoption."""
    root = repository.root
    loaded = answers_file.load(Folder(root))
    plan = Plan(root, [], dict(loaded.values), loaded.path, merges_only=True)
    sections = additions.Sections(root, load_embedded().root, loaded.values)
    kept = [path for path in loaded.kept if path not in request.merges]
    for path in request.merges:
        if path not in loaded.kept or sections.find_spec(path) is None:
            known = ", ".join(p for p in loaded.kept if sections.find_spec(p)) or "none"
            raise UserError(
                f"{path} is not a document that the charter leaves alone", hint=f"allowed: {known}"
            )
        ours = repository.read(path)
        merged = sections.add(path, (ours.text or "") if ours else "")
        if merged is None:
            raise UserError(f"{path} can't be merged safely", hint="add its sections by hand")
        new = File(merged.encode(), ours.mode if ours else trees.PLAIN)
        plan.changes.append(Change(path, "merged", ours=ours, new=new))
    recorded = repository.read(loaded.path)
    if recorded is not None and recorded.text is not None:
        new = File(replace_kept(recorded.text, ", ".join(kept)).encode(), recorded.mode)
        plan.changes.append(Change(loaded.path, "updated", ours=recorded, new=new))
    return plan
