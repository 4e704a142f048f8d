"""What a rule, item, section, kind of contract, level, tier or track asks for, in words."""

import difflib
import inspect
from collections.abc import Callable
from functools import partial

from mlcharter import composing, contracting, plugins, rule, specification
from mlcharter.carried import embedded_root
from mlcharter.demands import Demands, SectionDemand
from mlcharter.errors import UserError
from mlcharter.policy import TIERS
from mlcharter.rule import LEVELS


def listed() -> str:
    """Every rule by the level at which it fails, a line each."""
    rules = [rule.described(name) for name in rule.names()]
    lines = []
    for level, words in _LEVELS.items():
        chosen = [described for described in rules if described.level == level]
        if chosen:
            width = max(len(described.name) for described in chosen)
            lines += [words, *(f"  {r.name:{width}}  {r.title}" for r in chosen), ""]
    return "\n".join(lines[:-1]) + "\n"


_LEVELS = {
    "draft": "fails at every level:",
    "review": "fails at review and release:",
    "release": "fails at release:",
    "note": "fails at no level:",
}


def explained(name: str) -> str:
    """The pages of what has this name, hyphens and underscores alike; none is a UserError."""
    demands = _everything()
    pages: dict[str, list[Callable[[], str]]] = {}
    for known in rule.names():
        pages.setdefault(known, []).append(partial(_rule, known))
    for kind in contracting.kinds():
        pages.setdefault(_key(kind), []).append(partial(_contract, kind, demands))
    for id in demands.items:
        pages.setdefault(id, []).append(partial(_item, id, demands))
    for section in demands.sections:
        pages.setdefault(section.id, []).append(partial(_section, section, demands))
    for level in LEVELS:
        pages.setdefault(level, []).append(partial(_level, level))
    for tier in TIERS:
        pages.setdefault(tier, []).append(partial(_tier, tier, demands))
    for track in composing.tracks(embedded_root()):
        pages.setdefault(track, []).append(partial(_track, track, demands))
    found = pages.get(_key(name))
    if found is None:
        near = difflib.get_close_matches(_key(name), pages, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`mlcharter explain` lists rules"
        known = "rule, item, section, contract, level, tier or track"
        raise UserError(f"no {known} is called `{name}`", hint=hint)
    return "\n".join(page() for page in found)


def _key(name: str) -> str:
    return name.lower().replace("_", "-")


def _everything() -> Demands:
    """The charter of a repository of every track."""
    root = embedded_root()
    answers = {"tracks": list(composing.tracks(root)), "layout": "documents"}
    return specification.demanded(root, answers)


def _rule(name: str) -> str:
    described = rule.described(name)
    lines = [f"{name}: {described.title}", "", described.reason, "", _LEVELS[described.level][:-1]]
    for example in described.examples:
        lines += ["", f"{example.kind}:", "", _indented(example.text)]
    return "\n".join(lines) + "\n"


def _item(id: str, demands: Demands) -> str:
    item = demands.items[id]
    (section,) = [section for section in demands.sections if section.id == item.section]
    tier = f"required from {item.tier} on" if item.tier else "required in no tier"
    return (
        f"{id}: {item.sentence}\n\n"
        f"An item of `{section.id}` in {_path(section, demands)}, {tier}.\n\n"
        "Tick it with what proves it, or waive it:\n\n"
        f"    - [x] `{id}` … Evidence: [report](../reports/released/….json) (sha256:…)\n"
        f"    - [ ] `{id}` … Waived until 2027-01-31 by @lead: why it can wait\n"
    )


def _section(section: SectionDemand, demands: Demands) -> str:
    lines = [f"{section.id}: {section.heading}", "", f"A section of {_path(section, demands)}."]
    for prompt in section.prompts:
        lines += ["", prompt.removeprefix("<!--").removesuffix("-->").strip()]
    lines += ["", *(f"- `{item.id}` {item.sentence}" for item in section.items)]
    return "\n".join(lines).rstrip() + "\n"


def _path(section: SectionDemand, demands: Demands) -> str:
    return next(d.path for d in demands.documents if section.id in d.section_ids)


def _contract(kind: str, demands: Demands) -> str:
    module = plugins.load_one(contracting.PACKAGE, kind)
    lines = [f"{kind}: {(module.__doc__ or '').strip()}", ""]
    places = [s for s in demands.sections if kind in s.contracts]
    lines += [f"Stands in {_path(s, demands)}, section `{s.id}`." for s in places]
    lines += ["", "<!-- contract: " + kind + " -->", "```yaml", *_skeleton(kind), "```"]
    return "\n".join(lines) + "\n"


def _skeleton(kind: str) -> list[str]:
    """Every key of a kind with what it takes, those inside its mappings too."""
    rows: list[tuple[str, str]] = []
    for name, words in contracting.keys(kind).items():
        inner = contracting.keys(kind, name) if name != "na" else {}
        rows.append((f"{name}:", words))
        mark = "- " if inner and contracting.holds_list(kind, name) else ""
        for n, (key, value) in enumerate(inner.items()):
            rows.append((f"  {mark if n == 0 else ' ' * len(mark)}{key}:", value))
    lead = "- " if contracting.is_list(kind) else ""
    width = max(len(name) for name, _ in rows)
    return [
        f"{lead if n == 0 else ' ' * len(lead)}{name:{width}}  # {words}"
        for n, (name, words) in enumerate(rows)
    ]


# Levels, tiers, tracks


def _level(level: str) -> str:
    rules = [r for r in map(rule.described, rule.names()) if r.level == level]
    width = max(len(described.name) for described in rules)
    lines = [f"{level}: {_ASKS[level]}", "", f"Rules that fail from {level} on:", ""]
    lines += [f"    {r.name:{width}}  {r.title}" for r in rules]
    return "\n".join(lines) + "\n"


_ASKS = {
    "draft": "the structure of the charter holds, whatever is written in it.",
    "review": "every section is filled, contracts are valid, and documents agree.",
    "release": "every item that the tier requires is proven or waived.",
}


def _tier(tier: str, demands: Demands) -> str:
    items = [item for item in demands.items.values() if item.tier == tier]
    head = f"{tier}: a tier; {len(items)} items of all tracks are required from it on."
    return "\n".join([head, "", *(f"- `{item.id}` {item.sentence}" for item in items)]) + "\n"


def _track(track: str, demands: Demands) -> str:
    root = embedded_root()
    others = [name for name in composing.tracks(root) if name != track]
    without = specification.demanded(root, {"tracks": others, "layout": "documents"})
    lines = [f"{track}: a track; what it alone brings:", ""]
    for document in demands.documents:
        for section in document.sections:
            if f"section:{section.id}" not in without.ids:
                lines.append(f"- {document.path}, section `{section.id}`: {section.heading}")
            for item in section.items:
                if f"item:{item.id}" not in without.ids:
                    lines.append(f"- {document.path}, item `{item.id}`: {item.sentence}")
    return "\n".join(lines) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in inspect.cleandoc(text).splitlines())
