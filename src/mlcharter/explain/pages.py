"""Explain a term, rule, item, section, document, config block, level, tier or track."""

import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mlcharter.charter import config_entries, crosswalks, location, readiness_areas
from mlcharter.charter.settings import LEVELS, TIERS, Clause, Crosswalk, SettingsFile
from mlcharter.check import rule
from mlcharter.explain import gates
from mlcharter.formats import model_errors
from mlcharter.formats.proofs import Proofs
from mlcharter.formats.report import Report
from mlcharter.gate import reasons
from mlcharter.gate.verdict import Outcome, Reason
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock
from mlcharter.support import plugins
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.nearest import nearest
from mlcharter.template import answers, composing, questionnaire, specification
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec, Specification

TERMS = "mlcharter.explain.terms"
FILLED = Path(__file__).parents[1] / "schemas/config.md"
Page = Callable[[], str]


def list_reference() -> dict[str, list[str]]:
    """Return the names that have a page in the site's reference, by its folder."""
    tracks = composing.list_tracks(embedded_root())
    return {
        "documents": [document.path for document in specify_everything().documents],
        "rules": rule.names(),
        "config": list(config_entries.kinds()),
        "terms": plugins.names(TERMS),
        "scales": [*LEVELS, *TIERS, *tracks],
        "crosswalks": list(crosswalks.read_template(embedded_root())),
    }


def find_url(name: str) -> str:
    """Return the address of a name's page on the site; an unknown name is a UserError."""
    key = _normalise_name(name)
    for folder, names in list_reference().items():
        for known in names:
            if _normalise_name(known) == key:
                return f"{rule.SITE}reference/{folder}/{page_name(known)}.html"
    raise UserError(
        f"`{name}` has no page of its own", hint="`mlcharter explain` lists terms and rules"
    )


def page_name(name: str) -> str:
    """Return the file name of a name's page, without its suffix."""
    return Path(name).stem.replace("_", "-")


def list_names() -> str:
    """Return the names of the terms, then every rule by the level at which it fails."""
    lines = ["terms:", *_wrapped(plugins.names(TERMS))]
    for level, title in _LEVEL_TITLES.items():
        if rules := _list_rules(level):
            lines += ["", title, *(f"  {line}" for line in rules)]
    return "\n".join(lines) + "\n"


def _list_rules(level: str) -> list[str]:
    """Return a line for each rule of a level: its name and its title."""
    rules = [
        described for described in map(rule.describe, rule.names()) if described.level == level
    ]
    width = max((len(described.name) for described in rules), default=0)
    return [f"{described.name:{width}}  {described.title}" for described in rules]


_LEVEL_TITLES = {
    "draft": "fails at every level:",
    "complete": "fails at complete and release:",
    "release": "fails at release:",
    "note": "fails at no level:",
}


def explain(name: str, folder: Path | None = None) -> str:
    """Return the pages about a name; `-` and `_` are equal. An unknown name is a UserError.

    The pages are about the tracks of the repository that contains `folder`. A name that only other
    tracks have is explained too, with a note.
    """
    everything = specify_everything()
    root = location.find_root(folder) if folder else None
    own = _specification_of(root) or everything
    key = _normalise_name(name)
    gate = gates.explain(key, Folder(root)) if root else None
    texts = [gate] if gate else []
    if texts := texts + [page() for page in _find_pages(key, own)[1]]:
        return "\n".join(texts)
    pages, found = _find_pages(key, everything)
    if found:
        note = f"not in this repository: its tracks are {', '.join(own.answers['tracks'])}\n"
        return "\n".join([note, *(page() for page in found)])
    raise _unknown(name, key, pages)


def _specification_of(root: Path | None) -> Specification | None:
    """Return the specification of the repository at `root`, if its answers are valid."""
    if root is None:
        return None
    template = embedded_root()
    known = answers.read(Folder(root), composing.list_tracks(template))
    return specification.read(template, known.values) if known.values else None


def _find_pages(key: str, spec: Specification) -> tuple[dict[str, list[Page]], list[Page]]:
    """Return all pages by key, and the pages of one key, which may be in the plural."""
    pages: dict[str, list[Page]] = {}
    for known, page in _pages(spec):
        pages.setdefault(_normalise_name(known), []).append(page)
    return pages, pages.get(key) or pages.get(key.removesuffix("s")) or []


def _unknown(name: str, key: str, pages: dict[str, list[Page]]) -> UserError:
    near = nearest(key, pages, n=3, many=len(pages))
    suggestions = " or ".join(f"`{suggestion}`" for suggestion in near)
    hint = f"did you mean {suggestions}?" if near else "`mlcharter explain` lists terms and rules"
    kinds = "term, rule, item, section, document, config block, gate, verdict, level, tier, track"
    return UserError(f"no {kinds} or crosswalk is called `{name}`", hint=hint)


def _pages(spec: Specification) -> Iterator[tuple[str, Page]]:
    """Yield every name with its page, in the order in which pages of one name are shown."""
    for term, module in plugins.load(TERMS).items():
        for known in (term, *getattr(module, "ALSO", ())):
            yield known, partial(_term, term, spec)
    for known in rule.names():
        yield known, partial(_rule, known)
    for kind in config_entries.kinds():
        yield kind, partial(_config, kind, spec)
    for id in spec.items:
        yield id, partial(_item, id, spec)
    for section in spec.sections:
        yield section.id, partial(_section, section, spec)
    for document_spec in spec.documents:
        yield document_spec.path, partial(_document, document_spec, spec)
    for outcome in reasons.OUTCOMES:
        yield outcome, partial(_outcome, outcome)
    for reason in reasons.MEANINGS:
        yield reason, partial(_reason, reason)
    for level in LEVELS:
        yield level, partial(_level, level)
    for tier in TIERS:
        yield tier, partial(_tier, tier, spec)
    for track in composing.list_tracks(embedded_root()):
        yield track, partial(_track, track, spec)
    for name, crosswalk in crosswalks.read_template(embedded_root()).items():
        yield name, partial(_crosswalk, name, crosswalk)


def _normalise_name(name: str) -> str:
    """Return the normal form of a name, without quotes and punctuation copied with it."""
    return name.strip(" \t\n`'\"[](),.;:").lower().replace("_", "-")


def specify_everything() -> Specification:
    """Return the specification of a repository with every track, whoever hosts its model.

    Documents that describe a starter are not in it.
    """
    root = embedded_root()
    plain: dict[str, Any] = {"tracks": list(composing.list_tracks(root)), "layout": "documents"}
    code = plain | {"layout": "full", "starter": False, "rag_tools": True}
    hosts = questionnaire.load(root)["rag_hosting"].choices
    every = [plain, *(code | {"rag_hosting": host} for host in hosts)]
    first, *others = (specification.read(root, given) for given in every)
    documents = {document.path: document for document in first.documents}
    for other in (other for more in others for other in more.documents):
        known = documents.get(other.path)
        documents[other.path] = _join(known, other) if known else other
    asked = (known for known in documents.values() if not known.finished)
    return replace(first, documents=tuple(asked))


def _join(one: DocumentSpec, other: DocumentSpec) -> DocumentSpec:
    """Return a document with the sections, items and config blocks of both."""
    sections = {section.id: section for section in one.sections}
    for section in other.sections:
        known = sections.get(section.id, section)
        items = {item.id: item for item in (*known.items, *section.items)}
        configs = dict.fromkeys((*known.configs, *section.configs))
        sections[section.id] = replace(known, items=tuple(items.values()), configs=tuple(configs))
    return replace(one, sections=tuple(sections.values()))


def _tracks(spec: Specification) -> str:
    """Return a phrase for the tracks of a specification."""
    tracks = spec.answers["tracks"]
    every = set(tracks) == set(composing.list_tracks(embedded_root()))
    return "all tracks" if every else f"this repository ({', '.join(tracks)})"


def _term(term: str, spec: Specification) -> str:
    title, text, examples = rule.parts(plugins.load_one(TERMS, term).__doc__ or "")
    lines = [f"{term}: {title}", "", text, *_examples(examples)]
    if term in _MODELS:
        lines += ["", "Every key:", "", *(f"    {line}" for line in _key_lines(_MODELS[term]))]
    if term in _MEMBERS:
        lines += ["", "There are:", "", *_wrapped(_MEMBERS[term](spec))]
    rules = [r for r in rule.names() if r.startswith(f"{term}-") or r.endswith(f"-{term}")]
    if rules and term not in _MEMBERS:
        lines += ["", "Rules about it:", "", *_wrapped(rules)]
    return "\n".join(lines) + "\n"


_MODELS: dict[str, Any] = {"settings": SettingsFile, "report": Report, "proof": Proofs}
_MEMBERS: dict[str, Callable[[Specification], list[str]]] = {
    "crosswalk": lambda _: list(crosswalks.read_template(embedded_root())),
    "area": lambda _: [area.title for area in readiness_areas.areas(embedded_root())],
    "config-block": lambda _: list(config_entries.kinds()),
    "document": lambda spec: [d.path for d in spec.documents if d.standard],
    "supporting-document": lambda spec: [d.path for d in spec.documents if not d.standard],
    "level": lambda _: list(LEVELS),
    "tier": lambda _: list(TIERS),
    "track": lambda _: list(composing.list_tracks(embedded_root())),
}


def _wrapped(names: list[str]) -> list[str]:
    lines = textwrap.wrap(", ".join(names), 92, break_on_hyphens=False)
    return [f"    {line}" for line in lines]


def _rule(name: str) -> str:
    documented = rule.describe(name)
    level = _LEVEL_TITLES[documented.level][:-1]
    lines = [f"{name}: {documented.title}", "", documented.reason, "", level]
    return "\n".join([*lines, *_examples(documented.examples)]) + "\n"


def _examples(examples: tuple[rule.Example, ...]) -> list[str]:
    lines = []
    for example in examples:
        lines += ["", f"{example.kind}:", "", textwrap.indent(example.text.rstrip("\n"), "    ")]
    return lines


def _item(id: str, spec: Specification) -> str:
    item = spec.items[id]
    (section,) = [section for section in spec.sections if section.id == item.section]
    tier = f"required from {item.tier} on" if item.tier else "required in no tier"
    return (
        f"{id}: {item.sentence}\n\n"
        f"An item of `{section.id}` in {_path(section, spec)}, {tier}.\n\n"
        "Tick it and link its evidence, or waive it:\n\n"
        f"    - [x] `{id}` … Evidence: [report](../reports/released/….json) (sha256:…)\n"
        f"    - [ ] `{id}` … Waived until 2027-01-31 by @lead: why it can wait\n"
    )


def _section(section: SectionSpec, spec: Specification) -> str:
    lines = [f"{section.id}: {section.heading}", "", f"A section of {_path(section, spec)}."]
    for question in section.guidance:
        lines += ["", question]
    lines += ["", *(f"- `{item.id}` {item.sentence}" for item in section.items)]
    return "\n".join(lines).rstrip() + "\n"


def _document(document_spec: DocumentSpec, spec: Specification) -> str:
    kind = "a standard document" if document_spec.standard else "a supporting document"
    scope = _tracks(spec)
    scope = "with every track" if scope == "all tracks" else f"in {scope}"
    lines = [f"{document_spec.path}: {kind}; {scope} it has:", ""]
    for section in document_spec.sections:
        lines.append(f"- `{section.id}` {section.heading}")
        lines += [f"  - item `{item.id}`" for item in section.items]
        lines += [f"  - config block `{kind}`" for kind in section.configs]
    return "\n".join(lines) + "\n"


def _path(section: SectionSpec, spec: Specification) -> str:
    return next(d.path for d in spec.documents if section.id in d.section_ids)


def _config(kind: str, spec: Specification) -> str:
    module = plugins.load_one(config_entries.PACKAGE, kind)
    lines = [f"{kind}: {(module.__doc__ or '').strip()}", ""]
    places = [s for s in spec.sections if kind in s.configs]
    lines += [f"It is in {_path(s, spec)}, section `{s.id}`." for s in places]
    keys = _key_lines(config_entries.entry_model(kind), "- " * config_entries.is_list(kind))
    lines += ["", "<!-- config: " + kind + " -->", "```yaml", *keys, "```"]
    filled = filled_in_configs()[kind]
    lines += ["", "Filled in, from an example:", "", *filled.text.splitlines()]
    return "\n".join(lines) + "\n"


def filled_in_configs() -> dict[str, ConfigBlock]:
    """Return a filled-in config block of every kind; a test generates them from the examples."""
    read = document.parse(FILLED.read_text(encoding="utf-8"), FILLED.name)
    return {config.kind: config for config in read.configs}


def _key_lines(model: Any, lead: str = "") -> list[str]:
    """Return a line for each key of a model with its type, including keys of inner mappings."""
    rows: list[tuple[str, str]] = []
    for name, type_name in model_errors.describe_keys(model).items():
        inner = model_errors.describe_keys(model, name) if name != "waived" else {}
        rows.append((f"{name}:", type_name))
        mark = "- " if inner and model_errors.takes_list(model, name) else ""
        for n, (key, value) in enumerate(inner.items()):
            rows.append((f"  {mark if n == 0 else ' ' * len(mark)}{key}:", value))
    width = max(len(name) for name, _ in rows)
    return [
        f"{lead if n == 0 else ' ' * len(lead)}{name:{width}}  # {type_name}"
        for n, (name, type_name) in enumerate(rows)
    ]


def _outcome(outcome: Outcome) -> str:
    return f"{outcome}: a verdict of `mlcharter gate`. {reasons.OUTCOMES[outcome]}\n"


def _reason(reason: Reason) -> str:
    meaning, remedy = reasons.MEANINGS[reason]
    return f"{reason}: a reason of a verdict of `mlcharter gate`. {meaning}\n\n{remedy}\n"


# Levels, tiers, tracks


def _level(level: str) -> str:
    lines = [f"{level}: {_LEVEL_MEANINGS[level]}", "", f"Rules that fail from {level} on:", ""]
    return "\n".join([*lines, *(f"    {line}" for line in _list_rules(level))]) + "\n"


_LEVEL_MEANINGS = {
    "draft": "the required documents, sections and items exist; they may be empty.",
    "complete": "every section is filled, config blocks are valid, and documents agree.",
    "release": "every item that the tier requires has evidence or a waiver.",
}


def _tier(tier: str, spec: Specification) -> str:
    items = [item for item in spec.items.values() if item.tier == tier]
    head = f"{tier}: a tier; {len(items)} items of {_tracks(spec)} are required from this tier on."
    return "\n".join([head, "", *(f"- `{item.id}` {item.sentence}" for item in items)]) + "\n"


def _track(track: str, spec: Specification) -> str:
    root = embedded_root()
    others = [name for name in composing.list_tracks(root) if name != track]
    without = specification.read(root, {"tracks": others, "layout": "documents"})
    lines = [f"{track}: a track; it adds:", ""]
    for document_spec in spec.documents:
        for section in document_spec.sections:
            if f"section:{section.id}" not in without.ids:
                lines.append(f"- {document_spec.path}, section `{section.id}`: {section.heading}")
            for item in section.items:
                if f"item:{item.id}" not in without.ids:
                    lines.append(f"- {document_spec.path}, item `{item.id}`: {item.sentence}")
    return "\n".join(lines) + "\n"


# Crosswalks


def _crosswalk(name: str, crosswalk: Crosswalk) -> str:
    lines = [f"{name}: {crosswalk.title}", ""]
    lines.append(f"{crosswalk.source}: {crosswalk.url} (checked on {crosswalk.checked_on}).")
    lines.append(f"`mlcharter status --crosswalk {name}` shows the state in a repository.")
    lines.append("")
    lines += [f"- {_describe_clause(clause)}" for clause in crosswalk.clauses]
    return "\n".join(lines) + "\n"


def _describe_clause(clause: Clause) -> str:
    parts = [
        f"{kind} {', '.join(f'`{name}`' for name in names)}"
        for kind, names in (
            ("items", clause.items),
            ("sections", clause.sections),
            ("config blocks", clause.config),
        )
        if names
    ]
    shown = f" Shown by {'; '.join(parts)}." if parts else ""
    said = "Not shown" if parts else "Not covered"
    return f"{clause.id}: {clause.asks}.{shown}" + (f" {said}: {clause.gap}." if clause.gap else "")
