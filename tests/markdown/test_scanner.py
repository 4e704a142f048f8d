"""The scanner finds the blocks of CommonMark and GitHub in any text, in linear time."""

import json
import time
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mlcharter.markdown import document
from mlcharter.markdown.scanner import MAX_DEPTH, Structure, scan

SPEC = Path(__file__).parents[1] / "commonmark" / "examples.json"
EXAMPLES: list[str] = json.loads(SPEC.read_text(encoding="utf-8"))["examples"]

LIBRARY = MarkdownIt("commonmark").enable("table")
KINDS = {
    "blockquote_open": "quote",
    "bullet_list_open": "list",
    "code_block": "code",
    "fence": "fence",
    "heading_open": "heading",
    "hr": "break",
    "html_block": "html",
    "ordered_list_open": "list",
    "paragraph_open": "paragraph",
    "table_open": "table",
}

Outline = tuple[list[tuple[int, int]], list[int], list[tuple[str, int]]]


def structure(text: str) -> Structure:
    return scan(StringIO(text, newline="").readlines())


def ours(text: str) -> Outline:
    """Return headings with levels, fences and top-level blocks, by their first lines."""
    found = structure(text)
    headings = sorted((start, level) for start, _, level, _, _ in found.headings)
    blocks = [(kind, start) for kind, start, _ in found.spans if kind != "blank"]
    return headings, sorted(fence.start for fence in found.fences), blocks


def theirs(text: str) -> Outline:
    tokens = [token for token in LIBRARY.parse(text) if token.map and token.type in KINDS]
    starts = [(token, token.map[0]) for token in tokens if token.map]
    headings = [(start, int(t.tag[1])) for t, start in starts if t.type == "heading_open"]
    fences = [start for t, start in starts if t.type == "fence"]
    return headings, fences, [(KINDS[t.type], start) for t, start in starts if t.level == 0]


def test_the_examples_are_those_of_the_specification() -> None:
    assert len(EXAMPLES) == 652


# A `---` on the first line opens front matter if another one follows, as on GitHub.
FRONT_MATTER = {"---\nFoo\n---\nBar\n---\nBaz\n", "---\n---\n"}


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_specification(text: str) -> None:
    headings, fences, blocks = ours(text)
    if text in FRONT_MATTER:
        assert blocks[0] == ("front-matter", 0)
        return
    assert (headings, fences) == theirs(text)[:2]
    # Reference definitions are paragraphs for us, so that their text stays in the document.
    kept = document.parse(text)
    if not kept.definitions:
        assert blocks == theirs(text)[2]
    else:
        assert [b for b in blocks if b[0] != "paragraph"] == [
            b for b in theirs(text)[2] if b[0] != "paragraph"
        ]


ROOT = Path(__file__).parents[2]
OURS = [
    path
    for folder in ("template", "tests/golden", "examples")
    for path in sorted((ROOT / folder).rglob("*.md*"))
    if path.is_file() and path.suffix in (".md", ".jinja")
]


def test_there_are_documents_of_our_own() -> None:
    assert len(OURS) > 100


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_own_documents_and_their_sources(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = next(iter(document.parse(text).blocks), None)
    if first is not None and first.kind == "front-matter":
        text = "\n" * first.end + text.removeprefix(first.text)
    mine, library = ours(text), theirs(text)
    assert mine[:2] == library[:2]
    assert [b for b in mine[2] if b[0] != "paragraph"] == [
        b for b in library[2] if b[0] != "paragraph"
    ]


PREFIXES = ("", "", "", "", " ", "   ", "    ", "\t", "> ", ">", "- ", "-   ", "* ", "+ ", "1. ")
LINES = (
    *("", "", "", "text", "# h", "## h ##", "#x", "####### x", "# ", "#\tx", "===", "---", "-- "),
    *("```", "```yaml", "~~~", "````", "~~~ ~~~", "```` ```", "`` ` ``", "- - -", "***", "* a"),
    *("- a", "-", "1.", "1. b", "3. c", "10) d", "- [ ] x", "<!-- c", "-->", "<!-- x -->", "<div>"),
    *("</div>", "<b>", "<a href='x'>", '<a href="x', "<script>", "</script>", "<pre>", "<?x", "?>"),
    *("<!X", "<![CDATA[", "]]>", "| a | b |", "|---|---|", "| c | d |", "\\# x", "text\\", "<h1"),
    *(
        "*\t*\t*",
        "-     code",
        "- ```",
        "> ```",
        "code`",
        "1234567890. x",
        "0. x",
        "**a** <b>x</b>",
    ),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines = draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(PREFIXES), max_size=2).map("".join),
                st.sampled_from(LINES),
            ).map("".join),
            max_size=9,
        )
    )
    return "\n".join(lines) + draw(st.sampled_from(["\n", ""]))


def differs_for_a_reason(text: str) -> bool:
    """Return whether markdown-it-py differs from the reference implementation, which we follow.

    - It lets a line that is indented by 4 or more interrupt the paragraph of a quote or a list;
      commonmark.js continues the paragraph.
    - It tries tables before lists and underlines; GitHub's parser tries them last.
    - A first line `---` opens front matter for us.
    """
    lines = text.expandtabs(4).split("\n")
    indented = any(line.startswith("    ") and line.strip() for line in lines)
    nested = any(line.lstrip()[:1] in (">", "-", "*", "+") or "." in line for line in lines)
    dashes = "|---|---|" in text and any(
        line.lstrip(" >").startswith(("-", "*", "+", "1", "3", "0")) for line in lines
    )
    return (indented and nested) or dashes or lines[0].rstrip() == "---"


@settings(max_examples=400, deadline=None)
@given(texts())
@example("- a\n* - > -- \n</b>\n")
@example("* - > -- \n</script>")
@example("   - > -- \n=\n -   +\n==")
@example("- ```\n  # no\n  ```\n# yes\n")
@example("> ```\n# yes\n")
def test_headings_and_fences_equal_those_of_markdown_it(text: str) -> None:
    if not differs_for_a_reason(text):
        assert ours(text)[:2] == theirs(text)[:2]


# Cases from fuzzing, and common mistakes of parsers.
@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("```\n# no\n```\n# H\n", ["H"]),
        ("~~~ md\n# no\n```\n# no\n~~~\n# H\n", ["H"]),
        ("````\n```\n# no\n````\n# H\n", ["H"]),
        ("```\n# no\n```yaml\n# no\n   ```   \n# H\n", ["H"]),
        ("   ```\n# no\n    ```\n# no\n", []),
        ("    ```\n\n# H\n", ["H"]),
        ("``` a`b\n# H\n", ["H"]),
        ("~~~ a`b\n# no\n", []),
        ("- a\n\n  ```\n  # no\n  ```\n# H\n", ["H"]),
        ("- ```\n  # no\n# H\n", ["H"]),
        ("1. a\n   ~~~\n   # no\n\n   # no\n   ~~~\n# H\n", ["H"]),
        ("> ```\n> # no\n# H\n", ["H"]),
        ("> > ~~~\n> > # no\n> # H\n", ["H"]),
        ("- > ```\n  > # no\n\n# H\n", ["H"]),
        ("<!-- a\n# no\n\n# no\n-->\n# H\n", ["H"]),
        ("<!-- a -->\n# H\n", ["H"]),
        ("<!-- a --> <!--\n# H\n", ["H"]),
        ("text <!--\n# H\n-->\n", ["H"]),
        ("- <!--\n  # no\n# H\n", ["H"]),
        ("<!--\n# no\n", []),
        ("<div>\n# no\n</div>\n# no\n\n# H\n", ["H"]),
        ("<pre>\n\n# no\n\n</pre>\n# H\n", ["H"]),
        ("<SCRIPT type=x>\n\n# no\n</script>\n# H\n", ["H"]),
        ("<?php\n\n# no\n?>\n# H\n", ["H"]),
        ("<!DOCTYPE\n# no\n>\n# H\n", ["H"]),
        ("<![CDATA[\n\n# no\n]]>\n# H\n", ["H"]),
        ("<span class='x'>\n# no\n\n# H\n", ["H"]),
        ("text\n<span>\n# H\n", ["H"]),
        ("text\n<div>\n# no\n", []),
        ("<span\n# H\n", ["H"]),
        ("    # no\n\n\t# no\n\n# H\n", ["H"]),
        ("text\n    # no\n# H\n", ["H"]),
        ("---\n# no\n---\n# H\n", ["H"]),
        ("---\n# H\n", ["H"]),
        ("\ufeff# H\n", ["H"]),
        ("H\n===\n", ["H"]),
        ("H\n---\n", ["H"]),
        ("one\ntwo\n  ===  \n", ["one two"]),
        ("- one\n===\n", []),
        ("> one\n===\n", []),
        ("> one\n> ===\n", ["one"]),
        ("[a]: b\n===\n", []),
        ("[a]: b\nH\n===\n", ["H"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n---\n", []),
        ("| a | b |\n|---|---|\n# H\n", ["H"]),
        ("| a | b |\n---\n", ["| a | b |"]),
        ("a | b\n-|-\nc\n\n# H\n", ["H"]),
        ("- - -\n# H\n", ["H"]),
        ("# H #\n## H ## \n### x ###y\n#no\n####### no\n#\n", ["H", "H", "x ###y", ""]),
        ("\\# no\n   # H\n", ["H"]),
        ("-\n\n  # no list any more\n", ["no list any more"]),
        ("-\n  # H\n", ["H"]),
        ("1. # H\n2) # H\n", ["H", "H"]),
        ("text\n2. # no\n1. # H\n", ["H"]),
        ("text\n-\n", ["text"]),
        ("-\t# H\n\n\t# H\n", ["H", "H"]),
        (">\t# H\n", ["H"]),
        ("# H\r\n```\r\n# no\r\n```\r\nH\r\n---\r\n", ["H", "H"]),
        ("# H\r```\r# no\r```\r# H", ["H", "H"]),
        ("a\x0b# no\x0c# no\u2028# no\x85# no\n# H", ["H"]),
        ("```\n# no\n``` \t\n# H", ["H"]),
        ("```\n# no\n``` x\n# no\n", []),
        ("* - > -- \n</script>\n", []),
        ("   - > -- \n=\n -   +\n==\n", []),
    ],
)
def test_only_rendered_headings_are_found(text: str, headings: list[str]) -> None:
    assert [text for *_, text, _ in document.parse(text).structure.headings] == headings


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("[a]: b\n===\nc\n", ["paragraph"]),
        ("[a]: b\n---\nc\n", ["paragraph", "break", "paragraph"]),
        ("a\n| b | c |\n|---|---|\n| d |\ne\n", ["paragraph", "table"]),
        ("| a | b |\n|---|\n", ["paragraph"]),
        ("| a \\| b |\n|---|\n", ["table"]),
        ("a\n:-:\n", ["paragraph"]),
        ("- a\n* b\n1. c\n2) d\n", ["list", "list", "list", "list"]),
        ("- a\n\n\n- b\n\nc\n", ["list", "paragraph"]),
        ("- a\nlazy\n    lazy\n\nc\n", ["list", "paragraph"]),
        ("> a\nlazy\n>\n\n> b\n", ["quote", "quote"]),
        ("-\n\n  a\n", ["list", "paragraph"]),
        ("    a\n\n\n    b\n\nc\n", ["code", "paragraph"]),
        ("---\na\n...\nb\n", ["front-matter", "paragraph"]),
        ("---\na\n", ["break", "paragraph"]),
        ("</script>\na\n", ["html"]),
        ("<pre/>\na\n", ["html"]),
        (" \t\n\n", []),
        ("", []),
    ],
)
def test_top_level_blocks_have_the_right_kinds(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in ours(text)[2]] == kinds


def test_lists_nested_too_deeply_are_text() -> None:
    found = structure("- " * 300 + "# h\n" + "> " * 300 + "# h\n")
    assert len(found.entries) == MAX_DEPTH
    assert found.headings == []


@settings(max_examples=300, deadline=None)
@given(texts() | st.text() | st.text(st.sampled_from("ab#-*>`~<!=|[]:\n\r\t 1.")))
def test_spans_cover_every_line_once(text: str) -> None:
    lines = StringIO(text, newline="").readlines()
    found = scan(lines)
    covered = [line for _, start, end in found.spans for line in range(start, end)]
    assert covered == list(range(len(lines)))
    assert all(found.spans[place][0] == "heading" for *_, place in found.headings if place >= 0)
    assert [leaf.start for leaf in found.leaves] == sorted(leaf.start for leaf in found.leaves)
    assert [entry.start for entry in found.entries] == sorted(e.start for e in found.entries)


HOSTILE = {
    "brackets": "[",
    "images": "![",
    "open links": "[a](b",
    "open targets": "[a](<b",
    "parentheses": "[a]((",
    "labels": "[a][b",
    "definitions": "[a]: b 'c\n",
    "ticks": "` ",
    "runs of ticks": "`a``b```c",
    "angles": "<",
    "comments": "<!-- x",
    "attributes": "<a b='",
    "quotes": "> - ",
    "lists": "- ",
    "list, then blanks": "- - -\n" + "\n" * 30,
    "underscores": "_a ",
    "hashes": "#",
    "spaces": " ",
    "stars": "* * ",
    "waivers": "waived until x ",
    "evidence": "Evidence: https://a.b/c ",
    "underlines": "a\n=\n",
    "boxes": "- [ ] `a` b\n",
    "configs": "<!-- config: a -->\n",
    "sections": "# a\n<!-- section: a -->\n",
    "tables": "|a|b|\n|-|-|\n",
    "escapes": "\\[",
}


def seconds(text: str) -> float:
    """Return the CPU seconds for computing all properties of a document."""
    started = time.process_time()
    read = document.parse(text)
    assert "".join(block.text for section in read.sections for block in section.blocks) in text
    for part in (read.blocks, read.items, read.links, read.anchors, read.fields, read.configs):
        assert len(part) <= len(text)
    return time.process_time() - started


@pytest.mark.parametrize("opening", ["", "- [x] ", "# "])
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear_in_a_hostile_text(piece: str, opening: str) -> None:
    """Sixteen times the text takes about 16 times as long; quadratic time would be 256 times."""

    def best(size: int) -> float:
        return min(seconds(opening + piece * (size // len(piece))) for _ in range(3))

    assert best(64_000) < 80 * max(best(4_000), 0.001)
