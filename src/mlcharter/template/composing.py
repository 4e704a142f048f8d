"""Compose the template's documents for the chosen tracks and tier, as text, without Copier.

A slot is replaced by the text of the tracks; names of answers stay in their braces. The documents
use no other Jinja than this module reads: a test compares every combination of tracks with what
Copier renders.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = "template/project"
# The answers that decide which text a repository gets; others are names in its text.
DECIDING_ANSWERS = (
    *("tracks", "tier", "layout", "starter", "only", "ci", "licence"),
    *("applied_kind", "rag_hosting", "rag_tools", "rl_setting", "rl_learned_reward"),
    "incident_laws",
)
CODE_FOLDERS = frozenset(("src", "tests", "evals", "data", "reports", "tools"))
# Patterns are compiled when first used: a check with a warm cache needs none.
# A dash strips the white space on its side.
_TOKEN = r"(?:\s*\{([{%])-|\{([{%])) ([^{}%\n]+?) (?:-[%}]\}\s*|[%}]\})"
_CALL = r'(slot|shared|shipped|full)\((.+?)(?:, (\[[a-z", ]*\]))?(?:, (\[[a-z", ]*\]))?\)'
_NAME = r"[a-z_]+(?: \| tojson)?"
_CHOICE = r'"([^"]*)" if (starter|only) else "([^"]*)"'
_CHOSEN = r'chosen\("([a-z_]+)", ([a-z_]+)\)'
_WILD = frozenset("*?[")
_EXCLUSION = r"""\{% if (.+) %\}(.+)\{% endif %\}"""
_MEMBERSHIP = r"'([\w.-]+)' not in (\w+)"
_COMPARISON = r"(\w+) (==|!=) '([\w.-]+)'"
_NEGATION = r"not (\w+)"


class ForeignSyntaxError(Exception):
    """The template uses Jinja that this module does not read: a bug of the template."""


# Which files a repository gets


def list_documents(root: Path, answers: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of the template's Markdown files that a repository with these answers gets.

    Paths are relative to `template/project` and keep their `.jinja`. Hidden folders are skipped,
    since they belong to the host, and so are folders whose name is an answer: those hold code.
    """
    excluded = read_exclusions(root, answers)
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in sorted((root / PROJECT / folder).iterdir()):
            path = f"{folder}{entry.name}"
            if entry.name[0] in ".{" or _is_excluded(path.removesuffix(".jinja"), excluded):
                continue
            if path.endswith((".md", ".md.jinja")):
                yield path
            elif "." not in entry.name and entry.is_dir() and path not in CODE_FOLDERS:
                waiting.append(f"{path}/")


def read_exclusions(root: Path, answers: Mapping[str, Any]) -> list[str]:
    """Return the patterns of `_exclude`, in copier.yml and the tracks' questions, that apply."""
    files = [root / "copier.yml", *sorted((root / "template/tracks").glob("*/questions.yml"))]
    patterns = []
    for file in files:
        _, _, lines = _text(file).partition("\n_exclude:\n")
        for line in lines.splitlines():
            condition = re.search(_EXCLUSION, line)
            if condition and is_true(condition[1], answers):
                patterns.append(condition[2])
    return patterns


def is_true(condition: str, answers: Mapping[str, Any]) -> bool:
    """Return whether a condition of `_exclude` holds; another syntax is a ForeignSyntaxError."""
    if " and " in condition:
        parts = [is_true(part, answers) for part in condition.split(" and ")]  # all are to be read
        return all(parts)
    if absent := re.fullmatch(_MEMBERSHIP, condition):
        return absent[1] not in answers.get(absent[2], ())
    if compared := re.fullmatch(_COMPARISON, condition):
        return (answers.get(compared[1]) == compared[3]) is (compared[2] == "==")
    if negated := re.fullmatch(_NEGATION, condition):
        return not answers.get(negated[1], negated[1] == "starter")  # older answers lack that one
    raise ForeignSyntaxError(f"unsupported condition in _exclude: {condition}")


def _is_excluded(path: str, patterns: list[str]) -> bool:
    """Return whether Copier leaves a path out: a pattern without a slash matches at any depth."""
    for pattern in patterns:
        pieces = pattern.strip("/").split("/")
        parts = path.split("/")
        if "/" not in pattern:
            parts = parts[-1:]
        if len(parts) == len(pieces) and all(map(_matches, parts, pieces)):
            return True
    return False


def _matches(name: str, pattern: str) -> bool:
    # Most patterns are plain names, and compiling one takes longer than comparing it.
    return name == pattern or (not _WILD.isdisjoint(pattern) and fnmatchcase(name, pattern))


# Composing


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def compose(root: Path, path: str, answers: Mapping[str, Any]) -> str:
    """Return a document of `template/project` for these answers, names still in braces."""
    return limit_to_tier(root, path, fill_slots(root, path, answers), answers)


def fill_slots(root: Path, path: str, answers: Mapping[str, Any]) -> str:
    """Return a document with what every tier has, and the marks that say so."""
    return _fill(root, _text(root / PROJECT / path), answers)


def limit_to_tier(root: Path, path: str, text: str, answers: Mapping[str, Any]) -> str:
    """Return a document without what is from a higher tier, as the macro `of_tier` does.

    Without an answer to `tier`, everything is kept. `text` is the result of `fill_slots`.
    """
    if "{% call of_tier()" not in _text(root / PROJECT / path):
        return text
    higher = {"prototype": "production|critical", "production": "critical"}
    starters = "|".join(_list_topics(answers)) if answers.get("layout") == "full" else "-"
    left_out = (
        f" ?<!-- from (?:{higher.get(str(answers.get('tier')), '-')})"
        rf"(?: or with (?!(?:[a-z]+, )*(?:{starters})\b)[a-z, ]+)? -->"
    )
    for pattern, replacement in (
        (rf"(?ms)^## [^\n]*{left_out}$.*?(?=^## |\Z)", ""),
        (rf"(?ms)^### [^\n]*{left_out}$.*?(?=^##|\Z)", ""),
        (rf"(?m)^(?:<!-- config: [a-z_]+ -->)?{left_out}\n(?:.+\n)*", ""),
        (rf"(?m)^.+{left_out}\n(?: +.*\n)*", ""),
        (r"(?m) or with [a-z, ]+ -->$", " -->"),
        (r"(?m)^<!-- from [a-z]+ -->\n", ""),
        (r"(?m)^((?!- \[).+) <!-- from [a-z]+ -->$", r"\1"),
        (r"\n{3,}", "\n\n"),
    ):
        text = re.sub(pattern, replacement, text)
    return f"{text.strip()}\n"


def _fill(root: Path, text: str, answers: Mapping[str, Any]) -> str:
    def replace(token: re.Match[str]) -> str:
        return _evaluate(root, token[1] or token[2], token[3], answers)

    return re.sub(_TOKEN, replace, text) if "{" in text else text


def _evaluate(root: Path, bracket: str, code: str, answers: Mapping[str, Any]) -> str:
    if bracket == "%" and (code.startswith("from ") or code in ("call of_tier()", "endcall")):
        return ""
    if bracket == "%" and code.startswith("include "):
        return _fill(root, _text(root / _evaluate_path(code[8:], answers)), answers)
    if bracket == "{" and (call := re.fullmatch(_CALL, code)):
        return _fill_slot(root, call, answers)
    if bracket == "{" and (choice := re.fullmatch(_CHOICE, code)):
        return choice[1] if answers.get(choice[2], choice[2] == "starter") else choice[3]
    if bracket == "{" and (chosen := re.fullmatch(_CHOSEN, code)):
        names = [f"{chosen[1]}/{name}" for name in answers.get(chosen[2], ())] or [chosen[1]]
        return "".join(f"\n{_text(root / f'template/shared/{name}.yml').strip()}" for name in names)
    if bracket == "{" and re.fullmatch(_NAME, code):
        return f"{{{{ {code} }}}}"
    raise ForeignSyntaxError(f"unsupported Jinja in a document: {code}")


def _fill_slot(root: Path, call: re.Match[str], answers: Mapping[str, Any]) -> str:
    """Return the text of a slot: that of the chosen tracks, or the one that they share."""
    macro, expression, include_tracks, exclude_tracks = call.groups()
    name = _evaluate_path(expression, answers)
    common = f"template/shared/{name}.md"
    chosen = answers.get("tracks", ())
    if macro == "shared":
        included, excluded = (
            any(f'"{topic}"' in (names or "") for topic in _list_topics(answers))
            for names in (include_tracks, exclude_tracks)
        )
        paths = [common] if included and not excluded else []
    else:
        paths = [
            f"template/tracks/{track}/{name}.md" for track in list_tracks(root) if track in chosen
        ]
    paths = [path for path in paths if (root / path).is_file()]
    has_code = answers.get("layout") == "full"
    ships = has_code and answers.get("starter") is not False
    if macro == "shipped" and paths and not ships:
        service = name.replace("/", "/service-")
        filled = has_code and (root / f"template/tracks/{chosen[0]}/{service}.md").is_file()
        paths = [common] if (root / common).is_file() and not (len(chosen) == 1 and filled) else []
    if macro == "full" and not has_code:
        paths = []
    texts = []
    for path in paths:
        text = _fill(root, _text(root / path), answers).strip()
        texts.append(f"\n\n{text}" if text else "")
    return "".join(texts)


def _list_topics(answers: Mapping[str, Any]) -> list[str]:
    """Return the chosen tracks, and a topic for each yes to one of their questions."""
    tracks = list(answers.get("tracks", ()))
    asked = (("tools", "rag", "rag_tools"), ("reward", "rl", "rl_learned_reward"))
    return [*tracks, *(topic for topic, of, name in asked if of in tracks and answers.get(name))]


@cache
def list_tracks(root: Path) -> tuple[str, ...]:
    """Return the tracks of the template at `root`, in the order in which they fill slots."""
    lead = "--- !include template/tracks/"
    lines = _text(root / "copier.yml").splitlines()
    return tuple(line[len(lead) :].partition("/")[0] for line in lines if line.startswith(lead))


def _evaluate_path(expression: str, answers: Mapping[str, Any]) -> str:
    """Return the value of an expression like `"a" ~ name ~ "b"`."""
    values = []
    for part in expression.split(" ~ "):
        if part[:1] == part[-1:] == '"':
            values.append(part[1:-1])
        elif part in DECIDING_ANSWERS:
            values.append(str(answers.get(part, "")))
        else:
            raise ForeignSyntaxError(f"unsupported Jinja in a document: {expression}")
    return "".join(values)
