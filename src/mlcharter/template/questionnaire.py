"""The questions of a template, and answers that were given in words.

Copier accepts unknown keys in silence and answers a bad value with a traceback; this does neither.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcharter.template import answers as answers_file
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy

if TYPE_CHECKING:
    from jinja2 import Environment

Answers = dict[str, Any]
_NEEDED = ("project_name", "tracks", "owner", "tier", "layout", "package")  # what we read or show
_TEMPLATE = "give the address of an mlcharter template, or choose another version of it"
KEPT = "kept"  # the answer that only `adopt` gives: files that were there before


@dataclass(frozen=True)
class Question:
    """`choices` are values, not labels; `default` may hold Jinja; `track` is who asks it.

    `concerns` is the track with which a derived answer has a use; None where it always has.
    """

    name: str
    help: str
    type: str
    choices: tuple[str, ...]
    several: bool
    default: Any
    asked: bool
    track: str | None
    concerns: str | None = None
    validator: str = ""


def load(root: Path) -> dict[str, Question]:
    """The questions of the template at `root`, by name, in the order in which they are asked.

    A template whose questions can't be read, or that lacks those which every charter has, is a
    UserError.
    """
    import yaml

    try:
        questions = _loaded(root)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, _NoQuestionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            f"the questions of the template can't be read: {reason}", hint=_TEMPLATE
        ) from error
    if missing := [name for name in _NEEDED if name not in questions]:
        raise UserError(
            f"this is no template of a charter: its copier.yml does not ask for `{missing[0]}`",
            hint=_TEMPLATE,
        )
    return questions


class _NoQuestionError(Exception):
    """An entry of copier.yml is not a question as this program reads it."""


def _loaded(root: Path) -> dict[str, Question]:
    import yaml

    text = (root / "copier.yml").read_text(encoding="utf-8")
    included = re.findall(r"^--- !include (\S+)$", text, re.MULTILINE)
    documents = yaml.safe_load_all(re.sub(r"^--- !include \S+$", "---", text, flags=re.MULTILINE))
    questions: dict[str, Question] = {}
    for document in filter(None, documents):
        questions |= _questions(document, None)
    for path in included:
        if not (root / path).resolve().is_relative_to(root.resolve()):
            raise _NoQuestionError(f"{path} is outside the template")
        document = yaml.safe_load((root / path).read_text(encoding="utf-8"))
        questions |= _questions(document, Path(path).parent.name)
    return questions


def _questions(document: object, track: str | None) -> dict[str, Question]:
    if not isinstance(document, dict):
        raise _NoQuestionError("it is not a mapping of questions")
    return {
        str(name): _question(str(name), spec, track)
        for name, spec in document.items()
        if not str(name).startswith("_")
    }


def _question(name: str, spec: object, track: str | None) -> Question:
    if not isinstance(spec, dict) or not isinstance(spec.get("type"), str):
        raise _NoQuestionError(f"`{name}` has no type")
    choices = spec.get("choices") or ()
    if not isinstance(choices, dict | list | tuple):
        raise _NoQuestionError(f"the choices of `{name}` are no list")
    return Question(
        name=name,
        help=str(spec.get("help") or ""),
        type=spec["type"],
        choices=_values(choices),
        several=spec.get("multiselect") is True,
        default=spec.get("default"),
        asked=spec.get("ask", True) is True,
        track=track,
        concerns=_concerned(spec.get("ask", True)),
        validator=str(spec.get("validator") or ""),
    )


def _concerned(ask: object) -> str | None:
    """The track in the condition under which `--customise` asks a question."""
    found = re.search(r"'(\w+)' in tracks", str(ask))
    return found[1] if found else None


def _values(choices: Mapping[str, Any] | Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, choices.values() if isinstance(choices, Mapping) else choices))


def parsed(questions: Mapping[str, Question], words: Iterable[str]) -> Answers:
    """The answers in `KEY=VALUE` words; text stays text: `yes` and `1e3` are not YAML here."""
    answers: Answers = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise UserError(f"`{word}` is not an answer", hint="write --data KEY=VALUE")
        question = _known(questions, key)
        if question.several:
            answers[key] = [part.strip() for part in value.strip("[] ").split(",") if part.strip()]
        elif question.type == "bool":
            answers[key] = _boolean(question, value)
        else:
            answers[key] = value
    return answers


def read(questions: Mapping[str, Question], path: Path) -> Answers:
    """The answers in a YAML file, such as another repository's `.copier-answers.yml`."""
    try:
        tree = answers_file.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error).splitlines()[0]
        raise UserError(
            f"cannot read answers from {path}: {reason}", hint="give a YAML file"
        ) from None
    if tree.problem:
        line, column, reason = tree.problem
        raise UserError(
            f"cannot read answers from {path}:{line}:{column}: {reason}", hint="give a YAML file"
        )
    if not isinstance(tree.value, dict):
        raise UserError(f"{path} holds no answers", hint="write one `key: value` a line")
    return {
        key: fitting(_known(questions, key), value, str(path))
        for key, value in tree.value.items()
        if not key.startswith("_")
    }


def fitting(question: Question, value: Any, where: str) -> Any:
    """A value as its question wants it; one that is no answer to it is refused."""
    if question.several:
        parts = value if isinstance(value, list) else [value]
        if all(isinstance(part, str) for part in parts):
            return parts
    elif question.type == "bool" and isinstance(value, bool | str):
        return _boolean(question, value)
    elif isinstance(value, str):
        return value
    if isinstance(value, list | dict) or question.several:
        shown = f"`{value}`"
        if isinstance(value, list | dict):
            shown = "a list" if isinstance(value, list) else "a mapping"
        wanted = "a list of text" if question.several else "text"
        hint = "write one value a line, with a dash" if question.several else "write one value"
        raise UserError(f"`{question.name}` in {where} is {shown}, not {wanted}", hint=hint)
    name = {True: "true", False: "false", None: "null"}[value]
    raise UserError(
        f"`{question.name}` in {where} is {name}, which YAML does not read as text",
        hint="put the value in quotes",
    )


def refuse_unknown_choices(questions: Mapping[str, Question], answers: Answers) -> None:
    """Refuse a value that a question with choices does not offer, and answers nobody asks for."""
    for key, value in answers.items():
        question = questions[key]
        given = value if question.several else [value]
        for choice in given if question.choices else ():
            if choice not in question.choices:
                raise UserError(
                    f"`{choice}` is no choice for {key}",
                    hint=remedy(str(choice), question.choices),
                )
    if (tracks := answers.get("tracks")) is None:
        return
    if not tracks:
        raise UserError(
            "no track is chosen", hint=f"choose from {', '.join(questions['tracks'].choices)}"
        )
    for key in answers:
        track = questions[key].track
        if track is not None and track not in tracks:
            raise UserError(
                f"`{key}` is asked for the track {track} only",
                hint=f"add --track {track}, or leave {key} out",
            )


def _known(questions: Mapping[str, Question], key: str) -> Question:
    if key not in questions:
        raise UserError(f"there is no question `{key}`", hint=remedy(key, questions))
    return questions[key]


def _boolean(question: Question, value: object) -> bool:
    words = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
    word = str(value).strip().lower()
    if word not in words:
        raise UserError(f"`{value}` is no answer to {question.name}", hint="allowed: yes, no")
    return words[word]


def refusal(template: Path, question: Question, value: Any, answers: Mapping[str, Any]) -> str:
    """Why a question would not take a value, in the words of its validator; empty where it would.

    `answers` are what else is answered, by name.
    """
    if question.choices:
        given = value if question.several else [value]
        wrong = [choice for choice in given if choice not in question.choices]
        return f"`{wrong[0]}` is no choice" if wrong else ""
    if not question.validator:
        return ""
    context = {**answers, question.name: value}
    return _environment(template).from_string(question.validator).render(context).strip()


@cache
def _environment(template: Path) -> "Environment":
    """What a template's validators are read with: Jinja, and the filters that Copier adds."""
    from jinja2 import FileSystemLoader
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=FileSystemLoader(template),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
    )
