"""Edit documents as people and formatters do, without a change of what they say.

Each edit takes a text and a random generator, and returns the text. Ids, config blocks, code, links
and fields keep their values: where a team changes those, something may really be wrong.
"""

import itertools
import re
from collections.abc import Callable
from random import Random

from merge_formatters import CODE, CONFIG, NO_PROSE, RECORDED

Edit = Callable[[str, Random], str]

SYNONYMS = {
    "about": "roughly",
    "because": "since",
    "big": "large",
    "each": "every",
    "every": "each",
    "has to": "must",
    "large": "big",
    "may": "might",
    "must": "has to",
    "need": "require",
    "often": "frequently",
    "quickly": "fast",
    "shows": "demonstrates",
    "so that": "in order that",
    "use": "employ",
    "uses": "employs",
    "wrong": "incorrect",
}
GERMAN = {
    "and": "und",
    "by": "von",
    "data": "Daten",
    "evaluation": "Bewertung",
    "for": "für",
    "gates": "Schwellen",
    "how": "wie",
    "in": "in",
    "is": "ist",
    "model": "Modell",
    "not": "nicht",
    "of": "von",
    "on": "auf",
    "problem": "Aufgabe",
    "risks": "Risiken",
    "system": "System",
    "the": "das",
    "to": "zu",
    "what": "was",
    "who": "wer",
    "with": "mit",
}
CYRILLIC = str.maketrans(
    "abvgdezijklmnoprstufhcqwxyABVGDEZIJKLMNOPRSTUFHCQWXY",
    "абвгдезийклмнопрстуфхцкшьыАБВГДЕЗИЙКЛМНОПРСТУФХЦКШЬЫ",
)
# A line of prose: no heading, list, table, quote, comment, fence, field or indented text.
PROSE = re.compile(r"(?m)^(?![#|>\s<`-]|\d+\. |[*+] |[A-Z][\w ]*:)(?=.).*$")
HEADING = re.compile(r"(?m)^(#{1,6} )(.*)$")


def in_prose(text: str, change: Callable[[str], str]) -> str:
    """Return a text with its lines of prose changed, outside code, comments and links."""

    def line(found: re.Match[str]) -> str:
        return _outside(NO_PROSE, found[0], change)

    return _outside(CODE, text, lambda part: PROSE.sub(line, part))


def in_headings(text: str, change: Callable[[str], str]) -> str:
    """Return a text with its headings changed, outside code."""
    return _outside(
        CODE,
        text,
        lambda part: HEADING.sub(lambda h: h[1] + _outside(NO_PROSE, h[2], change), part),
    )


def _outside(parts: str, text: str, change: Callable[[str], str]) -> str:
    pieces = re.split(parts, text)
    return "".join(piece if at % 2 else change(piece) for at, piece in enumerate(pieces))


def translate(text: str) -> str:
    """Return German words for those that are known, in the case of the original."""

    def word(found: re.Match[str]) -> str:
        german = GERMAN.get(found[0].lower(), found[0])
        return german[0].upper() + german[1:] if found[0][0].isupper() else german

    return re.sub(r"[A-Za-z]+", word, text)


def reword(text: str, random: Random) -> str:
    """Replace words by synonyms, in two of three places."""
    pattern = re.compile(rf"\b({'|'.join(SYNONYMS)})\b")

    def word(found: re.Match[str]) -> str:
        return SYNONYMS[found[0]] if random.random() < 2 / 3 else found[0]

    return in_prose(text, lambda part: pattern.sub(word, part))


def add_sentence(text: str, random: Random) -> str:
    """Append a sentence to one line of prose in four."""

    def line(found: re.Match[str]) -> str:
        more = " We looked at it again in spring." if random.random() < 0.25 else ""
        return found[0] + (more if found[0].endswith(".") else "")

    return _outside(CODE, text, lambda part: PROSE.sub(line, part))


def reword_headings(text: str, random: Random) -> str:
    return in_headings(text, lambda part: f"{part.rstrip()}, as we do it")


def reorder_sections(text: str, random: Random) -> str:
    """Shuffle the sections of the second level."""
    head, *sections = _split(r"(?m)^(?=## )", text)
    random.shuffle(sections)
    return head + "\n".join(part.rstrip("\n") + "\n" for part in sections)


def _split(pattern: str, text: str) -> list[str]:
    """Split a text before each match that is outside code."""
    places = [
        found.start()
        for found in re.finditer(pattern, text)
        if text.count("\n```", 0, found.start()) % 2 == 0
    ]
    ends = [0, *places, len(text)]
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def reorder_entries(text: str, random: Random) -> str:
    """Shuffle the entries of config blocks that are lists of named entries."""

    def block(found: re.Match[str]) -> str:
        _, *entries = re.split(r"(?m)^(?=- )", found[2])
        named = all(re.match(r"- (?:id|\{ *id)\b", entry) for entry in entries)
        if not entries or not named or not found[2].startswith("- "):
            return found[0]
        random.shuffle(entries)
        return found[1] + "".join(entries) + found[3]

    return CONFIG.sub(block, text)


def reorder_keys(text: str, random: Random) -> str:
    """Reverse the keys of entries that are written on one line, and have no nested values."""

    def entry(found: re.Match[str]) -> str:
        return f"- {{{', '.join(reversed(found[1].split(', ')))}}}"

    return CONFIG.sub(
        lambda found: re.sub(
            r'(?m)^- \{((?:\w+: [^,{}\[\]"\n]+, )+\w+: [^,{}\[\]"\n]+)\}$', entry, found[0]
        ),
        text,
    )


def reorder_items(text: str, random: Random) -> str:
    """Shuffle the items of checklists that directly follow each other."""

    def items(found: re.Match[str]) -> str:
        each = re.split(r"(?m)^(?=- \[)", found[0])[1:]
        random.shuffle(each)
        return "".join(each)

    return re.sub(r"(?m)(?:^- \[.\] .*\n(?:  .*\n)*){2,}", items, text)


def reorder_rows(text: str, random: Random) -> str:
    """Shuffle the rows of tables."""

    def table(found: re.Match[str]) -> str:
        rows = found[2].splitlines(keepends=True)
        random.shuffle(rows)
        return found[1] + "".join(rows)

    return re.sub(r"(?m)^(\|.*\|\n\|[-:| ]+\|\n)((?:\|.*\|\n)+)", table, text)


def other_bullets(text: str, random: Random) -> str:
    return _outside(CODE, text, lambda part: re.sub(r"(?m)^- (?=\S)", "* ", part))


def underlined_headings(text: str, random: Random) -> str:
    """Write headings of the first two levels with a line below them."""

    def heading(found: re.Match[str]) -> str:
        return f"{found[2]}\n{('=' if len(found[1]) == 2 else '-') * max(3, len(found[2]))}"

    return _outside(CODE, text, lambda part: re.sub(r"(?m)^(#{1,2} )(.+)$", heading, part))


def _recorded(name: str) -> Edit:
    def edit(text: str, random: Random) -> str:
        for change in RECORDED[name]:
            text = change(text)
        return text

    return edit


EDITS: dict[str, Edit] = {
    **{f"reformatted: {name}": _recorded(name) for name in RECORDED},
    "reformatted: CRLF line ends": lambda text, random: text.replace("\n", "\r\n"),
    "reformatted: a blank line at the end of paragraphs": lambda text, random: _outside(
        CODE, text, lambda part: re.sub(r"\n\n(?=\S)", "\n\n\n", part)
    ),
    "reformatted: other bullets": other_bullets,
    "reformatted: underlined headings": underlined_headings,
    "reworded: synonyms": reword,
    "reworded: sentences added": add_sentence,
    "reworded: headings": reword_headings,
    "reordered: sections": reorder_sections,
    "reordered: entries of config blocks": reorder_entries,
    "reordered: keys of entries": reorder_keys,
    "reordered: items": reorder_items,
    "reordered: rows of tables": reorder_rows,
    "translated: headings, German": lambda text, random: in_headings(text, translate),
    "translated: prose, German": lambda text, random: in_prose(text, translate),
    "translated: headings and prose, Cyrillic": lambda text, random: in_headings(
        in_prose(text, lambda part: part.translate(CYRILLIC)),
        lambda part: part.translate(CYRILLIC),
    ),
}
