"""Decide whether a section is filled: whether it has text that the team wrote.

The template's own text, a placeholder, copied guidance, lorem ipsum or only a title do not count.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from mlcharter.markdown.document import PLACEHOLDER, Block, Section
from mlcharter.template.specification import SectionSpec, Specification, single_spaced

_WORD = re.compile(r"[^\W_]+")
_GAPS = {code: " " for code in range(128) if not chr(code).isalnum()}
_TAG = re.compile(r"<[^<>]*>")
_LOREM_TEXT = """
lorem ipsum dolor sit amet consectetur adipiscing adipisicing elit sed eiusmod tempor incididunt
labore dolore magna aliqua enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip
commodo consequat duis aute irure reprehenderit voluptate velit esse cillum fugiat nulla pariatur
excepteur sint occaecat cupidatat proident culpa officia deserunt mollit anim laborum
"""
_LOREM = frozenset(_LOREM_TEXT.split())
_FILLER = frozenset(
    (
        "not written yet",
        "not written",
        "to be written",
        "to be done",
        "to be decided",
        "to be defined",
        "to be determined",
        "to be filled in",
        "to do",
        "coming soon",
        "work in progress",
        "fill me in",
        "fill in later",
        "see above",
        "see below",
        "more to come",
        "some text",
        "some text here",
        "your text here",
    )
)
_FILLER_WORDS = tuple(frozenset(filler.split()) for filler in _FILLER)
_MARKERS = frozenset(("todo", "tbd", "tba", "fixme", "xxx", "wip", "placeholder"))


def placeholder(section: Section) -> Block | None:
    """Return the first placeholder in a section."""
    return next((block for block in section.blocks if block.kind == "placeholder"), None)


def why_unfilled(spec: Specification, section_spec: SectionSpec, section: Section) -> str | None:
    """Return why a section is not filled, as a predicate such as "is empty"; None if it is."""
    if placeholder(section):
        return f"still says `{PLACEHOLDER}`"
    template_texts = frozenset(map(spec.fill_names, section_spec.texts))
    if not section_spec.open and not template_texts:
        return None
    blocks: Iterable[Block] = section.prose
    if not section_spec.open:
        blocks = tuple(blocks)
        if any(single_spaced(block.text) in template_texts for block in blocks):
            return None
    first = None
    for block in blocks:
        if template_texts and single_spaced(block.text) in template_texts:
            continue
        reason = _why_empty(block, section_spec.guidance, section.heading)
        if reason is None:
            return None
        first = first or reason
    return first or "is empty"


def _why_empty(block: Block, guidance: Iterable[str], heading: str) -> str | None:
    """Return why a block does not count as content, as a predicate; None if it counts."""
    content = _content(block)
    words = _words(content)
    if "![" in content or "<img" in block.text:
        return None
    text = " ".join(words)
    postponed = _why_postponed(words)
    if postponed:
        return postponed
    if _repeats_guidance(text, guidance):
        return "repeats its guidance"
    if len(words) < 2 or text == " ".join(_words(heading)):
        return "has almost no text"
    return None


def why_postponed(text: str) -> str | None:
    """Return why a text is only a placeholder, such as `TBD`, as a predicate; None if it is not."""
    return _why_postponed(_words(text))


def may_be_postponed(text: str) -> bool:
    """Return whether `why_postponed` may match a part of a long text; cheap, no false negatives."""
    words = frozenset(_words(text))
    if not words.isdisjoint(_LOREM) or not words.isdisjoint(_MARKERS):
        return True
    return any(words.issuperset(filler) for filler in _FILLER_WORDS)


def _why_postponed(words: list[str]) -> str | None:
    if not _LOREM.isdisjoint(words) and sum(w in _LOREM for w in words) * 2 >= len(words):
        return "contains lorem ipsum"
    if " ".join(words) in _FILLER or (words and words[0] in _MARKERS and len(words) < 12):
        return "says that it will be written later"
    return None


def _content(block: Block) -> str:
    """Return the visible text of a block; the rows of a table, the content of a fence."""
    lines = block.text.splitlines()
    if block.kind == "table":
        return "\n".join(lines[2:])
    if block.kind == "fence":
        return "\n".join(lines[1:])
    return _TAG.sub(" ", block.text) if "<" in block.text else block.text


def _words(text: str) -> list[str]:
    text = text.lower()
    # For ASCII, the same words in a fifth of the time: this runs on whole sections.
    return text.translate(_GAPS).split() if text.isascii() else _WORD.findall(text)


def _repeats_guidance(text: str, guidance: Iterable[str]) -> bool:
    """Return whether a text is a part of guidance, or guidance with at most two words added."""
    for original in guidance:
        guidance_text = _guidance_text(original)
        if not guidance_text or not text:
            continue
        if f" {text} " in f" {guidance_text} ":
            return len(text.split()) > 1
        if guidance_text in text and len(text.replace(guidance_text, "").split()) < 3:
            return True
    return False


@lru_cache(maxsize=1024)  # many sections of many repositories have the same guidance
def _guidance_text(guidance: str) -> str:
    return " ".join(_words(guidance))
