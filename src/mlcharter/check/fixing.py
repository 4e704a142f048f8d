"""Restore what a charter has lost, in its place: documents, sections, config blocks, items, ids.

It adds lines of the template's own, and writes fields and waivers in their usual form; a team's
words stay as they are, where they are.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.check import normalising
from mlcharter.markdown import boxes, document
from mlcharter.markdown.document import PLACEHOLDER, Document, Heading, Item, Section
from mlcharter.support import writing
from mlcharter.template import composing
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec


class Insertion(NamedTuple):
    """Lines to put behind a line (0 is before the first); `apart` sets blank lines round them."""

    line: int
    text: str
    what: str
    apart: bool = True


def fixed(charter: Charter, demand: DocumentSpec, template: Path) -> tuple[str, list[str]]:
    """A document with what it has lost, and what was done, a line each; pure."""
    given = _given(charter, demand, template)
    here = charter.document(demand.path)
    if here is None or not here.text:
        return given.text, ["put back the document"]
    here, written = normalising.normalised(here)
    insertions = sorted(_lost(charter, demand, given, here), key=lambda insertion: insertion.line)
    done = [f"wrote {what} in its usual form" for what in written]
    done += [f"put back {insertion.what}" for insertion in insertions]
    return _inserted(here, insertions), done


def fix(
    root: Path,
    charter: Charter,
    template: Path,
    asked: Callable[[str], bool] = lambda path: True,
) -> list[str]:
    """Write every document at `root` that is asked for and has lost something.

    Return what was done, a line each.
    """
    done = []
    blocked = {unreadable.path for unreadable in charter.unreadable}
    for demand in charter.spec.documents:
        missing = charter.document(demand.path) is None
        if demand.path in blocked or (missing and demand.finished) or not asked(demand.path):
            continue
        text, restored = fixed(charter, demand, template)
        if restored:
            writing.replace(root, demand.path, text.encode())
            done += [f"{demand.path}: {what}" for what in restored]
    return done


# What a document was given


def _given(charter: Charter, demand: DocumentSpec, template: Path) -> Document:
    """The document as the template gives it, with what an organisation adds."""
    source = f"{demand.path}.jinja"
    if (template / composing.PROJECT / source).is_file():
        text = composing.compose(template, source, charter.spec.answers)
        text = charter.spec.fill_names(text)
    else:
        title = Path(demand.path).stem.replace("_", " ").replace("-", " ").capitalize()
        text = f"# {title}\n\nOwner:\n\nReviewed:\n"
    read = document.parse(text, demand.path)
    missing = [section for section in demand.sections if read.section(section.id) is None]
    return document.parse(text + "".join(map(_written, missing)), demand.path)


def _written(section: SectionSpec) -> str:
    """A section that only an organisation asks for."""
    items = "".join(_line(item) for item in section.items)
    head = f"\n{'#' * section.level} {section.heading}\n<!-- section: {section.id} -->\n"
    return f"{head}\n{PLACEHOLDER}\n" + (f"\n{items}" if items else "")


def _line(item: ItemSpec) -> str:
    return f"- [ ] `{item.id}` {item.sentence} <!-- from {item.tier} -->\n"


# What it has lost


def _lost(
    charter: Charter, demand: DocumentSpec, given: Document, here: Document
) -> Iterator[Insertion]:
    yield from _lost_fields(demand, given, here)
    items = {item.id for _, item in charter.items}
    place = _preamble_end(here)
    for wanted in demand.sections:
        section = here.section(wanted.id)
        before = given.section(wanted.id)
        if before is None:
            continue
        if section is not None:
            place = section.end
            yield from _lost_parts(charter, wanted, before, section, items)
        elif (bare := _unmarked(here, before)) is not None:
            place = _end_below(here, bare)
            marker = f"<!-- section: {wanted.id} -->\n"
            yield Insertion(bare.end, marker, f"the id of `{wanted.id}`", apart=False)
        else:
            text = "".join(_without(before, items))
            yield Insertion(place, text, f"the section `{wanted.id}`")


def _lost_fields(demand: DocumentSpec, given: Document, here: Document) -> Iterator[Insertion]:
    place = here.headings[0].end if here.headings else 0
    for name in demand.fields:
        if (present := here.field(name)) is not None:
            place = present.line
        elif (field := given.field(name)) is not None:
            text = given.lines[field.line - 1]
            yield Insertion(place, text, f"the line `{name}:`")


def _without(section: Section, items: set[str | None]) -> list[str]:
    """The lines of a section without items that stand elsewhere by now."""
    gone = {
        line
        for item in section.items
        if item.id in items
        for line in range(item.line, item.end + 1)
    }
    lines = section.document.lines[section.line - 1 : section.end]
    return [line for n, line in enumerate(lines, section.line) if n not in gone]


def _unmarked(here: Document, before: Section) -> Heading | None:
    """A heading that stands where it did and has lost its id."""
    return next((h for h in here.headings if h.id is None and h.text == before.heading), None)


def _end_below(here: Document, heading: Heading) -> int:
    """The last line before the next heading of the same or a higher level."""
    below = (h for h in here.headings if h.line > heading.line and h.level <= heading.level)
    following = next(below, None)
    return following.line - 1 if following else len(here.lines)


def _preamble_end(here: Document) -> int:
    """Behind the title and what stands below it, where the first section would begin."""
    first = next((s for s in here.sections if s.id is not None or s.level > 1), None)
    return first.line - 1 if first else len(here.lines)


def _lost_parts(
    charter: Charter, wanted: SectionSpec, before: Section, here: Section, items: set[str | None]
) -> Iterator[Insertion]:
    """The guidance, the config blocks and the items that a section has lost."""
    asked = any(block.kind == "guidance" for block in here.blocks)
    unfilled = filling.unfilled(charter.spec, wanted, here) or any(
        config.line in {c.line for d, c in charter.blank if d.path == here.document.path}
        for config in here.configs
    )
    top = next((b.end for b in here.blocks if b.kind == "marker"), here.blocks[0].end)
    if wanted.guidance and unfilled and not asked:
        guidance = [block.text for block in before.blocks if block.kind == "guidance"]
        yield Insertion(top, "\n".join(guidance), f"the guidance of `{wanted.id}`")
    kinds = {config.kind for config in here.document.configs}
    for config in before.configs:
        if config.kind not in kinds and config.kind in wanted.configs:
            text = _config(before, config.line)
            place = _behind(before, config.line, here, into_lists=False)
            yield Insertion(place, text, f"the config block `{config.kind}`")
    for item in wanted.items:
        if item.id not in items and boxes.broken(here.document, item.id) is None:
            yield _item(item, wanted, before, here)


def _behind(before: Section, line: int, here: Section, into_lists: bool) -> int:
    """Behind the block, or the entry of a list, with the nearest line that still stands.

    Looked for are the lines above `line` in the template's section, from the bottom to the top.
    """
    document = here.document
    standing = {document.lines[n - 1].strip(): n for n in range(here.line, here.end + 1)}
    for number in range(line - 1, before.line, -1):
        text = before.document.lines[number - 1].strip()
        if text and text in standing:
            return _end(here, standing[text], into_lists)
    return min((item.line - 1 for item in here.items), default=here.end)


def _end(section: Section, line: int, into_lists: bool = True) -> int:
    """The last line of the block, or of the entry of a list, that a line belongs to."""
    block = next(block for block in section.blocks if block.line <= line <= block.end)
    if block.kind == "list" and into_lists:
        for entry in section.document.entries(block):
            if entry.line <= line <= entry.end:
                return entry.line + len(entry.text.rstrip().splitlines()) - 1
    return block.end


def _config(before: Section, line: int) -> str:
    """The marker of a config block with its block."""
    blocks = [block for block in before.blocks if block.line >= line]
    end = next((n for n, block in enumerate(blocks) if block.kind == "fence"), 0)
    return "".join(block.text for block in blocks[: end + 1])


def _item(wanted: ItemSpec, section: SectionSpec, before: Section, here: Section) -> Insertion:
    """Behind the nearest item before it in its list, else before the next, else a list again."""
    given = next((item for item in before.items if item.id == wanted.id), None)
    lines = before.document.lines
    text = "".join(lines[given.line - 1 : given.end]) if given else _line(wanted)
    what = f"the item `{wanted.id}`"
    present = {item.id: item for item in here.items if item.depth == 0}
    order = _in_list(before, given) if given else [item.id for item in section.items]
    at = order.index(wanted.id)
    for id in reversed(order[:at]):
        if id in present:
            return Insertion(_end(here, present[id].line), text, what, apart=False)
    for id in order[at + 1 :]:
        if id in present:
            return Insertion(present[id].line - 1, text, what, apart=False)
    place = _behind(before, given.line, here, into_lists=True) if given else here.end
    return Insertion(place, text, what)


def _in_list(section: Section, item: Item) -> list[str]:
    """The ids of the list that an item stands in."""
    block = next(b for b in section.blocks if b.line <= item.line <= b.end)
    return [
        other.id for other in section.items if other.id and block.line <= other.line <= block.end
    ]


# Inserting


def _inserted(here: Document, insertions: list[Insertion]) -> str:
    """The document with lines put in; those for one place stand in the order of the list."""
    ends = "\r\n" if here.lines and here.lines[0].endswith("\r\n") else "\n"
    out: list[str] = []
    waiting = list(insertions)
    for number in range(len(here.lines) + 1):
        if number:
            out.append(here.lines[number - 1])
        after = here.lines[number] if number < len(here.lines) else None
        while waiting and waiting[0].line <= number:
            insertion = waiting.pop(0)
            _put(out, insertion, ends)
            if insertion.apart and after is not None and after.strip():
                out.append(ends)
    return "".join(out)


def _put(out: list[str], insertion: Insertion, ends: str) -> None:
    if out and not out[-1].endswith(("\n", "\r")):
        out[-1] += ends
    if insertion.apart and out and out[-1].strip():
        out.append(ends)
    text = insertion.text.strip("\n")
    out += [line + ends for line in text.splitlines()]
