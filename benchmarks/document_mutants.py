"""Generate mutants of the Markdown of a charter: documents, fields, sections, items, waivers, proofs, links.

Left out, because nothing is wrong with them: sentences and headings in other words, days in
sentences, ticks and waivers of items that the tier does not require, who signs a waiver as long as
one can call them, documents of the team's own, and addresses, since nothing is fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from config_mutants import Mutant

from mlcharter.charter.charter import Charter
from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import (
    GUIDANCE,
    PLACEHOLDER,
    ConfigBlock,
    Document,
    Field,
    Link,
    Section,
)
from mlcharter.template.specification import SectionSpec

LOREM = "Lorem ipsum dolor sit amet, consectetur adipiscing elit."


@dataclass(frozen=True)
class Lines:
    """A document whose lines can be replaced."""

    document: Document

    def mutant(self, operator: str, what: str, start: int, end: int, new: str = "") -> Mutant:
        """Return the document with `new` instead of the lines from `start` to before `end`."""
        lines = self.document.lines
        text = "".join((*lines[: start - 1], new, *lines[end - 1 :]))
        last = start + max(new.count("\n") - 1, 0)
        return Mutant(operator, self.document.path, what, text, start, last, "")

    def swapped(
        self, operator: str, what: str, line: int, old: str, new: str, column: int = 1
    ) -> Mutant:
        """Return the document with `new` instead of the first `old` in a line, after a column."""
        before = self.document.lines[line - 1]
        head, tail = before[: column - 1], before[column - 1 :]
        assert old and old in tail, (operator, what, old)
        return self.mutant(operator, what, line, line + 1, head + tail.replace(old, new, 1))

    def around(self, mutant: Mutant, start: int, end: int) -> Mutant:
        """Return the mutant, with its defect from line `start` to the former line `end`."""
        assert isinstance(mutant.text, str)
        gone = len(self.document.lines) - len(mutant.text.splitlines())
        return replace(mutant, first=start, last=max(end - gone, start))


def mutants(charter: Charter) -> Iterator[Mutant]:
    """Yield every mutant of the Markdown of every document."""
    for document in charter.documents:
        demand = charter.spec.document(document.path)
        if demand is not None and demand.standard:
            yield from _documents(document)
        for field in document.fields:
            yield from _fields(charter, document, field)
        for link in document.links:
            yield from _links(document, link)
        for config in document.configs:
            yield from _configs(document, config)
        for item in document.items:
            if item.id is not None:
                yield from _items(charter, document, item)
    for wanted, section in charter.sections:
        yield from _sections(charter, wanted, section)


def _documents(document: Document) -> Iterator[Mutant]:
    path, end = document.path, len(document.lines)
    title, name = document.lines[0], document.path.rpartition("/")[2]
    latin = f"{title}caf\xe9\n{document.text}".encode("latin-1", "replace")
    half = "".join(document.lines[: end // 2])
    yield Mutant("document: deleted", path, path, None, 1, 1, name)
    yield Mutant("document: emptied", path, path, "", 1, 1, name)
    yield Mutant("document: only its title left", path, path, title, 1, 1, name)
    yield Mutant("document: saved in Latin-1", path, path, latin, 2, 2, name)
    yield Mutant("document: cut off in the middle", path, path, half, end // 2, end // 2, name)


def _fields(charter: Charter, document: Document, field: Field) -> Iterator[Mutant]:
    if field.name not in ("Owner", "Reviewed"):
        return
    lines, name = Lines(document), field.name

    def changed(operator: str, value: str) -> Mutant:
        at = (field.line, field.value, value, field.column)
        return lines.swapped(f"{name}: {operator}", name, *at)

    demand = charter.spec.document(document.path)
    if demand is not None and name in demand.fields:
        gone = lines.mutant(f"{name}: deleted", name, field.line, field.line + 1)
        yield lines.around(gone, 1, field.line)
    yield changed("emptied", "")
    if name == "Owner":
        yield changed("nobody whom one can call", "the team")
        yield changed("nobody whom the repository knows", "@nowhere/nobody")
    else:
        yield changed("a day that no calendar has", "2026-02-31")
        yield changed("no day", "last spring")
        yield changed("too long ago", "2024-01-15")
        yield changed("in the future", "2031-01-15")


def _links(document: Document, link: Link) -> Iterator[Mutant]:
    proofs = {(proof.line, proof.column) for item in document.items for proof in item.evidence}
    if link.external or (link.line, link.column) in proofs:
        return
    path, hash_, _ = link.target.partition("#")
    changes = []
    if path:
        changes.append(("to a file that is not there", f"gone/{path}"))
        changes.append(("out of the repository", "../" * 20 + "etc/hostname"))
    if hash_ or path.endswith(".md"):
        changes.append(("to no heading", f"{path}#no-such-heading"))
    for what, new in changes:
        at = (link.line, f"({link.target}", f"({new}", link.column)
        yield Lines(document).swapped(f"link: {what}", link.target, *at)


# Sections


def _sections(charter: Charter, wanted: SectionSpec, section: Section) -> Iterator[Mutant]:
    lines = Lines(section.document)
    id, start, end = wanted.id, section.line, section.end + 1
    marker = next(b for b in section.blocks if b.kind == "marker")
    body = marker.end + 1
    heading = "".join(section.document.lines[start - 1 : marker.end])

    def mutant(operator: str, start: int, end: int, new: str = "") -> Mutant:
        made = lines.mutant(f"section: {operator}", id, start, end, new)
        return replace(made, first=min(section.line, start), named=id)

    yield mutant("deleted", start, end)
    yield mutant("its id deleted", marker.line, body)
    yield mutant("its id misspelt", marker.line, body, f"<!-- section: {id}-2 -->\n")
    yield mutant("its heading and id deleted", start, body)
    yield mutant("standing twice", end, end, f"\n{heading}\nMore of the same.\n")
    if wanted.open or wanted.texts or wanted.items or wanted.configs:
        yield mutant("emptied", body, end)
    if wanted.open:
        guidance = "\n".join(map(charter.spec.fill_names, wanted.guidance))
        quoted = f"> {guidance} {GUIDANCE}"
        kept = _kept(section)
        for operator, text in (
            ("back to the placeholder", PLACEHOLDER),
            ("filled with lorem ipsum", LOREM),
            ("filled with its own guidance", guidance),
            ("filled with TODO", "TODO"),
        ):
            yield mutant(operator, body, end, f"\n{quoted}\n\n{text}\n{kept}\n")


def _kept(section: Section) -> str:
    """Return the checklists and config blocks of a section, which remain without its prose."""
    fences = {config.fence for config in section.configs}
    boxes = {item.line for item in section.items}
    blocks = []
    for block in section.blocks:
        config = block.kind == "marker" and "config:" in block.text
        if config:
            blocks.append(f"\n{block.text}")
        elif block.line in fences:
            blocks.append(block.text)
        elif block.kind == "list" and block.line in boxes:
            blocks.append(f"\n{block.text}")
    return "".join(blocks)


# Config blocks


def _configs(document: Document, config: ConfigBlock) -> Iterator[Mutant]:
    lines, kind = Lines(document), config.kind
    section = document.section_at(config.line)
    assert section is not None
    end = config.fence
    while not document.lines[end].startswith("```"):
        end += 1
    end += 1  # the line that closes the fence

    def mutant(operator: str, start: int, stop: int, new: str = "") -> Mutant:
        return lines.mutant(f"config: {operator}", kind, start, stop, new)

    first, below = config.fence + 1, config.line + 1
    for gone in (
        mutant("deleted", config.line, end + 1),
        mutant("its marker deleted", config.line, below),
    ):
        yield lines.around(gone, section.line, section.end)
    yield lines.around(mutant("its fence never closed", end, end + 1), config.line, section.end)
    nulls = _nulled(document.lines[config.fence : end - 1])
    for block in (
        mutant("its marker misspelt", config.line, below, f"<!-- config: {kind}x -->\n"),
        mutant("emptied", first, end),
        mutant("no longer called yaml", config.fence, first, "```text\n"),
        mutant("its YAML broken by a tab", first, first, "\t- id: x\n"),
        mutant("its YAML broken by a quote", first, first, '"\n'),
        mutant("replaced by a sentence", first, end, "See the wiki.\n"),
        mutant("every value null", first, end, nulls),
    ):
        yield lines.around(block, config.line, end)


def _nulled(rows: list[str]) -> str:
    """Return the outermost keys of the first entry, without their values."""
    keys = []
    for row in rows:
        match = re.match(r"(- |  )?([A-Za-z_]+):", row)
        if match and (match[1] != "- " or not keys):
            keys.append(f"{match[1] or ''}{match[2]}: null\n")
        elif match:
            break
    listed = rows[0].startswith("- ") if rows else False
    return "".join(key for key in keys if not listed or key.startswith(("- ", "  ")))


# Items


def _items(charter: Charter, document: Document, item: Item) -> Iterator[Mutant]:
    lines = Lines(document)
    id = item.id or ""
    section = document.section_at(item.line)
    assert section is not None

    def swapped(operator: str, old: str, new: str) -> Mutant:
        return lines.swapped(f"item: {operator}", id, item.line, old, new)

    read = id in charter.spec.items
    if read:
        for gone in (
            lines.mutant("item: deleted", id, item.line, item.end + 1),
            swapped("its id misspelt", f"`{id}`", f"`{id}s`"),
            swapped("its id deleted", f"`{id}` ", ""),
            swapped("no longer a box", "- [x] " if item.ticked else "- [ ] ", "- "),
        ):
            yield lines.around(gone, section.line, section.end)
    again = "".join(document.lines[item.line - 1 : item.end])
    yield lines.mutant("item: standing twice", id, item.end + 1, item.end + 1, again)
    required = read and charter.requires(charter.spec.items[id].tier)
    if item.ticked and required:
        yield swapped("its tick taken away", "[x]", "[ ]")
    if not item.ticked and item.waiver is None and required:
        yield swapped("ticked without proof", "[ ]", "[x]")
    if item.ticked and item.evidence:
        yield from _proofs(document, item)
    if item.waiver is not None:
        yield from _waivers(document, item, required)


def _proofs(document: Document, item: Item) -> Iterator[Mutant]:
    lines, id = Lines(document), item.id or ""
    first = item.evidence[0]
    row = document.lines[first.line - 1]
    at = row.index("Evidence:")
    comment = row.find("<!--", at)
    bare = row[:at] + (row[comment:] if comment >= 0 else "\n")
    yield lines.mutant("proof: deleted", id, first.line, first.line + 1, bare)
    for proof in item.evidence:
        changes = [
            ("its file not there", proof.target, f"gone/{proof.target}"),
            ("out of the repository", proof.target, "../" * 20 + "etc/hostname"),
            ("the report that each run rewrites", proof.target, "../reports/applied.json"),
        ]
        if proof.digest:
            changes.append(("its digest changed", proof.digest, _other(proof.digest)))
            changes.append(("its digest invalid", proof.digest, "reviewed"))
        for operator, old, new in changes:
            yield lines.swapped(f"proof: {operator}", id, proof.line, old, new, proof.column)


def _other(digest: str) -> str:
    return digest[:-1] + ("0" if digest[-1:] != "0" else "1")


def _waivers(document: Document, item: Item, required: bool) -> Iterator[Mutant]:
    assert item.waiver is not None
    waiver, lines, id = item.waiver, Lines(document), item.id or ""

    def swapped(operator: str, old: str, new: str) -> Mutant:
        at = (waiver.line, old, new, 1 if old == "[ ]" else waiver.column)
        return lines.swapped(f"waiver: {operator}", id, *at)

    yield swapped("expired", waiver.until_text, "2025-01-31")
    yield swapped("its end no day", waiver.until_text, "spring")
    yield swapped("its end far away", waiver.until_text, "2126-01-31")
    yield swapped("without an end", f" until {waiver.until_text}", "")
    yield swapped("without an owner", f" by {waiver.by}", "")
    yield swapped("by nobody whom one can call", waiver.by, "the team")
    yield swapped("without a reason", waiver.reason.split(" <!--")[0], "")
    yield swapped("beside a tick", "[ ]", "[x]")
    if required:
        row = document.lines[waiver.line - 1]
        start = row.rindex("Waived", 0, row.index(waiver.by))
        end = row.find("<!--", start)
        text = row[:start] + (row[end:] if end >= 0 else "\n")
        yield lines.mutant("waiver: deleted", id, waiver.line, waiver.line + 1, text)
