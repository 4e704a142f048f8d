"""Whether a section holds something that its team wrote.

The template's own words, a placeholder, the guidance copied, lorem ipsum and a title alone are not.
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
    """The first placeholder in a section."""
    return next((block for block in section.blocks if block.kind == "placeholder"), None)


def unfilled(spec: Specification, wanted: SectionSpec, section: Section) -> str | None:
    """Why a section of the template does not count as filled, as a predicate; None when it does."""
    if placeholder(section):
        return f"still says `{PLACEHOLDER}`"
    given = frozenset(map(spec.fill_names, wanted.texts))
    if not wanted.open and not given:
        return None
    blocks: Iterable[Block] = section.prose
    if not wanted.open:
        blocks = tuple(blocks)
        if any(single_spaced(block.text) in given for block in blocks):
            return None
    first = None
    for block in blocks:
        if given and single_spaced(block.text) in given:
            continue
        reason = _empty(block, wanted.guidance, section.heading)
        if reason is None:
            return None
        first = first or reason
    return first or "is empty"


def _empty(block: Block, guidance: Iterable[str], heading: str) -> str | None:
    """Why a block says nothing; None when it says something."""
    text = _content(block)
    words = _words(text)
    if "![" in text or "<img" in block.text:
        return None
    said = " ".join(words)
    postponed = _postponed(words)
    if postponed:
        return postponed
    if _repeats(said, guidance):
        return "repeats its guidance"
    if len(words) < 2 or said == " ".join(_words(heading)):
        return "says next to nothing"
    return None


def postponed(text: str) -> str | None:
    """Whether a text only keeps a place, such as `TBD` or lorem ipsum, as a predicate."""
    return _postponed(_words(text))


def may_hold_postponed(text: str) -> bool:
    """Whether a long text has words of one that `postponed` finds; cheap, and never wrongly no."""
    words = frozenset(_words(text))
    if not words.isdisjoint(_LOREM) or not words.isdisjoint(_MARKERS):
        return True
    return any(words.issuperset(filler) for filler in _FILLER_WORDS)


def _postponed(words: list[str]) -> str | None:
    if not _LOREM.isdisjoint(words) and sum(w in _LOREM for w in words) * 2 >= len(words):
        return "holds lorem ipsum"
    if " ".join(words) in _FILLER or (words and words[0] in _MARKERS and len(words) < 12):
        return "says that it will be written later"
    return None


def _content(block: Block) -> str:
    """What a reader sees of a block; of a table its rows, of code what the fence holds."""
    lines = block.text.splitlines()
    if block.kind == "table":
        return "\n".join(lines[2:])
    if block.kind == "fence":
        return "\n".join(lines[1:])
    return _TAG.sub(" ", block.text) if "<" in block.text else block.text


def _words(text: str) -> list[str]:
    text = text.lower()
    # The same words, at a fifth of the time: whole config blocks and sections come by here.
    return text.translate(_GAPS).split() if text.isascii() else _WORD.findall(text)


def _repeats(said: str, guidance: Iterable[str]) -> bool:
    """Whether a text is a part of guidance, or guidance with a word or two round it."""
    for question in guidance:
        asked = _asked(question)
        if not asked or not said:
            continue
        if f" {said} " in f" {asked} ":
            return len(said.split()) > 1
        if asked in said and len(said.replace(asked, "").split()) < 3:
            return True
    return False


@lru_cache(maxsize=1024)  # many sections of many repositories have the same guidance
def _asked(question: str) -> str:
    return " ".join(_words(question.removeprefix("<!--").removesuffix("-->")))
