"""Founding a repository: answers from words, files, Git and the terminal, then one screen."""

import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter import copying, founding, git, progress, questionnaire
from mlcharter.questionnaire import Answers, Question
from mlcharter.specification import STANDARD
from mlcharter.template import Template, embedded, fetched, without_credentials


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for; `words` are `KEY=VALUE`."""

    words: Sequence[str]
    file: Path | None
    prompt: bool
    customise: bool
    commit: bool


def new(destination: Path, wishes: Wishes, source: str | None, ref: str | None) -> str:
    """Found a repository at `destination`; returns what a person should read about it."""
    target = destination.resolve()
    if founding.resume(target):
        return f"finished what was interrupted in {destination}\n"
    founding.refuse_filled(target)
    with (
        tempfile.TemporaryDirectory(prefix="mlcharter-") as folder,
        progress.steps(3 if source else 2) as tell,
    ):
        if source is None:
            return _found(embedded(), destination, target, wishes, tell)
        tell(f"fetching {without_credentials(source)}")
        template = fetched(source, ref, Path(folder, "t"))
        return _found(template, destination, target, wishes, tell)


def _found(
    template: Template, shown: Path, target: Path, wishes: Wishes, tell: progress.Tell
) -> str:
    questions = questionnaire.load(template.root)
    answers = questionnaire.read(questions, wishes.file) if wishes.file else {}
    answers |= questionnaire.parsed(questions, wishes.words)
    if not wishes.prompt:
        answers.setdefault("tracks", ["applied"])
    questionnaire.refuse_unknown_choices(questions, answers)
    hidden = [
        name
        for name, question in questions.items()
        if not question.asked and name != questionnaire.KEPT
    ]
    existed = target.is_dir()
    done = []

    def make(staging: Path) -> None:
        tell("rendering the template")
        if wishes.prompt:
            tell("")
        copying.render(
            template,
            staging,
            answers=answers,
            suggestions=suggestions(target),
            prompt=wishes.prompt,
            also_ask=[name for name in hidden if name not in answers] if wishes.customise else (),
        )
        tell("committing" if wishes.commit else "writing")
        if wishes.commit and not existed:
            done.append(founding.commit(staging))

    founding.found(target, make)
    if wishes.commit and existed:
        done.append(founding.commit(target))
    recorded = questionnaire.read(questions, target / founding.ANSWERS)
    return _screen(template, shown, target, recorded, questions, done)


def suggestions(target: Path) -> Answers:
    """What can be known without asking: from the folder's name and from Git."""
    found: Answers = {}
    name = re.sub(r"[\W_]+", " ", target.name).strip()
    if re.search(r"[^\W\d]", name) and len(name) <= 60:
        found["project_name"] = name
    else:
        found["project_name"] = "ML system"
    place = target if target.is_dir() else next(p for p in target.parents if p.is_dir())
    address = git.output("config", "user.email", cwd=place) or ""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        found["owner"] = address
    author = git.output("config", "user.name", cwd=place) or ""
    if re.fullmatch(r"[^<>{}\[\]|\\`*_#~&\x00-\x1f]{1,200}", author):
        found["author"] = author
    remote = git.output("remote", "get-url", "origin", cwd=place) if target.is_dir() else None
    found["ci"] = "gitlab" if "gitlab" in (remote or "") else "github"
    return found


def _screen(
    template: Template,
    shown: Path,
    target: Path,
    answers: Mapping[str, Any],
    questions: Mapping[str, Question],
    done: Sequence[str],
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
        *(f"Git       {words}" for words in done),
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
