"""Read the questions of a template, and answers from the command line and from files.

Copier ignores unknown keys and raises a traceback for a bad value; here both are a UserError.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy
from mlcharter.template import answers as answers_file
from mlcharter.template.bundled import embedded_root

if TYPE_CHECKING:
    from jinja2 import Environment

Answers = dict[str, Any]
_REQUIRED = ("project_name", "tracks", "owner", "tier", "layout", "package")  # read or shown by us
_TEMPLATE = "give the address of an mlcharter template, or choose another version of it"
KEPT = "kept"  # the answer that only `adopt` gives: files that existed before
ONLY = "only"  # the answer of `adopt --only`: the files that the template writes


@dataclass(frozen=True)
class Question:
    """A question of the template.

    `choices` are values, not labels; `default` may contain Jinja; `asked` is whether `new` asks it
    without `--customise`. `track` is the track that asks it, None for all.
    """

    name: str
    help: str
    type: str
    choices: tuple[str, ...]
    several: bool
    default: Any
    asked: bool
    track: str | None
    validator: str = ""


def load(root: Path) -> dict[str, Question]:
    """Return the questions of the template at `root`, by name, in the order of asking.

    A template whose questions can't be read, or that lacks a required one, is a UserError.
    """
    import yaml

    try:
        questions = _load(root)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            f"the questions of the template can't be read: {reason}", hint=_TEMPLATE
        ) from error
    if missing := [name for name in _REQUIRED if name not in questions]:
        raise UserError(
            f"this is not an mlcharter template: its copier.yml has no question `{missing[0]}`",
            hint=_TEMPLATE,
        )
    return questions


def _load(root: Path) -> dict[str, Question]:
    own = root == embedded_root()
    text = (root / "copier.yml").read_text(encoding="utf-8")
    included = re.findall(r"^--- !include (\S+)$", text, re.MULTILINE)
    plain = re.sub(r"^--- !include \S+$", "---", text, flags=re.MULTILINE)
    questions: dict[str, Question] = {}
    for document in filter(None, _parse(plain, own)):
        questions |= _questions(document, None)
    for path in included:
        if not (root / path).resolve().is_relative_to(root.resolve()):
            raise ValueError(f"{path} is outside the template")
        for document in filter(None, _parse((root / path).read_text(encoding="utf-8"), own)):
            questions |= _questions(document, Path(path).parent.name)
    return questions


@lru_cache(maxsize=32)  # an update reads two versions of a template, which are often equal
def _parse(text: str, own: bool) -> list[object]:
    """Return the YAML documents of a text, by libyaml for our `own` template, since it is faster.

    For other templates this module and Copier use the Python parser, so that they read the same.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if own else yaml.SafeLoader
    return list(yaml.load_all(text, loader))


def _questions(document: object, track: str | None) -> dict[str, Question]:
    if not isinstance(document, dict):
        raise ValueError("it is not a mapping of questions")
    return {
        str(name): _question(str(name), spec, track)
        for name, spec in document.items()
        if not str(name).startswith("_")
    }


def _question(name: str, spec: object, track: str | None) -> Question:
    if not isinstance(spec, dict) or not isinstance(spec.get("type"), str):
        raise ValueError(f"`{name}` has no type")
    choices = spec.get("choices") or ()
    if not isinstance(choices, dict | list | tuple):
        raise ValueError(f"the choices of `{name}` are not a list")
    return Question(
        name=name,
        help=str(spec.get("help") or ""),
        type=spec["type"],
        choices=_values(choices),
        several=spec.get("multiselect") is True,
        default=spec.get("default"),
        asked=spec.get("ask", True) is True,
        track=track,
        validator=str(spec.get("validator") or ""),
    )


def _values(choices: Mapping[str, Any] | Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, choices.values() if isinstance(choices, Mapping) else choices))


def parse(questions: Mapping[str, Question], arguments: Iterable[str]) -> Answers:
    """Return the answers in `KEY=VALUE` arguments; `yes` and `1e3` are text, not YAML."""
    answers: Answers = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(f"`{argument}` is not an answer", hint="write --data KEY=VALUE")
        question = _get_question(questions, key)
        if question.several:
            answers[key] = [part.strip() for part in value.strip("[] ").split(",") if part.strip()]
        elif question.type == "bool":
            answers[key] = _parse_boolean(question, value)
        else:
            answers[key] = value
    return answers


def read(questions: Mapping[str, Question], path: Path) -> Answers:
    """Return the answers in a YAML file, such as another repository's `.copier-answers.yml`."""
    try:
        tree = answers_file.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error).splitlines()[0]
        raise UserError(
            f"can't read answers from {path}: {reason}", hint="give a YAML file"
        ) from None
    if tree.problem:
        line, column, reason = tree.problem
        raise UserError(
            f"can't read answers from {path}:{line}:{column}: {reason}", hint="give a YAML file"
        )
    if not isinstance(tree.value, dict):
        raise UserError(f"{path} contains no answers", hint="write one `key: value` per line")
    return {
        key: convert(_get_question(questions, key), value, str(path))
        for key, value in tree.value.items()
        if not key.startswith("_")
    }


def convert(question: Question, value: Any, where: str) -> Any:
    """Return a value in the type of its question; another type is a UserError naming `where`."""
    if question.several:
        parts = value if isinstance(value, list) else [value]
        if all(isinstance(part, str) for part in parts):
            return parts
    elif question.type == "bool" and isinstance(value, bool | str):
        return _parse_boolean(question, value)
    elif isinstance(value, str):
        return value
    shown = {list: "a list", dict: "a mapping", NoneType: "null"}.get(type(value))
    expected, hint = "text", "put the value in quotes"
    if question.several:
        expected, hint = "a list of text", "write one value per line, with a dash"
    elif isinstance(value, list | dict):
        hint = "write one value"
    raise UserError(
        f"`{question.name}` in {where} is {shown or str(value).lower()}, not {expected}", hint=hint
    )


def format_answer(value: Any) -> str:
    """Return an answer as a person or a command line writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def refuse_unknown_choices(questions: Mapping[str, Question], answers: Answers) -> None:
    """Refuse a value that is not a choice of its question, and answers of other tracks."""
    for key, value in answers.items():
        question = questions[key]
        values = value if question.several else [value]
        for choice in values if question.choices else ():
            if choice not in question.choices:
                raise UserError(
                    f"`{choice}` is not a choice of {key}",
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
                f"`{key}` is a question of the track {track} only",
                hint=f"add --track {track}, or leave {key} out",
            )


def _get_question(questions: Mapping[str, Question], key: str) -> Question:
    if key not in questions:
        raise UserError(f"there is no question `{key}`", hint=remedy(key, questions))
    return questions[key]


def _parse_boolean(question: Question, value: object) -> bool:
    booleans = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
    name = str(value).strip().lower()
    if name not in booleans:
        raise UserError(f"`{value}` is not an answer to {question.name}", hint="allowed: yes, no")
    return booleans[name]


def validate(template: Path, question: Question, value: Any, answers: Mapping[str, Any]) -> str:
    """Return the error message of a question's validator for a value; empty if it is valid.

    `answers` are the other answers, by name.
    """
    if question.choices:
        values = value if question.several else [value]
        unknown = [choice for choice in values if choice not in question.choices]
        return f"`{unknown[0]}` is not a choice" if unknown else ""
    if not question.validator:
        return ""
    context = {**answers, question.name: value}
    return _environment(template).from_string(question.validator).render(context).strip()


@cache
def _environment(template: Path) -> "Environment":
    """Return the environment of a template's validators: Jinja, and the filters Copier adds."""
    from jinja2 import FileSystemLoader
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=FileSystemLoader(template),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
    )
