"""Pages about a term, rule, item, section, document, config block, level, tier or track."""

import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mlcharter.charter import config_entries, location, readiness_areas
from mlcharter.charter.settings import LEVELS, TIERS, SettingsFile
from mlcharter.check import rule
from mlcharter.formats import model_errors
from mlcharter.formats.report import Report
from mlcharter.gate import reasons
from mlcharter.gate.verdict import Reason
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock
from mlcharter.support import plugins
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.nearest import nearest
from mlcharter.template import answers, composing, specification
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec, Specification

WORDS = "mlcharter.explain.terms"
FILLED = Path(__file__).parents[1] / "schemas/config.md"
Page = Callable[[], str]


def listed() -> str:
    """The words, then every rule by the level at which it fails, a line each."""
    rules = [rule.described(name) for name in rule.names()]
    lines = ["words:", *_wrapped(plugins.names(WORDS)), ""]
    for level, words in _LEVELS.items():
        chosen = [described for described in rules if described.level == level]
        if chosen:
            width = max(len(described.name) for described in chosen)
            lines += [words, *(f"  {r.name:{width}}  {r.title}" for r in chosen), ""]
    return "\n".join(lines[:-1]) + "\n"


_LEVELS = {
    "draft": "fails at every level:",
    "complete": "fails at complete and release:",
    "release": "fails at release:",
    "note": "fails at no level:",
}


def explained(name: str, folder: Path | None = None) -> str:
    """The pages of what has this name, hyphens and underscores alike; none is a UserError.

    They are about the repository that `folder` is in; what only other tracks have is explained
    too, with a note.
    """
    everything = _everything()
    asked = _asked(folder) or everything
    key = _key(name)
    if found := _named(key, asked)[1]:
        return "\n".join(page() for page in found)
    pages, found = _named(key, everything)
    if found:
        note = f"not in this repository: its tracks are {', '.join(asked.answers['tracks'])}\n"
        return "\n".join([note, *(page() for page in found)])
    raise _unknown(name, key, pages)


def _asked(folder: Path | None) -> Specification | None:
    """The demands on the repository that `folder` is in, by its answers where they are valid."""
    root = location.above(folder) if folder else None
    if root is None:
        return None
    template = embedded_root()
    known = answers.read(Folder(root), composing.list_tracks(template))
    return specification.read(template, known.values) if known.values else None


def _named(key: str, spec: Specification) -> tuple[dict[str, list[Page]], list[Page]]:
    """All pages by their key, and those of one key, which may be in the plural."""
    pages: dict[str, list[Page]] = {}
    for known, page in _pages(spec):
        pages.setdefault(_key(known), []).append(page)
    return pages, pages.get(key) or pages.get(key.removesuffix("s")) or []


def _unknown(name: str, key: str, pages: dict[str, list[Page]]) -> UserError:
    near = nearest(key, pages, n=3, many=len(pages))
    ways = " or ".join(f"`{way}`" for way in near)
    hint = f"did you mean {ways}?" if near else "`mlcharter explain` lists words and rules"
    kinds = "word, rule, item, section, document, config block, level, tier or track"
    return UserError(f"no {kinds} is called `{name}`", hint=hint)


def _pages(spec: Specification) -> Iterator[tuple[str, Page]]:
    """Every page by its name; what comes first is shown first."""
    for word, module in plugins.load(WORDS).items():
        for known in (word, *getattr(module, "ALSO", ())):
            yield known, partial(_word, word, spec)
    for known in rule.names():
        yield known, partial(_rule, known)
    for kind in config_entries.kinds():
        yield kind, partial(_config, kind, spec)
    for id in spec.items:
        yield id, partial(_item, id, spec)
    for section in spec.sections:
        yield section.id, partial(_section, section, spec)
    for wanted in spec.documents:
        yield wanted.path, partial(_document, wanted, spec)
    for reason in reasons.MEANINGS:
        yield reason, partial(_reason, reason)
    for level in LEVELS:
        yield level, partial(_level, level)
    for tier in TIERS:
        yield tier, partial(_tier, tier, spec)
    for track in composing.list_tracks(embedded_root()):
        yield track, partial(_track, track, spec)


def _key(name: str) -> str:
    """A name as it is looked up; also one that was copied with what stood round it."""
    return name.strip(" \t\n`'\"[](),.;:").lower().replace("_", "-")


def _everything() -> Specification:
    """The charter of a repository of every track."""
    root = embedded_root()
    every = {"tracks": list(composing.list_tracks(root)), "layout": "documents"}
    return specification.read(root, every)


def _tracks(spec: Specification) -> str:
    """The tracks that demands are about, in words."""
    tracks = spec.answers["tracks"]
    every = set(tracks) == set(composing.list_tracks(embedded_root()))
    return "all tracks" if every else f"this repository ({', '.join(tracks)})"


def _word(word: str, spec: Specification) -> str:
    title, text, examples = rule.parts(plugins.load_one(WORDS, word).__doc__ or "")
    lines = [f"{word}: {title}", "", text, *_examples(examples)]
    if word in _MODELS:
        lines += ["", "Every key:", "", *(f"    {line}" for line in _skeleton(_MODELS[word]))]
    if word in _MEMBERS:
        lines += ["", "There are:", "", *_wrapped(_MEMBERS[word](spec))]
    rules = [r for r in rule.names() if r.startswith(f"{word}-") or r.endswith(f"-{word}")]
    if rules and word not in _MEMBERS:
        lines += ["", "Rules about it:", "", *_wrapped(rules)]
    return "\n".join(lines) + "\n"


_MODELS: dict[str, Any] = {"settings": SettingsFile, "report": Report}
_MEMBERS: dict[str, Callable[[Specification], list[str]]] = {
    "area": lambda _: [area.title for area in readiness_areas.areas(embedded_root())],
    "config": lambda _: list(config_entries.kinds()),
    "document": lambda spec: [d.path for d in spec.documents if d.standard],
    "companion": lambda spec: [d.path for d in spec.documents if not d.standard],
    "level": lambda _: list(LEVELS),
    "tier": lambda _: list(TIERS),
    "track": lambda _: list(composing.list_tracks(embedded_root())),
}


def _wrapped(names: list[str]) -> list[str]:
    lines = textwrap.wrap(", ".join(names), 92, break_on_hyphens=False)
    return [f"    {line}" for line in lines]


def _rule(name: str) -> str:
    described = rule.described(name)
    lines = [f"{name}: {described.title}", "", described.reason, "", _LEVELS[described.level][:-1]]
    return "\n".join([*lines, *_examples(described.examples)]) + "\n"


def _examples(examples: tuple[rule.Example, ...]) -> list[str]:
    blocks = (["", f"{example.kind}:", "", _indented(example.text)] for example in examples)
    return [line for block in blocks for line in block]


def _item(id: str, spec: Specification) -> str:
    item = spec.items[id]
    (section,) = [section for section in spec.sections if section.id == item.section]
    tier = f"required from {item.tier} on" if item.tier else "required in no tier"
    return (
        f"{id}: {item.sentence}\n\n"
        f"An item of `{section.id}` in {_path(section, spec)}, {tier}.\n\n"
        "Tick it with what proves it, or waive it:\n\n"
        f"    - [x] `{id}` … Evidence: [report](../reports/released/….json) (sha256:…)\n"
        f"    - [ ] `{id}` … Waived until 2027-01-31 by @lead: why it can wait\n"
    )


def _section(section: SectionSpec, spec: Specification) -> str:
    lines = [f"{section.id}: {section.heading}", "", f"A section of {_path(section, spec)}."]
    for question in section.guidance:
        lines += ["", question.removeprefix("<!--").removesuffix("-->").strip()]
    lines += ["", *(f"- `{item.id}` {item.sentence}" for item in section.items)]
    return "\n".join(lines).rstrip() + "\n"


def _document(wanted: DocumentSpec, spec: Specification) -> str:
    kind = "a standard document" if wanted.standard else "a companion of the standard documents"
    lines = [f"{wanted.path}: {kind}; {_has(spec)}", ""]
    for section in wanted.sections:
        lines.append(f"- `{section.id}` {section.heading}")
        lines += [f"  - item `{item.id}`" for item in section.items]
        lines += [f"  - config block `{kind}`" for kind in section.configs]
    return "\n".join(lines) + "\n"


def _has(spec: Specification) -> str:
    scope = _tracks(spec)
    return "with every track it has:" if scope == "all tracks" else f"in {scope} it has:"


def _path(section: SectionSpec, spec: Specification) -> str:
    return next(d.path for d in spec.documents if section.id in d.section_ids)


def _config(kind: str, spec: Specification) -> str:
    module = plugins.load_one(config_entries.PACKAGE, kind)
    lines = [f"{kind}: {(module.__doc__ or '').strip()}", ""]
    places = [s for s in spec.sections if kind in s.configs]
    lines += [f"Stands in {_path(s, spec)}, section `{s.id}`." for s in places]
    lines += ["", "<!-- config: " + kind + " -->", "```yaml", *_kind(kind), "```"]
    filled = filled_in()[kind]
    lines += ["", "Filled in, as a team did it:", "", *filled.text.splitlines()]
    return "\n".join(lines) + "\n"


def filled_in() -> dict[str, ConfigBlock]:
    """One entry of every kind of config block, filled in; a test makes them from the examples."""
    read = document.parse(FILLED.read_text(encoding="utf-8"), FILLED.name)
    return {config.kind: config for config in read.configs}


def _kind(kind: str) -> list[str]:
    lead = "- " if config_entries.is_list(kind) else ""
    return _skeleton(config_entries.entry_model(kind), lead)


def _skeleton(model: Any, lead: str = "") -> list[str]:
    """Every key of a model with what it takes, those inside its mappings too."""
    rows: list[tuple[str, str]] = []
    for name, words in model_errors.describe_keys(model).items():
        inner = model_errors.describe_keys(model, name) if name != "waived" else {}
        rows.append((f"{name}:", words))
        mark = "- " if inner and model_errors.takes_list(model, name) else ""
        for n, (key, value) in enumerate(inner.items()):
            rows.append((f"  {mark if n == 0 else ' ' * len(mark)}{key}:", value))
    width = max(len(name) for name, _ in rows)
    return [
        f"{lead if n == 0 else ' ' * len(lead)}{name:{width}}  # {words}"
        for n, (name, words) in enumerate(rows)
    ]


def _reason(reason: Reason) -> str:
    meaning, remedy = reasons.MEANINGS[reason]
    return f"{reason}: why `mlcharter gate` decides as it does. {meaning}\n\n{remedy}\n"


# Levels, tiers, tracks


def _level(level: str) -> str:
    rules = [r for r in map(rule.described, rule.names()) if r.level == level]
    width = max(len(described.name) for described in rules)
    lines = [f"{level}: {_ASKS[level]}", "", f"Rules that fail from {level} on:", ""]
    lines += [f"    {r.name:{width}}  {r.title}" for r in rules]
    return "\n".join(lines) + "\n"


_ASKS = {
    "draft": "the structure of the charter holds, whatever is written in it.",
    "complete": "every section is filled, config blocks are valid, and documents agree.",
    "release": "every item that the tier requires is proven or waived.",
}


def _tier(tier: str, spec: Specification) -> str:
    items = [item for item in spec.items.values() if item.tier == tier]
    head = f"{tier}: a tier; {len(items)} items of {_tracks(spec)} are required from it on."
    return "\n".join([head, "", *(f"- `{item.id}` {item.sentence}" for item in items)]) + "\n"


def _track(track: str, spec: Specification) -> str:
    root = embedded_root()
    others = [name for name in composing.list_tracks(root) if name != track]
    without = specification.read(root, {"tracks": others, "layout": "documents"})
    lines = [f"{track}: a track; what it alone brings:", ""]
    for wanted in spec.documents:
        for section in wanted.sections:
            if f"section:{section.id}" not in without.ids:
                lines.append(f"- {wanted.path}, section `{section.id}`: {section.heading}")
            for item in section.items:
                if f"item:{item.id}" not in without.ids:
                    lines.append(f"- {wanted.path}, item `{item.id}`: {item.sentence}")
    return "\n".join(lines) + "\n"


def _indented(text: str) -> str:
    return textwrap.indent(text.rstrip("\n"), "    ")
