"""Parsing a document: sections, blocks, items, config blocks, fields, links, anchors."""

import gc
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.formats.yamlblock import Mark, Problem
from mlcharter.markdown import document
from mlcharter.markdown.checklist import Evidence, Item, Waiver
from mlcharter.markdown.document import Block, Document, Entry, Field, Heading, Link
from mlcharter.support.files import MAX_SIZE, Folder, Unreadable
from mlcharter.support.finding import Finding

PACK = """\
---
team: fraud
---
# Evaluation pack

Owner: @fraud-ml
Reviewed:

## CI gates
<!-- section: ci-gates -->

<!-- Which number stops a merge? -->

Not written yet.

<!-- config: gates -->
```yaml
- id: auc-overall
  threshold: 0.95
  on_fail: block
```

- [x] `gates-first` Gates came first. Evidence: [run](../reports/a.json) (sha256:1f3a9c52d4e07b88)
- [ ] `slices` Every slice has a gate. <!-- from production -->

### Ours

Text.

### Slices
<!-- section: slices -->

| a | b |
|---|---|

## Our own

    code
"""


def pack() -> Document:
    return document.parse(PACK, "docs/eval_pack.md")


def outline(read: Document) -> list[tuple[str | None, str, int, int, int, str | None]]:
    return [
        (s.id, s.heading, s.level, s.line, s.end, s.parent.heading if s.parent else None)
        for s in read.sections
    ]


@pytest.mark.parametrize(
    "text",
    [PACK, "- [x] `a` b\n\n  c\n  - [ ]\t`d-e`\n> 1. [X] `f`\n- [ ] none\n- `g`\n-\t[ ] `h`\n"],
)
def test_ids_of_items_equal_those_of_the_parsed_items(text: str) -> None:
    read = document.parse(text)

    assert read.item_ids == {item.line: item.id for item in read.items} != {}


def test_a_document_is_freed_with_all_that_was_read_of_it() -> None:
    """Sections refer to their document; a fleet reads thousands of them in one process."""
    before = _count_sections()
    parsed = document.parse("# Title\n\n## Goal\n<!-- section: goal -->\n\nText.\n", "a.md")
    assert [section.id for section in parsed.sections] == [None, "goal"]

    del parsed

    assert _count_sections() == before


def _count_sections() -> int:
    gc.collect()
    return sum(isinstance(found, document.Section) for found in gc.get_objects())


def test_blocks_have_kinds_and_lines() -> None:
    found = [(b.kind, b.line, b.end) for b in pack().blocks if b.kind != "blank"]
    assert found == [
        ("front-matter", 1, 3),
        ("heading", 4, 4),
        ("paragraph", 6, 7),
        ("heading", 9, 9),
        ("marker", 10, 10),
        ("guidance", 12, 12),
        ("placeholder", 14, 14),
        ("marker", 16, 16),
        ("fence", 17, 21),
        ("list", 23, 24),
        ("heading", 26, 26),
        ("paragraph", 28, 28),
        ("heading", 30, 30),
        ("marker", 31, 31),
        ("table", 33, 34),
        ("heading", 36, 36),
        ("code", 38, 38),
    ]


def test_a_section_ends_at_the_next_id_or_heading_of_its_level() -> None:
    found = [(s.id, s.heading, s.level, s.line, s.end) for s in pack().sections]
    assert found == [
        (None, "Evaluation pack", 1, 4, 8),
        ("ci-gates", "CI gates", 2, 9, 29),  # with the team's own `### Ours`
        ("slices", "Slices", 3, 30, 35),
        (None, "Our own", 2, 36, 38),
    ]
    parents = [s.parent.heading if s.parent else None for s in pack().sections]
    assert parents == [None, "Evaluation pack", "CI gates", "Evaluation pack"]


def test_a_section_has_its_blocks_items_and_config_blocks() -> None:
    read = pack()
    section = read.section("ci-gates")
    assert section is not None
    assert "".join(block.text for block in section.blocks) == section.text
    assert section.text.startswith("## CI gates\n") and section.text.endswith("Text.\n\n")
    assert [item.id for item in section.items] == ["gates-first", "slices"]
    assert [config.kind for config in section.configs] == ["gates"]
    assert read.section_at(20) == section
    assert read.section_at(1) is None
    assert read.section("absent") is None


def test_headings_have_the_ids_below_them() -> None:
    assert pack().headings == (
        Heading(1, "Evaluation pack", None, 4, 4),
        Heading(2, "CI gates", "ci-gates", 9, 9),
        Heading(3, "Ours", None, 26, 26),
        Heading(3, "Slices", "slices", 30, 30),
        Heading(2, "Our own", None, 36, 36),
    )
    assert pack().title == "Evaluation pack"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("## A\n<!-- section: a-b -->\n", "a-b"),
        ("A\n---\n<!--  section:  a  -->\n", "a"),
        ("## A\n\n<!-- section: a -->\n", "a"),  # a formatter put a blank line between
        ("## A\n<!-- section: a -->", "a"),
        ("## A\ntext\n\n<!-- section: a -->\n", None),
        ("## A\n<!-- section: which part? -->\n", None),
        ("## A\n<!-- section: -->\n", None),
        ("## A\n<!-- section: a --> text\n", None),
        ("## A\n<!-- Section: a -->\n", None),
        ("## A\n```\n<!-- section: a -->\n```\n", None),
        ("## A\n    <!-- section: a -->\n", None),
    ],
)
def test_an_id_must_be_right_below_its_heading(text: str, id: str | None) -> None:
    assert [section.id for section in document.parse(text).sections] == [id]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("> Why? <!-- guidance -->\n", "guidance"),
        ("> Why?\n> And when? <!-- guidance -->\n", "guidance"),
        ("> Why?\n> <!-- guidance -->\n", "guidance"),
        ("> Why? <!-- guidance -->\nBecause it pays.\n", "quote"),
        ("> Why?\n", "quote"),
        ("<!-- Why? -->\n", "guidance"),
        ("<!-- Why?\nAnd when? -->\n", "guidance"),
        ("  <!-- Why? -->  \n", "guidance"),
        ("<!-- section: a -->\n", "marker"),
        ("<!-- config: gates -->\n", "marker"),
        ("<!-- a --> <!-- b -->\n", "html"),
        ("<!-- a --> text\n", "html"),
        ("<!-- a\n", "html"),
        ("<div>\n", "html"),
        ("Not written yet.\n", "placeholder"),
        ("  Not written yet.  ", "placeholder"),
        ("Not written yet. But soon.\n", "paragraph"),
        ("Not written yet.\nNot written yet.\n", "paragraph"),
        ("- Not written yet.\n", "list"),
        ("> Not written yet.\n", "quote"),
    ],
)
def test_kinds_of_comments_and_placeholders(text: str, kind: str) -> None:
    assert [block.kind for block in document.parse(text).blocks] == [kind]


TEXTS = st.lists(
    st.sampled_from(
        [*PACK.splitlines(), "  - [ ] x", "> q", "~~~", "Setext", "===", "<!--", "-->"]
    ),
    max_size=25,
).flatmap(lambda rows: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(rows)))


@settings(max_examples=300, deadline=None)
@given(TEXTS | st.text() | st.text(st.sampled_from("#-*>`~<!=|[]: \n\r\tab\ufeff\x0b\u2028")))
def test_blocks_and_sections_join_to_the_text(text: str) -> None:
    read = document.parse(text)
    assert "".join(block.text for block in read.blocks) == text
    sections = [block for section in read.sections for block in section.blocks]
    assert (*read.preamble, *sections) == read.blocks
    assert "".join(section.text for section in read.sections) == "".join(b.text for b in sections)
    for block in read.blocks:
        assert block.text == "".join(read.lines[block.line - 1 : block.end])
        if block.kind == "list":
            assert "".join(entry.text for entry in read.entries(block)) == block.text
    for item in read.items:
        assert 1 <= item.line <= item.end <= len(read.lines)
    for link in read.links:
        assert link.target is not None and link.line <= len(read.lines)
    assert all(c.problem is None or c.value is None for c in read.configs)
    assert len(read.anchors) + len(read.fields) <= 2 * len(text)


def test_line_endings_do_not_change_the_parsed_document() -> None:
    crlf = document.parse(PACK.replace("\n", "\r\n"), "docs/eval_pack.md")
    assert outline(crlf) == outline(pack())
    assert crlf.links == pack().links
    assert [c.value for c in crlf.configs] == [c.value for c in pack().configs]
    assert [(i.id, i.evidence, i.sentence) for i in crlf.items] == [
        (i.id, i.evidence, i.sentence) for i in pack().items
    ]


def test_a_byte_order_mark_is_ignored() -> None:
    read = document.parse("\ufeff" + PACK)
    assert outline(read) == outline(document.parse(PACK))
    assert read.blocks[0].text.startswith("\ufeff---")


# Config blocks


def test_a_config_block_has_its_position_in_the_file() -> None:
    (config,) = pack().configs
    assert (config.kind, config.line, config.fence) == ("gates", 16, 17)
    assert config.section == "ci-gates"
    assert config.value == [{"id": "auc-overall", "threshold": 0.95, "on_fail": "block"}]
    assert config.problem is None
    assert config.key(0, "threshold") == Mark(19, 3)
    assert config.mark(0, "threshold") == Mark(19, 14)
    assert config.span(0, "threshold") == (Mark(19, 14), Mark(19, 18))
    assert config.mark(0, "bound") == Mark(18, 3)
    assert (0, "threshold") in config and (0, "bound") not in config
    assert config.finding("too low", 0, "threshold") == Finding(
        "docs/eval_pack.md", 19, 14, "", "too low"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- config: a -->\n```yaml\nb: [\n```\n", (4, 1)),
        ("<!-- config: a -->\n```yaml\nb: 1\nb: 2\n```\n", (4, 1)),
        ("<!-- config: a -->\n  ```yaml\n  b: 1\n  b: 2\n  ```\n", (4, 3)),
        ("<!-- config: a -->\n  ```yaml\n b: *x\n  ```\n", (3, 5)),
    ],
)
def test_a_yaml_error_is_reported_at_its_position(text: str, problem: tuple[int, int]) -> None:
    (config,) = document.parse(text).configs
    assert config.problem is not None and config.value is None
    assert (config.problem.line, config.problem.column) == problem


MISSING = "no `yaml` block follows the config block `a`; put one right below"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- config: a -->\n", Problem(1, 1, MISSING)),
        ("<!-- config: a -->\ntext\n\n```yaml\n```\n", Problem(1, 1, MISSING)),
        ("<!-- config: a -->\n```json\n```\n", Problem(1, 1, MISSING)),
        ("<!-- config: a -->\n```\n```\n", Problem(1, 1, MISSING)),
        (
            "<!-- config: a -->\n```yaml\nb: 1\n",
            Problem(2, 1, "the block of the config block `a` has no end; close it"),
        ),
    ],
)
def test_a_marker_without_a_yaml_block_is_reported(text: str, problem: Problem) -> None:
    (config,) = document.parse(text).configs
    assert (config.value, config.problem, () in config) == (None, problem, False)
    assert config.mark("b").line == problem.line


def test_a_config_block_inside_another_block_does_not_count() -> None:
    hidden = "<!-- config: a -->\n```yaml\nb: 1\n```\n"
    for text in (
        "````\n" + hidden + "````\n",
        "<!--\n" + hidden.replace("-->", "") + "-->\n",
        "<div>\n" + hidden,
        "".join(f"    {line}\n" for line in hidden.splitlines()),
        "---\n" + hidden + "---\n",
    ):
        assert document.parse(text).configs == ()
    assert len(document.parse("text\n" + hidden.replace("-->\n", "-->\n\n")).configs) == 1


def test_config_blocks_of_one_kind() -> None:
    text = "<!-- config: a -->\n```yaml\n1\n```\n<!-- config: b -->\n```YAML\n2\n```\n" * 2
    assert [c.value for c in document.parse(text).configs_of("b")] == [2, 2]


# Checklists


def test_an_item_with_evidence_and_one_with_a_tier() -> None:
    first, second = pack().items
    assert (first.id, first.ticked, first.line, first.end, first.depth) == (
        "gates-first", True, 23, 23, 0,
    )  # fmt: skip
    assert first.sentence == "Gates came first."
    assert first.evidence == (Evidence("../reports/a.json", "run", "1f3a9c52d4e07b88", 23, 49),)
    assert (first.tier, first.waiver) == (None, None)
    assert (second.id, second.ticked, second.tier) == ("slices", False, "production")
    assert second.sentence == "Every slice has a gate."
    assert second.evidence == ()
    assert pack().item("slices") == second


def one(text: str) -> Item:
    (item,) = document.parse(text).items
    return item


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("- [x] a", []),
        ("- [x] see [a](b)", []),  # a link of the sentence is no evidence
        ("- [x] a Evidence: [a](b)", ["b"]),
        ("- [x] a evidence: [a](b), [c](d)", ["b", "d"]),
        ("- [x] a\n  Evidence: [a](b)\n  and [c](d)", ["b", "d"]),
        ("- [x] a\n\n  Evidence: [a](b)\n", ["b"]),
        ("- [x] a Evidence: https://a.b/c.", ["https://a.b/c"]),
        ("- [x] a Evidence: <https://a.b/c>", ["https://a.b/c"]),
        ("- [x] a Evidence: [https://a.b](c)", ["c"]),
        ("- [x] a Evidence: [a][b]\n\n[b]: c\n", ["c"]),
        ("- [x] a Evidence: ![a](b)", []),
        ("- [x] a `Evidence: [a](b)`", []),
        ("- [x] a <!-- Evidence: [a](b) -->", []),
        ("- [x] a Evidence: `[a](b)`", []),
        ("- [x] a Evidence: \\[a](b)", []),
        ("- [x] a\n  ```\n  Evidence: [a](b)\n  ```\n", []),
        ("- [x] a\n\n      Evidence: [a](b)\n", []),
        ("- [x] a\n  - Evidence: [a](b)\n", []),  # it belongs to the nested item
        ("- [x] a\n- Evidence: [a](b)\n", []),
        ("- [x] a\n\nEvidence: [a](b)\n", []),
        ("- [x] a Evidence: [a](b) Waived until 2027-01-31 by @x: [c](d)", ["b"]),
        ("- [x] a Waived until 2027-01-31 by @x: c. Evidence: [a](b)", ["b"]),
    ],
)
def test_only_rendered_links_are_evidence(text: str, targets: list[str]) -> None:
    assert [evidence.target for evidence in one(text).evidence] == targets


@pytest.mark.parametrize(
    ("after", "digest"),
    [
        ("", None),
        (" (sha256:1f3a9c52d4e07b88)", "1f3a9c52d4e07b88"),
        ("(sha256: 1f3a )", "1f3a"),
        ("\n  (sha256:1f3a)", "1f3a"),
        (", (sha256:1f3a)", None),
        (" (reviewed)", None),
        (" (sha256:)", ""),
    ],
)
def test_a_digest_must_be_right_after_its_link(after: str, digest: str | None) -> None:
    (evidence,) = one(f"- [x] `a` B. Evidence: [b](c){after}").evidence
    assert evidence.digest == digest


@pytest.mark.parametrize(
    ("text", "waiver"),
    [
        (
            "- [ ] a. Waived until 2027-01-31 by @lead: labels arrive\n  in `January`. <!-- x -->",
            Waiver(date(2027, 1, 31), "2027-01-31", "@lead", "labels arrive in `January`.", 1, 10),
        ),
        (
            "- [ ] a, waived until 2027-01-31 by @a and @b: c: d",
            Waiver(date(2027, 1, 31), "2027-01-31", "@a and @b", "c: d", 1, 10),
        ),
        ("- [ ] Waived until January by @a: b", Waiver(None, "January", "@a", "b", 1, 7)),
        ("- [ ] a. Waived until 2027-02-31 by @a: b", Waiver(None, "2027-02-31", "@a", "b", 1, 10)),
        ("- [ ] a. Waived until 2027W051 by @a", Waiver(None, "2027W051", "@a", "", 1, 10)),
        ("- [ ] a. Waived by @a: b", Waiver(None, "", "@a", "b", 1, 10)),
        ("- [ ] a. Waived: b", Waiver(None, "", "", "b", 1, 10)),
        ("- [ ] a. Waived.", Waiver(None, "", "", "", 1, 10)),
        (
            "- [ ] a. Waived until 2027-01-31: b. Evidence: [c](d)",
            Waiver(date(2027, 1, 31), "2027-01-31", "", "b.", 1, 10),
        ),
        ("- [ ] No gate is waived without a reason.", None),
        ("- [ ] a `waived until 2027-01-31 by @a: b`", None),
        ("- [ ] a <!-- Waived until 2027-01-31 by @a: b -->", None),
        ("- [ ] a\n  - b. Waived until 2027-01-31 by @a: b", None),
    ],
)
def test_an_incomplete_waiver_has_empty_parts(text: str, waiver: Waiver | None) -> None:
    assert one(text).waiver == waiver


def test_a_waiver_ends_the_sentence() -> None:
    item = one("- [ ] `a` Do *it* <!-- from critical --> all.\n  Waived until 2027-01-31 by @a: b")
    assert (item.sentence, item.tier) == ("Do *it* all.", "critical")
    assert item.waiver is not None and (item.waiver.line, item.waiver.column) == (2, 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- [ ] a\n* [x] b\n+ [X] c\n1. [x] d\n", [" a", "xb", "xc", "xd"]),
        ("- [ ] a\n  - [x] b\n    1. [ ] c\n", [" a", "xb", " c"]),
        ("> - [x] a\n", ["xa"]),
        ("- - [x] a\n", ["xa"]),
        ("-   [x] a\n", ["xa"]),
        ("-\t[x] a\n", ["xa"]),
        ("-\n  [x] a\n", []),  # GitHub shows a box only on the marker's own line
        ("- [x]a\n- [ ]\n- [y] a\n- [] a\n- [x](b)\n", [" "]),
        ("- a [x] b\n- `[x] a`\n", []),
        ("[x] a\n", []),
        ("```\n- [x] a\n```\n", []),
        ("<!--\n- [x] a\n-->\n", []),
        ("<div>\n- [x] a\n</div>\n", []),
        ("    - [x] a\n", []),
        ("- a\n\n      - [x] b\n", []),
        ("- a\n  ```\n  - [x] b\n  ```\n", []),
        ("- a\n  <!--\n  - [x] b\n  -->\n", []),
    ],
)
def test_only_rendered_boxes_are_items(text: str, found: list[str]) -> None:
    items = document.parse(text).items
    assert [("x" if item.ticked else " ") + item.sentence for item in items] == found


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("- [ ] `a-1` b", "a-1"),
        ("- [ ]   `a` b", "a"),
        ("- [ ] `A` b", None),
        ("- [ ] `make test` passes", None),
        ("- [ ] `-a` b", None),
        ("- [ ] `a--b` b", None),
        ("- [ ] see `a`", None),
    ],
)
def test_an_id_is_the_first_code_span_after_the_box(text: str, id: str | None) -> None:
    assert one(text).id == id


def test_entries_of_a_list_join_to_its_text() -> None:
    text = "- a\n  lazy\n\n  - b\n- c\n\n      code\n"
    read = document.parse("# T\n\n" + text + "\n1. d\n")
    block = read.blocks[2]
    assert block == Block("list", 3, 9, text)
    assert read.entries(block) == (
        Entry(3, 6, "- a\n  lazy\n\n  - b\n"),
        Entry(7, 9, "- c\n\n      code\n"),
    )


# Fields, links, anchors


def test_fields_are_under_the_title() -> None:
    text = (
        "Before: no\n# T\n\nOwner: @a\n**Reviewed:** 2026-11-22\\\n"
        "- Second owner: <!-- who? -->\n\n"
        "Version: 2\nSee https://a.b: c\nlower: no\n\n```\nCode: no\n```\n\n## S\nAfter: no\n"
    )
    assert document.parse(text).fields == (
        Field("Owner", "@a", 4, 8),
        Field("Reviewed", "2026-11-22", 5, 15),
        Field("Second owner", "", 6, 30),
        Field("Version", "2", 8, 10),
    )
    assert pack().field("Reviewed") == Field("Reviewed", "", 7, 10)
    assert pack().field("Absent") is None


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("a [b](c) d", [("b", "c", 1, 3)]),
        ("a\n[b c](<d e> 'f') [g]( h\n)", [("b c", "d e", 2, 1), ("g", "h", 2, 18)]),
        ("[a](b(c)d) [e](f\\)g) [h](i&amp;j)",
         [("a", "b(c)d", 1, 1), ("e", "f)g", 1, 12), ("h", "i&j", 1, 22)]),
        ("[a]() [b](<>)", [("a", "", 1, 1), ("b", "", 1, 7)]),
        ("[a](b c) [d](e 'f) [g](<h)", []),
        ("[a [b](c) d](e)", [("b", "c", 1, 4)]),
        ("[![a](b)](c)", [("![a](b)", "c", 1, 1), ("a", "b", 1, 2)]),
        ("`[a](b)` ``[a](b)` `` \\[a](b) <x y='[a](b)'>", []),
        ("<!-- [a](b) --> [c](d)", []),  # the whole line is HTML
        ("x <!-- [a](b) --> [c](d)", [("c", "d", 1, 19)]),
        ("`a [b](c)", [("b", "c", 1, 4)]),
        ("# [a](b)\n\n> [c](d)\n\n| [e](f) | g |\n|---|---|\n| h | [i](j) |",
         [("a", "b", 1, 3), ("c", "d", 3, 3), ("e", "f", 5, 3), ("i", "j", 7, 7)]),
        ("- [ ] [a](b)\n  - c\n\n    [d](e)", [("a", "b", 1, 7), ("d", "e", 4, 5)]),
        ("- [x]\n\n[x]: y", []),
        ("[a] [b][] [c][A] [d][e]\n\n[A]: x 'y'\n[b]: <z>\n",
         [("a", "x", 1, 1), ("b", "z", 1, 5), ("c", "x", 1, 11)]),
        ("> [a]: b\n\n- [c]: d\n\n[a] [c]", [("a", "b", 5, 1), ("c", "d", 5, 5)]),
        ("[a]: b\n[a]: c\ntext [a]", [("a", "b", 3, 6)]),
        ("    [a](b)\n\n```\n[a](b)\n```\n\n<div>\n[a](b)\n</div>", []),
        ("<https://a.b> <a@b.c> <b>", [("https://a.b", "https://a.b", 1, 1)]),
        ("a\r\n[b](c)\r\n[d](e)", [("b", "c", 2, 1), ("d", "e", 3, 1)]),
    ],
)  # fmt: skip
def test_only_rendered_links_are_found(text: str, links: list[tuple[str, str, int, int]]) -> None:
    found = document.parse(text).links
    assert [(link.text, link.target, link.line, link.column) for link in found] == links


@pytest.mark.parametrize(
    ("target", "external", "path", "fragment"),
    [
        ("../a%20b.md#c-d", False, "../a b.md", "c-d"),
        ("#a", False, "", "a"),
        ("a.md?plain=1#L3", False, "a.md", "L3"),
        ("https://a.b/c", True, "https://a.b/c", ""),
        ("mailto:a@b.c", True, "mailto:a@b.c", ""),
        ("//a/b", True, "//a/b", ""),
        ("a/b:c", False, "a/b:c", ""),
        ("C:\\a", False, "C:\\a", ""),
    ],
)
def test_a_link_has_a_path_and_a_fragment(
    target: str, external: bool, path: str, fragment: str
) -> None:
    link = Link("", target, 1, 1)
    assert (link.external, link.path, link.fragment) == (external, path, fragment)


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("CI gates", "ci-gates"),
        ("What's new? (2026)", "whats-new-2026"),
        ("A  b - c", "a--b---c"),
        ("`make check` and __init__ or `__init__`", "make-check-and-init-or-__init__"),
        ("snake_case *and* **bold** _text_", "snake_case-and-bold-text"),
        ("See [the *docs*](a.md) ![logo](b.png)now", "see-the-docs-now"),
        ("a <b>c</b> &amp; d \\_e\\_", "a-c--d-_e_"),
        ("Größe é ñ 日本 ½", "größe-é-ñ-日本-½"),
        ("🎉 Party", "-party"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_slugs_are_those_of_github(heading: str, slug: str) -> None:
    assert document.slug(heading) == slug


def test_anchors_are_unique_and_html_ids_count() -> None:
    text = (
        "# A\n## A\nA\n---\n> # B\n\n- ## C\n\n```\n# D\n<a id='no'></a>\n```\n\n"
        "<a id='one'></a>\n\nx <a name=\"two\"> `<a id='no'>`\n<!-- <a id='no'> -->\n\n"
        "# [E][e]\n\n[e]: f"
    )
    assert document.parse(text).anchors == {"a", "a-1", "a-2", "b", "c", "e", "one", "two"}


# Reading


def test_a_document_is_read_from_a_tree(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_bytes(b"# A\r\n")
    read = document.read("docs/a.md", Folder(tmp_path))
    assert isinstance(read, Document)
    assert (read.path, read.text, read.title) == ("docs/a.md", "# A\r\n", "A")


def test_invalid_utf_8_is_reported_at_its_line() -> None:
    assert document.decode(b"# A\n\nb \xff\n", "a.md") == Unreadable(
        "a.md", 3, "byte 0xff is not UTF-8; save the file as UTF-8"
    )
    assert document.decode(b"a\xed\xa0\x80") == Unreadable(
        "", 1, "byte 0xed is not UTF-8; save the file as UTF-8"
    )


def refusal(path: str, root: Path) -> str:
    read = document.read(path, Folder(root))
    assert isinstance(read, Unreadable)
    assert (read.path, read.line) == (path, 1)
    return read.message


def test_only_a_regular_file_in_the_tree_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.md").write_text("secret")
    (root / "real.md").write_text("# A\n")
    (root / "inside.md").symlink_to("real.md")
    (root / "outside.md").symlink_to(tmp_path / "secret.md")
    (root / "folder").symlink_to(tmp_path)
    (root / "loop.md").symlink_to("loop.md")
    (root / "device.md").symlink_to(os.devnull)
    os.mkfifo(root / "fifo.md")
    (root / "huge.md").write_bytes(b"a" * (MAX_SIZE + 1))
    outside = "lies outside the repository; keep a copy inside"
    assert isinstance(document.read("inside.md", Folder(root)), Document)
    assert refusal("outside.md", root) == outside
    assert refusal("folder/secret.md", root) == outside
    assert refusal("../secret.md", root) == outside
    assert refusal(str(tmp_path / "secret.md"), root) == outside
    assert refusal("device.md", root) == outside
    assert refusal("fifo.md", root) == "is not a regular file; replace it with one"
    assert refusal(".", root) == "is not a regular file; replace it with one"
    assert refusal("huge.md", root) == "is larger than 1048576 bytes; split it"
    assert refusal("absent.md", root) == "can't be read: no such file or directory"
    assert refusal("loop.md", root).startswith("can't be read: ")
    assert refusal("nul\0.md", root) == "can't be read: bad path"
    assert isinstance(document.read("x/../real.md", Folder(root)), Unreadable | Document)


def test_a_device_is_not_opened_even_for_the_root_user() -> None:
    assert Folder("/dev").read("null") == Unreadable(
        "null", 1, "is not a regular file; replace it with one"
    )


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert Folder(tmp_path).read("a", 3) == b"abc"
    refused = Unreadable("a", 1, "is larger than 2 bytes; split it")
    assert Folder(tmp_path).read("a", 2) == refused


def test_a_document_without_config_blocks_does_not_import_yaml() -> None:
    script = (
        "import sys; from mlcharter.markdown import document\n"
        f"read = document.parse({PACK!r})\n"
        "read.sections, read.blocks, read.items, read.links, read.anchors, read.fields\n"
        "configs = read.configs\n"
        "heavy = {'yaml', 'click', 'jinja2', 'copier', 'importlib.metadata', 'html'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
        "configs[0].value; print('yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\nTrue\n", "")


@pytest.mark.field(9, "links in HTML tags")
def test_targets_in_html_tags_are_links_with_positions() -> None:
    text = (
        "# T\n\nSee <a\nclass='x' href='a.md'>a</a> and `<a href=no.md>`.\n\n"
        '<p>\n<img alt="b" src="b&amp;c.svg">\n</p>\n\n<!-- <a href="no.md"> -->\n\n'
        "- d <A HREF=d.md>\n"
    )
    read = document.parse(text)

    assert [(link.target, link.line, link.column) for link in read.html_links] == [
        ("a.md", 3, 5),
        ("b&c.svg", 7, 1),
        ("d.md", 12, 5),
    ]


@pytest.mark.field(9, "footnote definitions")
def test_a_footnote_is_not_a_link() -> None:
    read = document.parse(
        "Late.[^1] See [x][y].\n\n[^1]: labels.csv\n[^2]: See [x](a.md).\n\n[y]: b.md\n"
    )

    assert [link.target for link in read.links] == ["b.md", "a.md"]


def test_a_quote_below_a_list_is_no_text_of_its_last_item() -> None:
    text = "- [ ] `one` First.\n\n  Evidence: none.\n\n## Next\n\n> Waived? <!-- guidance -->\n"
    (item,) = document.parse(text).items

    assert (item.line, item.end, item.text) == (1, 3, "`one` First.\n  Evidence: none.\n")
