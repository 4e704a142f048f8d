"""What a charter must contain, read from the template's own sources.

The documents are composed as text: a slot is replaced by what the chosen tracks put there, names
of answers stay in their braces. Nothing is rendered, and there is no second list of sections.
The template's documents hold no other Jinja than this module reads; a test compares every
combination of tracks with what Copier renders.
"""

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mlcharter import document
from mlcharter.demands import Demands, DocumentDemand, ItemDemand, SectionDemand, single_spaced
from mlcharter.document import Document, Section
from mlcharter.filling import prose
from mlcharter.policy import RequiredDocument, RequiredSection

STANDARD = (
    "docs/design_doc.md",
    "docs/eval_pack.md",
    "ops/runbook.md",
    "safety/safety_checklist.md",
    "cost/cost_dashboard_spec.md",
    "versioning/registries.md",
)
# Which answers decide what a repository gets; others are names in its text.
_DECIDING = ("tracks", "layout", "ci", "licence")
PROJECT = "template/project"
# A dash eats the white space on its side.
_TOKEN = re.compile(r"(?:\s*\{([{%])-|\{([{%])) ([^{}%\n]+?) (?:-[%}]\}\s*|[%}]\})")
_CALL = re.compile(r'(slot|shared|shipped)\((.+?)(?:, (\[[a-z", ]*\]))?\)')
_NAME = re.compile(r"[a-z_]+(?: \| tojson)?")
_EXCLUSION = re.compile(r"""\{% if (.+) %\}(.+)\{% endif %\}""")
_MEMBERSHIP = re.compile(r"'([\w.-]+)' not in (\w+)")
_COMPARISON = re.compile(r"(\w+) (==|!=) '([\w.-]+)'")


class ForeignSyntaxError(Exception):
    """The template holds Jinja that this module does not read: a bug of the template."""


def demanded(root: Path, answers: Mapping[str, Any], kept: Path | None = None) -> Demands:
    """What the template at `root` gives a repository with these answers.

    `kept` is a folder in which it is remembered until the template changes.
    """
    deciding = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in answers.items()
        if name in _DECIDING
    )
    documents, forms = _remembered(root, tuple(sorted(deciding)), kept)
    return Demands(documents, forms, answers)


Parts = tuple[tuple[DocumentDemand, ...], frozenset[str]]


def _remembered(root: Path, deciding: tuple[tuple[str, Any], ...], kept: Path | None) -> Parts:
    """What `_read` gives, from the folder `kept` where it is there."""
    if kept is None:
        return _read(root, deciding)
    import msgspec

    name = f"{zlib.crc32(repr(deciding).encode()):08x}-{_stamp(root):08x}.json"
    try:
        parts: Parts = msgspec.json.decode((kept / name).read_bytes(), type=Parts)
    except (OSError, msgspec.MsgspecError):
        parts = _read(root, deciding)
        _keep(kept / name, msgspec.json.encode(parts))
    return parts


def _keep(file: Path, content: bytes) -> None:
    """Write a file that other processes may be reading; a full or closed disk costs time only."""
    staged = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(content)
        staged.replace(file)
    except OSError:
        staged.unlink(missing_ok=True)


def _stamp(root: Path) -> int:
    """A number that changes with any file that is read here, or with this program."""
    number = 0
    installed = root.parent == Path(__file__).parent  # a package's files do not change
    waiting = [] if installed else [str(Path(__file__).parent), str(root / "template")]
    entries = [(str(root), "copier.yml", (root / "copier.yml").stat())]
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as found:
            for entry in found:
                if entry.name.endswith((".md", ".jinja", ".yml", ".py")):
                    entries.append((folder, entry.name, entry.stat()))
                elif entry.name not in _CODE and entry.is_dir() and entry.name != "__pycache__":
                    waiting.append(entry.path)
    for folder, name, stat in sorted(entries, key=lambda entry: entry[:2]):
        words = f"{folder}/{name} {stat.st_size} {stat.st_mtime_ns}"
        number = zlib.crc32(words.encode(errors="surrogateescape"), number)
    return number


@cache
def _read(root: Path, deciding: tuple[tuple[str, Any], ...]) -> Parts:
    answers = dict(deciding)
    documents = []
    forms = set()
    for path in sources(root, answers):
        if path.endswith(".jinja"):
            name = path.removesuffix(".jinja")
            text = composed(root, path, answers)
            documents.append(demand(document.parse(text, name)))
        else:
            forms.add(path)
    documents.sort(key=_order)
    return tuple(documents), frozenset(forms)


def _order(demand: DocumentDemand) -> tuple[int, str]:
    """The standard documents first, in their own order."""
    at = STANDARD.index(demand.path) if demand.path in STANDARD else len(STANDARD)
    return at, demand.path


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
            elif "." not in entry.name and entry.is_dir() and path not in _CODE:
                waiting.append(f"{path}/")


_CODE = frozenset(("src", "tests", "evals", "data", "reports", "tools"))


def exclusions(root: Path, answers: Mapping[str, Any]) -> list[str]:
    """The patterns of `_exclude` in copier.yml and the tracks' questions that apply."""
    files = [root / "copier.yml", *sorted((root / "template/tracks").glob("*/questions.yml"))]
    found = []
    for file in files:
        _, _, lines = _text(file).partition("\n_exclude:\n")
        for line in lines.splitlines():
            condition = _EXCLUSION.search(line)
            if condition and _holds(condition[1], answers):
                found.append(condition[2])
    return found


def _holds(condition: str, answers: Mapping[str, Any]) -> bool:
    if absent := _MEMBERSHIP.fullmatch(condition):
        return absent[1] not in answers.get(absent[2], ())
    if compared := _COMPARISON.fullmatch(condition):
        return (answers.get(compared[1]) == compared[3]) is (compared[2] == "==")
    raise ForeignSyntaxError(f"_exclude has the condition {condition}")


def _excluded(path: str, patterns: list[str]) -> bool:
    """Whether Copier leaves a path out: a pattern without a slash matches at any depth."""
    for pattern in patterns:
        wanted = pattern.strip("/").split("/")
        parts = path.split("/")
        if "/" not in pattern:
            parts = parts[-1:]
        if len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted)):
            return True
    return False


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

    return _TOKEN.sub(replaced, text) if "{" in text else text


def _evaluated(root: Path, bracket: str, code: str, answers: Mapping[str, Any]) -> str:
    if bracket == "%" and code.startswith("from "):
        return ""
    if bracket == "%" and code.startswith("include "):
        return _filled(root, _text(root / _joined(code[8:], answers)), answers)
    if bracket == "{" and (call := _CALL.fullmatch(code)):
        return _brought(root, call, answers)
    if bracket == "{" and _NAME.fullmatch(code):
        return f"{{{{ {code} }}}}"
    raise ForeignSyntaxError(f"a document holds {code}")


def _brought(root: Path, call: re.Match[str], answers: Mapping[str, Any]) -> str:
    """What the tracks, or a text that they share, put into a slot."""
    macro, expression, wanting = call.groups()
    name = _joined(expression, answers)
    common = f"template/shared/{name}.md"
    chosen = answers.get("tracks", ())
    if macro == "shared":
        paths = [common] if any(f'"{track}"' in wanting for track in chosen) else []
    else:
        paths = [f"template/tracks/{track}/{name}.md" for track in tracks(root) if track in chosen]
    paths = [path for path in paths if path in _texts(root)]
    if macro == "shipped" and paths and answers.get("layout") != "full":
        paths = [common] if common in _texts(root) else []
    found = []
    for path in paths:
        text = _filled(root, _text(root / path), answers).strip()
        found.append(f"\n\n{text}" if text else "")
    return "".join(found)


@cache
def tracks(root: Path) -> tuple[str, ...]:
    """The tracks that the template at `root` has, in the order in which they fill slots."""
    included = re.findall(r"^--- !include template/tracks/(\w+)/", _text(root / "copier.yml"), re.M)
    return tuple(included)


@cache
def _texts(root: Path) -> frozenset[str]:
    found = (root / "template").glob("*/**/*.md")
    return frozenset(path.relative_to(root).as_posix() for path in found)


def _joined(expression: str, answers: Mapping[str, Any]) -> str:
    """The value of `"a" ~ name ~ "b"`."""
    words = []
    for part in expression.split(" ~ "):
        if part[:1] == part[-1:] == '"':
            words.append(part[1:-1])
        elif part in _DECIDING:
            words.append(str(answers.get(part, "")))
        else:
            raise ForeignSyntaxError(f"a document holds {expression}")
    return "".join(words)


# Reading what was composed


def demand(read: Document) -> DocumentDemand:
    """What a repository is held to that was given this document."""
    sections = tuple(_section(section) for section in read.sections if section.id)
    return DocumentDemand(
        path=read.path,
        standard=read.path in STANDARD,
        finished=not any(section.open or section.items for section in sections),
        fields=tuple(field.name for field in read.fields if field.name in ("Owner", "Reviewed")),
        sections=sections,
    )


def _section(section: Section) -> SectionDemand:
    assert section.id
    kinds = {block.kind for block in section.blocks}
    return SectionDemand(
        id=section.id,
        heading=section.heading,
        level=section.level,
        open="placeholder" in kinds,
        prompts=tuple(single_spaced(b.text) for b in section.blocks if b.kind == "prompt"),
        texts=frozenset(single_spaced(block.text) for block in prose(section)),
        items=tuple(
            ItemDemand(item.id, section.id, item.tier, item.sentence)
            for item in section.items
            if item.id
        ),
        contracts=tuple(contract.kind for contract in section.contracts),
    )


# What an organisation adds


def extended(demands: Demands, required: Iterable[RequiredDocument]) -> Demands:
    """The demands with those of a policy: further documents, sections and items."""
    documents = {demand.path: demand for demand in demands.documents}
    for more in required:
        known = documents.get(more.path) or DocumentDemand(more.path, True, False)
        sections = {section.id: section for section in known.sections}
        for section in more.sections:
            before = sections.get(section.id) or _wanted(section)
            added = tuple(
                ItemDemand(item.id, section.id, item.tier, item.text or "")
                for item in section.items
                if item.id not in {known.id for known in before.items}
            )
            sections[section.id] = replace(before, items=(*before.items, *added))
        documents[more.path] = replace(known, standard=True, sections=tuple(sections.values()))
    return replace(demands, documents=tuple(documents.values()))


def _wanted(section: RequiredSection) -> SectionDemand:
    heading = section.heading or section.id.replace("-", " ").capitalize()
    return SectionDemand(section.id, heading, 2, True)
