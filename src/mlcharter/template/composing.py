"""The template's documents as the chosen tracks have them, composed as text.

A slot is replaced by what the tracks put there; names of answers stay in their braces. The
documents hold no other Jinja than this module reads: a test compares every combination of tracks
with what Copier renders.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = "template/project"
# Which answers decide what a repository gets; others are names in its text.
DECIDING = ("tracks", "layout", "ci", "licence", "rl_setting")
CODE = frozenset(("src", "tests", "evals", "data", "reports", "tools"))
# Compiled when first used: a check that remembers what it read never does.
# A dash eats the white space on its side.
_TOKEN = r"(?:\s*\{([{%])-|\{([{%])) ([^{}%\n]+?) (?:-[%}]\}\s*|[%}]\})"
_CALL = r'(slot|shared|shipped)\((.+?)(?:, (\[[a-z", ]*\]))?(?:, (\[[a-z", ]*\]))?\)'
_NAME = r"[a-z_]+(?: \| tojson)?"
_WILD = frozenset("*?[")
_EXCLUSION = r"""\{% if (.+) %\}(.+)\{% endif %\}"""
_MEMBERSHIP = r"'([\w.-]+)' not in (\w+)"
_COMPARISON = r"(\w+) (==|!=) '([\w.-]+)'"


class ForeignSyntaxError(Exception):
    """The template holds Jinja that this module does not read: a bug of the template."""


# Which files a repository gets


def sources(root: Path, answers: Mapping[str, Any]) -> Iterator[str]:
    """The Markdown files of the template's project that these answers give, as their sources.

    Hidden folders belong to the host, and files below a folder whose name is an answer are code.
    """
    excluded = exclusions(root, answers)
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in sorted((root / PROJECT / folder).iterdir()):
            path = f"{folder}{entry.name}"
            if entry.name[0] in ".{" or _excluded(path.removesuffix(".jinja"), excluded):
                continue
            if path.endswith((".md", ".md.jinja")):
                yield path
            elif "." not in entry.name and entry.is_dir() and path not in CODE:
                waiting.append(f"{path}/")


def exclusions(root: Path, answers: Mapping[str, Any]) -> list[str]:
    """The patterns of `_exclude` in copier.yml and the tracks' questions that apply."""
    files = [root / "copier.yml", *sorted((root / "template/tracks").glob("*/questions.yml"))]
    found = []
    for file in files:
        _, _, lines = _text(file).partition("\n_exclude:\n")
        for line in lines.splitlines():
            condition = re.search(_EXCLUSION, line)
            if condition and _holds(condition[1], answers):
                found.append(condition[2])
    return found


def _holds(condition: str, answers: Mapping[str, Any]) -> bool:
    if absent := re.fullmatch(_MEMBERSHIP, condition):
        return absent[1] not in answers.get(absent[2], ())
    if compared := re.fullmatch(_COMPARISON, condition):
        return (answers.get(compared[1]) == compared[3]) is (compared[2] == "==")
    raise ForeignSyntaxError(f"_exclude has the condition {condition}")


def _excluded(path: str, patterns: list[str]) -> bool:
    """Whether Copier leaves a path out: a pattern without a slash matches at any depth."""
    for pattern in patterns:
        wanted = pattern.strip("/").split("/")
        parts = path.split("/")
        if "/" not in pattern:
            parts = parts[-1:]
        if len(parts) == len(wanted) and all(map(_fits, parts, wanted)):
            return True
    return False


def _fits(name: str, pattern: str) -> bool:
    # Most patterns are plain names, and to compile one takes longer than all that is done with it.
    return name == pattern or (not _WILD.isdisjoint(pattern) and fnmatchcase(name, pattern))


# Composing


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def composed(root: Path, path: str, answers: Mapping[str, Any]) -> str:
    """A document of `template/project` as the chosen tracks have it, names still in braces."""
    return _filled(root, _text(root / PROJECT / path), answers)


def _filled(root: Path, text: str, answers: Mapping[str, Any]) -> str:
    def replaced(token: re.Match[str]) -> str:
        return _evaluated(root, token[1] or token[2], token[3], answers)

    return re.sub(_TOKEN, replaced, text) if "{" in text else text


def _evaluated(root: Path, bracket: str, code: str, answers: Mapping[str, Any]) -> str:
    if bracket == "%" and code.startswith("from "):
        return ""
    if bracket == "%" and code.startswith("include "):
        return _filled(root, _text(root / _joined(code[8:], answers)), answers)
    if bracket == "{" and (call := re.fullmatch(_CALL, code)):
        return _brought(root, call, answers)
    if bracket == "{" and re.fullmatch(_NAME, code):
        return f"{{{{ {code} }}}}"
    raise ForeignSyntaxError(f"a document holds {code}")


def _brought(root: Path, call: re.Match[str], answers: Mapping[str, Any]) -> str:
    """What the tracks, or a text that they share, put into a slot."""
    macro, expression, wanting, unless = call.groups()
    name = _joined(expression, answers)
    common = f"template/shared/{name}.md"
    chosen = answers.get("tracks", ())
    if macro == "shared":
        wanted, barred = (
            any(f'"{track}"' in (names or "") for track in chosen) for names in (wanting, unless)
        )
        paths = [common] if wanted and not barred else []
    else:
        paths = [f"template/tracks/{track}/{name}.md" for track in tracks(root) if track in chosen]
    paths = [path for path in paths if (root / path).is_file()]
    if macro == "shipped" and paths and answers.get("layout") != "full":
        paths = [common] if (root / common).is_file() else []
    found = []
    for path in paths:
        text = _filled(root, _text(root / path), answers).strip()
        found.append(f"\n\n{text}" if text else "")
    return "".join(found)


@cache
def tracks(root: Path) -> tuple[str, ...]:
    """The tracks that the template at `root` has, in the order in which they fill slots."""
    lead = "--- !include template/tracks/"
    lines = _text(root / "copier.yml").splitlines()
    return tuple(line[len(lead) :].partition("/")[0] for line in lines if line.startswith(lead))


def _joined(expression: str, answers: Mapping[str, Any]) -> str:
    """The value of `"a" ~ name ~ "b"`."""
    words = []
    for part in expression.split(" ~ "):
        if part[:1] == part[-1:] == '"':
            words.append(part[1:-1])
        elif part in DECIDING:
            words.append(str(answers.get(part, "")))
        else:
            raise ForeignSyntaxError(f"a document holds {expression}")
    return "".join(words)
