"""What a rule, an item, a section or a kind of contract asks for, in words."""

import difflib
import inspect
from collections.abc import Callable
from functools import partial

from mlcharter import composing, contracting, plugins, rule, specification
from mlcharter.carried import embedded_root
from mlcharter.demands import Demands, SectionDemand
from mlcharter.errors import UserError


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
    """The page of the first thing that has this name; what has none is a UserError."""
    demands = _everything()
    pages: dict[str, Callable[[], str]] = {
        **{section.id: partial(_section, section, demands) for section in demands.sections},
        **{id: partial(_item, id, demands) for id in demands.items},
        **{kind: partial(_contract, kind, demands) for kind in contracting.kinds()},
        **{known: partial(_rule, known) for known in rule.names()},
    }
    wanted = name if name in pages else name.replace("-", "_")
    if wanted not in pages:
        near = difflib.get_close_matches(name, pages, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`mlcharter explain` lists rules"
        raise UserError(f"no rule, item, section or contract is called `{name}`", hint=hint)
    return pages[wanted]()


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
    """Every key of a kind with what it takes."""
    fields = contracting.keys(kind)
    mark = "- " if contracting.is_list(kind) else ""
    width = max(len(name) for name in fields)
    lines = []
    for n, (name, words) in enumerate(fields.items()):
        lead = mark if n == 0 else " " * len(mark)
        lines.append(f"{lead}{f'{name}:':{width + 1}}  # {words}")
    return lines


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in inspect.cleandoc(text).splitlines())
