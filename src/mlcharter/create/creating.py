"""Create a repository: read the answers, render the template, commit, and print a summary.

Answers come from arguments, a file, Git and the terminal.
"""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mlcharter.create import atomic
from mlcharter.support import git, progress
from mlcharter.support.addresses import without_secrets
from mlcharter.template import questionnaire, rendering
from mlcharter.template.answers import ANSWERS
from mlcharter.template.questionnaire import Answers, Question
from mlcharter.template.specification import STANDARD
from mlcharter.template.template import Template, fetch, load_embedded

_OF_ADOPT = (questionnaire.KEPT, questionnaire.ONLY)


@dataclass(frozen=True)
class NewRequest:
    """The options of `mlcharter new`; `data` are `KEY=VALUE` arguments.

    `standard` is a file or a pinned address.
    """

    data: Sequence[str]
    file: Path | None
    interactive: bool
    customise: bool
    commit: bool
    defaults: bool = False
    standard: str | None = None


def new(destination: Path, request: NewRequest, source: str | None, ref: str | None) -> str:
    """Create a repository at `destination`; return the summary for the user."""
    target = destination.resolve()
    if atomic.resume(target):
        return f"finished what was interrupted in {destination}\n"
    atomic.refuse_filled(target)
    with progress.steps(3 if source else 2) as tell:
        if source is None:
            return _create(load_embedded(), destination, target, request, tell)
        tell(f"fetching {without_secrets(source)}")
        return _create(fetch(source, ref), destination, target, request, tell, source)


def _create(
    template: Template,
    shown: Path,
    target: Path,
    request: NewRequest,
    tell: progress.Tell,
    source: str | None = None,
) -> str:
    questions = questionnaire.load(template.root)
    answers = _read_answers(questions, request)
    explicit = dict(answers)
    if not request.interactive:
        answers.setdefault("tracks", ["applied"])
    questionnaire.refuse_unknown_choices(questions, answers)
    existed = target.is_dir()
    commits = []

    def make(staging: Path) -> None:
        tell("rendering the template")
        if request.interactive:
            tell("")
        rendering.render(
            template,
            staging,
            answers=answers,
            suggestions=suggest_answers(target),
            prompt=request.interactive,
            also_ask=_list_derived(questions, answers) if request.customise else (),
            count=partial(_count, questions, answers) if request.customise else None,
        )
        if request.standard is not None:
            _tailor(staging, request.standard, template)
        atomic.apply_umask(staging)
        tell("committing" if request.commit else "writing")
        if request.commit and not existed:
            commits.append(atomic.commit(staging))

    atomic.create(target, make)
    if request.commit and existed:
        commits.append(atomic.commit(target))
    recorded = questionnaire.read(questions, target / ANSWERS)
    notes = [f"Git       {line}" for line in commits]
    if not (request.interactive or request.defaults):
        notes += _list_defaults(questions, explicit, recorded)
    notes += _warn_of_local_source(template, shown)
    notes += _list_failing(target) if request.standard is not None else []
    command = _format_command(shown, recorded, questions, _list_sources(template, request, source))
    return _summarise(template, shown, target, recorded, notes, command)


def _tailor(staging: Path, standard: str, template: Template) -> None:
    from mlcharter.create import tailoring

    tailoring.apply_standard(staging, standard, template)
    tailoring.leave_out(staging, template)


def _list_failing(target: Path) -> list[str]:
    from mlcharter.create import tailoring

    failing = tailoring.describe_failing(target)
    return ["", *failing] if failing else []


def _read_answers(questions: Mapping[str, Question], request: NewRequest) -> Answers:
    """Return the answers that the user gave, with the tier of the standard."""
    answers = questionnaire.read(questions, request.file) if request.file else {}
    answers |= questionnaire.parse(questions, request.data)
    if request.standard is not None:
        from mlcharter.create import tailoring  # imports what `check` needs

        tailoring.choose_tier(request.standard, answers)
    return answers


def _list_derived(questions: Mapping[str, Question], explicit: Mapping[str, Any]) -> list[str]:
    """Return the questions that `--customise` adds for all tracks; the template adds the others."""
    return [
        name
        for name, question in questions.items()
        if not (question.asked or name in explicit or name in _OF_ADOPT)
    ]


def _count(
    questions: Mapping[str, Question], explicit: Mapping[str, Any], answers: Mapping[str, Any]
) -> int | None:
    """Return how many questions `--customise` asks; None before the tracks are chosen."""
    tracks = answers.get("tracks")
    if not tracks:
        return None
    return sum(
        (question.track or tracks[0]) in tracks
        for name, question in questions.items()
        if name not in explicit and name not in _OF_ADOPT
    )


def _list_defaults(
    questions: Mapping[str, Question], explicit: Mapping[str, Any], recorded: Mapping[str, Any]
) -> list[str]:
    """Return lines that list the defaults of questions that a terminal would have asked."""
    defaults = [
        f"  {name}: {questionnaire.format_answer(recorded[name])}"
        for name, question in questions.items()
        if question.asked and name in recorded and name not in explicit
    ]
    return ["", "no terminal to ask in; these defaults were used:", *defaults] if defaults else []


def _warn_of_local_source(template: Template, shown: Path) -> list[str]:
    """Return a warning if the source is a local path, with the command that replaces it."""
    if not Path(template.source.removeprefix("file://")).is_absolute():
        return []
    answers = shlex.quote(str(shown / ANSWERS))
    return [
        "",
        "the template is a local path, which CI and other clones can't fetch;",
        "run this with an address that they can reach as URL, and commit:",
        f"  sed -i.bak 's|^_src_path:.*|_src_path: URL|' {answers}",
    ]


def suggest_answers(target: Path) -> Answers:
    """Return answers that the folder's name and Git suggest."""
    answers: Answers = {}
    name = re.sub(r"[\W_]+", " ", target.name).strip()
    if re.search(r"[^\W\d]", name) and len(name) <= 60:
        answers["project_name"] = name
    else:
        answers["project_name"] = "ML system"
    folder = target if target.is_dir() else next(p for p in target.parents if p.is_dir())
    address = _read_identity("EMAIL", "user.email", folder)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        answers["owner"] = address
    author = _read_identity("NAME", "user.name", folder)
    if re.fullmatch(r"[^<>{}\[\]|\\`*_#~&\x00-\x1f]{1,200}", author):
        answers["author"] = author
    remote = git.output("remote", "get-url", "origin", cwd=folder) if target.is_dir() else None
    answers["ci"] = "gitlab" if "gitlab" in (remote or "") else "github"
    return answers


def _read_identity(variable: str, key: str, folder: Path) -> str:
    """Return the author that Git would use: from the environment, else its configuration."""
    author = os.environ.get(f"GIT_AUTHOR_{variable}")
    return author or git.output("config", key, cwd=folder) or ""


def _summarise(
    template: Template,
    shown: Path,
    target: Path,
    answers: Mapping[str, Any],
    notes: Sequence[str],
    command: str,
) -> str:
    files = [p for p in target.rglob("*") if p.is_file() and ".git" not in p.parts]
    full = answers["layout"] == "full"
    has_starter = answers.get("starter", True)  # templates without that question have one
    content = "a starter that runs" if has_starter else "no starter; the evals say what to write"
    lines = [
        f"{answers['project_name']}: {', '.join(answers['tracks'])}, {answers['tier']}",
        f"{len(files)} files in {shown}",
        "",
        *(f"  {path}" for path in STANDARD if (target / path).is_file()),
        *([f"  src/{answers['package']}, evals, tests: {content}"] if full else []),
        "",
        f"owner     {answers['owner']}",
        f"template  {template.source} at {template.commit[:12]}",
        *(f"          {note}" for note in template.notes),
        *notes,
        "",
        "next:",
        f"  cd {shlex.quote(str(shown))} && make setup test eval check"
        if full
        else f"  cd {shlex.quote(str(shown))} and read docs/design_doc.md",
        "",
        "to create the same repository again:",
        f"  {command}",
    ]
    return "\n".join(lines) + "\n"


def _list_sources(template: Template, request: NewRequest, source: str | None) -> list[str]:
    """Return the options that name the template, at its version, and the standard."""
    args = []
    if source is not None:
        args += ["--template", without_secrets(source), "--ref", template.commit]
    if request.standard is not None:
        args += ["--standard", without_secrets(request.standard)]
    return args


def _format_command(
    shown: Path,
    answers: Mapping[str, Any],
    questions: Mapping[str, Question],
    sources: Sequence[str],
) -> str:
    """Return the `mlcharter new` command that creates the same repository."""
    args = ["mlcharter", "new", str(shown), "--defaults", *sources]
    args += [arg for track in answers["tracks"] for arg in ("--track", track)]
    args += ["--tier", answers["tier"]]
    for name, question in questions.items():
        if name in answers and name not in ("tracks", "tier"):
            value = answers[name]
            if value == question.default and not question.asked:
                continue
            args += ["--data", f"{name}={questionnaire.format_answer(value)}"]
    return shlex.join(args)
