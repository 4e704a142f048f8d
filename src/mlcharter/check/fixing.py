"""Restore deleted documents, sections, config blocks, items and ids in their place.

It adds lines of the template, and normalises fields and waivers. The team's own text does not
change or move.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.check import normalising
from mlcharter.markdown import boxes, document
from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import PLACEHOLDER, Document, Heading, Section
from mlcharter.support import writing
from mlcharter.template import composing
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec


class Insertion(NamedTuple):
    """Lines to insert after a line (0 is the start); `apart` puts blank lines around them."""

    line: int
    text: str
    what: str
    apart: bool = True


def fix_document(charter: Charter, document_spec: DocumentSpec) -> tuple[str, list[str]]:
    """Return the text of a restored document, and one line for each change; writes nothing."""
    original = _original(charter, document_spec)
    current = charter.document(document_spec.path)
    if current is None or not current.text:
        return original.text, ["restored the document"]
    current, normalised = normalising.normalise(current)
    missing = _missing_parts(charter, document_spec, original, current)
    insertions = sorted(missing, key=lambda insertion: insertion.line)
    changes = [f"normalised {what}" for what in normalised]
    changes += [f"restored {insertion.what}" for insertion in insertions]
    return _insert(current, insertions), changes


def fix(
    root: Path, charter: Charter, selects: Callable[[str], bool] = lambda path: True
) -> list[str]:
    """Restore and write every selected document at `root` that lacks something.

    Returns one line for each change.
    """
    done = []
    blocked = {unreadable.path for unreadable in charter.unreadable}
    for document_spec in charter.spec.documents:
        path = document_spec.path
        optional = document_spec.finished and charter.document(path) is None
        if path in blocked or optional or not selects(path):
            continue
        text, restored = fix_document(charter, document_spec)
        if restored:
            writing.replace(root, path, text.encode())
            done += [f"{path}: {what}" for what in restored]
    return done


# The document of the template


def _original(charter: Charter, document_spec: DocumentSpec) -> Document:
    """Return the document of the template, with the organisation's additions."""
    source = f"{document_spec.path}.jinja"
    if (charter.template / composing.PROJECT / source).is_file():
        text = composing.compose(charter.template, source, charter.spec.answers)
        text = charter.spec.fill_names(text)
    else:
        title = Path(document_spec.path).stem.replace("_", " ").replace("-", " ").capitalize()
        text = f"# {title}\n\nOwner:\n\nReviewed:\n"
    read = document.parse(text, document_spec.path)
    missing = [section for section in document_spec.sections if read.section(section.id) is None]
    return document.parse(text + "".join(map(_render_section, missing)), document_spec.path)


def _render_section(section: SectionSpec) -> str:
    """Return the text of a section that only the organisation requires."""
    items = "".join(_render_item(item) for item in section.items)
    head = f"\n{'#' * section.level} {section.heading}\n<!-- section: {section.id} -->\n"
    return f"{head}\n{PLACEHOLDER}\n" + (f"\n{items}" if items else "")


def _render_item(item: ItemSpec) -> str:
    return f"- [ ] `{item.id}` {item.sentence} <!-- from {item.tier} -->\n"


# Deleted parts


def _missing_parts(
    charter: Charter, document_spec: DocumentSpec, original: Document, current: Document
) -> Iterator[Insertion]:
    yield from _missing_fields(document_spec, original, current)
    items = {item.id for _, item in charter.items}
    place = _preamble_end(current)
    for section_spec in document_spec.sections:
        section = current.section(section_spec.id)
        original_section = original.section(section_spec.id)
        if original_section is None:
            continue
        if section is not None:
            place = section.end
            yield from _missing_in_section(charter, section_spec, original_section, section, items)
        elif (heading := _heading_without_id(current, original_section)) is not None:
            place = _end_below(current, heading)
            marker = f"<!-- section: {section_spec.id} -->\n"
            yield Insertion(heading.end, marker, f"the id of `{section_spec.id}`", apart=False)
        else:
            text = "".join(_lines_without(original_section, items))
            yield Insertion(place, text, f"the section `{section_spec.id}`")


def _missing_fields(
    document_spec: DocumentSpec, original: Document, current: Document
) -> Iterator[Insertion]:
    place = current.headings[0].end if current.headings else 0
    for name in document_spec.fields:
        if (present := current.field(name)) is not None:
            place = present.line
        elif (field := original.field(name)) is not None:
            text = original.lines[field.line - 1]
            yield Insertion(place, text, f"the line `{name}:`")


def _lines_without(section: Section, items: set[str | None]) -> list[str]:
    """Return the lines of a section without the items that exist elsewhere."""
    lines = section.document.lines[section.line - 1 : section.end]
    for item in section.items:
        if item.id in items:
            start, end = item.line - section.line, item.end - section.line + 1
            lines[start:end] = [""] * (end - start)
    return lines


def _heading_without_id(current: Document, original_section: Section) -> Heading | None:
    """Return the heading of a section that has lost its id; None if it is gone too."""
    return next(
        (h for h in current.headings if h.id is None and h.text == original_section.heading), None
    )


def _end_below(current: Document, heading: Heading) -> int:
    """Return the last line before the next heading of the same or a higher level."""
    below = (h for h in current.headings if h.line > heading.line and h.level <= heading.level)
    following = next(below, None)
    return following.line - 1 if following else len(current.lines)


def _preamble_end(current: Document) -> int:
    """Return the last line before the first section."""
    first = next((s for s in current.sections if s.id is not None or s.level > 1), None)
    return first.line - 1 if first else len(current.lines)


def _missing_in_section(
    charter: Charter,
    section_spec: SectionSpec,
    original_section: Section,
    current: Section,
    items: set[str | None],
) -> Iterator[Insertion]:
    """Yield the guidance, config blocks and items that are missing in a section."""
    has_guidance = any(block.kind == "guidance" for block in current.blocks)
    unfilled = filling.why_unfilled(charter.spec, section_spec, current) or any(
        config.line in {c.line for d, c in charter.blank if d.path == current.document.path}
        for config in current.configs
    )
    top = next((b.end for b in current.blocks if b.kind == "marker"), current.blocks[0].end)
    if section_spec.guidance and unfilled and not has_guidance:
        guidance = [block.text for block in original_section.blocks if block.kind == "guidance"]
        yield Insertion(top, "\n".join(guidance), f"the guidance of `{section_spec.id}`")
    kinds = {config.kind for config in current.document.configs}
    for config in original_section.configs:
        if config.kind not in kinds and config.kind in section_spec.configs:
            text = _config(original_section, config.line)
            place = _place_after(original_section, config.line, current, into_lists=False)
            yield Insertion(place, text, f"the config block `{config.kind}`")
    for item in section_spec.items:
        if item.id not in items and boxes.find_malformed(current.document, item.id) is None:
            yield _item(item, section_spec, original_section, current)


def _place_after(original_section: Section, line: int, current: Section, into_lists: bool) -> int:
    """Return the end of the block or list entry with the nearest line that still exists.

    It searches for the lines above `line` in the template's section, the nearest first.
    """
    document = current.document
    line_numbers = {document.lines[n - 1].strip(): n for n in range(current.line, current.end + 1)}
    for number in range(line - 1, original_section.line, -1):
        text = original_section.document.lines[number - 1].strip()
        if text and text in line_numbers:
            return _end(current, line_numbers[text], into_lists)
    return min((item.line - 1 for item in current.items), default=current.end)


def _end(section: Section, line: int, into_lists: bool = True) -> int:
    """Return the last line of the block or list entry that contains a line."""
    block = next(block for block in section.blocks if block.line <= line <= block.end)
    if block.kind == "list" and into_lists:
        for entry in section.document.entries(block):
            if entry.line <= line <= entry.end:
                return entry.line + len(entry.text.rstrip().splitlines()) - 1
    return block.end


def _config(original_section: Section, line: int) -> str:
    """Return the text of a config block with its marker."""
    blocks = [block for block in original_section.blocks if block.line >= line]
    end = next((n for n, block in enumerate(blocks) if block.kind == "fence"), 0)
    return "".join(block.text for block in blocks[: end + 1])


def _item(
    item_spec: ItemSpec, section_spec: SectionSpec, original_section: Section, current: Section
) -> Insertion:
    """Return where to insert an item: after the one before it, before the next, or as a list."""
    original = next((item for item in original_section.items if item.id == item_spec.id), None)
    lines = original_section.document.lines
    text = "".join(lines[original.line - 1 : original.end]) if original else _render_item(item_spec)
    what = f"the item `{item_spec.id}`"
    present = {item.id: item for item in current.items if item.depth == 0}
    if original:
        order = _in_list(original_section, original)
        place = _place_after(original_section, original.line, current, into_lists=True)
    else:
        order = [item.id for item in section_spec.items]
        place = current.end
    at = order.index(item_spec.id)
    for id in reversed(order[:at]):
        if id in present:
            return Insertion(_end(current, present[id].line), text, what, apart=False)
    for id in order[at + 1 :]:
        if id in present:
            return Insertion(present[id].line - 1, text, what, apart=False)
    return Insertion(place, text, what)


def _in_list(section: Section, item: Item) -> list[str]:
    """Return the ids of the items in the list of an item."""
    block = next(b for b in section.blocks if b.line <= item.line <= b.end)
    return [
        other.id for other in section.items if other.id and block.line <= other.line <= block.end
    ]


# Inserting


def _insert(current: Document, insertions: list[Insertion]) -> str:
    """Return the text with the insertions; those for one line keep their order."""
    line_end = "\r\n" if current.lines and current.lines[0].endswith("\r\n") else "\n"
    out: list[str] = []
    last = 0
    for insertion in insertions:
        out += current.lines[last : insertion.line]
        last = insertion.line
        _append(out, insertion, line_end)
        if insertion.apart and "".join(current.lines[last : last + 1]).strip():
            out.append(line_end)
    return "".join([*out, *current.lines[last:]])


def _append(out: list[str], insertion: Insertion, line_end: str) -> None:
    if out and not out[-1].endswith(("\n", "\r")):
        out[-1] += line_end
    if insertion.apart and out and out[-1].strip():
        out.append(line_end)
    text = insertion.text.strip("\n")
    out += [line + line_end for line in text.splitlines()]
