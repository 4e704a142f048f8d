"""Founding a repository: answers from words, files, Git and the terminal, then one screen."""

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
from mlcharter.template.questionnaire import Answers, Question
from mlcharter.template.specification import STANDARD
from mlcharter.template.template import Template, embedded, fetched


@dataclass(frozen=True)
class NewRequest:
    """What the command line asked for; `words` are `KEY=VALUE`."""

    data: Sequence[str]
    file: Path | None
    interactive: bool
    customise: bool
    commit: bool
    defaults: bool = False


def new(destination: Path, request: NewRequest, source: str | None, ref: str | None) -> str:
    """Found a repository at `destination`; returns what a person should read about it."""
    target = destination.resolve()
    if atomic.resume(target):
        return f"finished what was interrupted in {destination}\n"
    atomic.refuse_filled(target)
    with progress.steps(3 if source else 2) as tell:
        if source is None:
            return _found(embedded(), destination, target, request, tell)
        tell(f"fetching {without_secrets(source)}")
        return _found(fetched(source, ref), destination, target, request, tell)


def _found(
    template: Template, shown: Path, target: Path, request: NewRequest, tell: progress.Tell
) -> str:
    questions = questionnaire.load(template.root)
    answers = questionnaire.read(questions, request.file) if request.file else {}
    answers |= questionnaire.parsed(questions, request.data)
    given = dict(answers)
    if not request.interactive:
        answers.setdefault("tracks", ["applied"])
    questionnaire.refuse_unknown_choices(questions, answers)
    existed = target.is_dir()
    done = []

    def make(staging: Path) -> None:
        tell("rendering the template")
        if request.interactive:
            tell("")
        rendering.render(
            template,
            staging,
            answers=answers,
            suggestions=suggestions(target),
            prompt=request.interactive,
            also_ask=_derived(questions, answers) if request.customise else (),
            count=partial(_count, questions, answers) if request.customise else None,
        )
        atomic.apply_umask(staging)
        tell("committing" if request.commit else "writing")
        if request.commit and not existed:
            done.append(atomic.commit(staging))

    atomic.found(target, make)
    if request.commit and existed:
        done.append(atomic.commit(target))
    recorded = questionnaire.read(questions, target / atomic.ANSWERS)
    notes = [] if request.interactive or request.defaults else _taken(questions, given, recorded)
    notes += _unreachable(template, shown)
    return _screen(template, shown, target, recorded, questions, done, notes)


def _derived(questions: Mapping[str, Question], given: Mapping[str, Any]) -> list[str]:
    """What `--customise` asks whatever the tracks are; the template asks the rest by itself."""
    return [
        name
        for name, question in questions.items()
        if not (question.asked or question.concerns or name in given or name == questionnaire.KEPT)
    ]


def _count(
    questions: Mapping[str, Question], given: Mapping[str, Any], answers: Mapping[str, Any]
) -> int | None:
    """How many questions `--customise` asks; None before the tracks are chosen."""
    tracks = answers.get("tracks")
    if not tracks:
        return None
    return sum(
        (question.track or question.concerns or tracks[0]) in tracks
        for name, question in questions.items()
        if name not in given and name != questionnaire.KEPT
    )


def _taken(
    questions: Mapping[str, Question], given: Mapping[str, Any], recorded: Mapping[str, Any]
) -> list[str]:
    """The answers that nobody gave and that a person would have been asked for."""
    taken = [
        f"  {name}: {_in_words(recorded[name])}"
        for name, question in questions.items()
        if question.asked and name in recorded and name not in given
    ]
    return ["", "no terminal to ask in; these defaults were taken:", *taken] if taken else []


def _unreachable(template: Template, shown: Path) -> list[str]:
    """A source on this machine: what it means, and the command that replaces it."""
    if not Path(template.source.removeprefix("file://")).is_absolute():
        return []
    answers = shlex.quote(str(shown / atomic.ANSWERS))
    return [
        "",
        "the template is a path on this machine, so that CI and other clones can't fetch it;",
        "record an address that they reach in place of URL, and commit that:",
        f"  sed -i.bak 's|^_src_path:.*|_src_path: URL|' {answers}",
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def suggestions(target: Path) -> Answers:
    """What can be known without asking: from the folder's name and from Git."""
    found: Answers = {}
    name = re.sub(r"[\W_]+", " ", target.name).strip()
    if re.search(r"[^\W\d]", name) and len(name) <= 60:
        found["project_name"] = name
    else:
        found["project_name"] = "ML system"
    place = target if target.is_dir() else next(p for p in target.parents if p.is_dir())
    address = _identity("EMAIL", "user.email", place)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        found["owner"] = address
    author = _identity("NAME", "user.name", place)
    if re.fullmatch(r"[^<>{}\[\]|\\`*_#~&\x00-\x1f]{1,200}", author):
        found["author"] = author
    remote = git.output("remote", "get-url", "origin", cwd=place) if target.is_dir() else None
    found["ci"] = "gitlab" if "gitlab" in (remote or "") else "github"
    return found


def _identity(variable: str, key: str, place: Path) -> str:
    """What Git would write into a commit: from the environment, else from the configuration."""
    given = os.environ.get(f"GIT_AUTHOR_{variable}")
    return given or git.output("config", key, cwd=place) or ""


def _screen(
    template: Template,
    shown: Path,
    target: Path,
    answers: Mapping[str, Any],
    questions: Mapping[str, Question],
    done: Sequence[str],
    notes: Sequence[str],
) -> str:
    files = [p for p in target.rglob("*") if p.is_file() and ".git" not in p.parts]
    full = answers["layout"] == "full"
    lines = [
        f"{answers['project_name']}: {', '.join(answers['tracks'])}, {answers['tier']}",
        f"{len(files)} files in {shown}",
        "",
        *(f"  {path}" for path in STANDARD),
        *([f"  src/{answers['package']}, evals, tests: a skeleton that runs"] if full else []),
        "",
        f"owner     {answers['owner']}",
        f"template  {template.source} at {template.commit[:12]}",
        *(f"          {note}" for note in template.notes),
        *(f"Git       {words}" for words in done),
        *notes,
        "",
        "next:",
        f"  cd {shlex.quote(str(shown))} && make setup test eval check"
        if full
        else f"  cd {shlex.quote(str(shown))} and read docs/design_doc.md",
        "",
        "the same again:",
        f"  {_again(shown, answers, questions)}",
    ]
    return "\n".join(lines) + "\n"


def _again(shown: Path, answers: Mapping[str, Any], questions: Mapping[str, Question]) -> str:
    words = ["mlcharter", "new", str(shown), "--defaults"]
    words += [word for track in answers["tracks"] for word in ("--track", track)]
    words += ["--tier", answers["tier"]]
    for name, question in questions.items():
        if name in answers and name not in ("tracks", "tier"):
            value = answers[name]
            if value == question.default and not question.asked:
                continue
            given = ("yes" if value else "no") if isinstance(value, bool) else value
            words += ["--data", f"{name}={given}"]
    return shlex.join(words)
