"""Words and sentences, the same for every leg of the retriever."""

import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
SENTENCE_END = re.compile(
    r"(?<=[.!?])\s+(?=[^\W\d_a-zß-ÿ]|[\"“(\d])"  # a full stop, and something that can begin one
    r"|(?<!\s)\s*\n[ \t]*\n\s*"  # an empty line
    r"|(?<!\s)[ \t]*\n[ \t]*(?=[-*+>|#]|\d+[.)]\s)"  # an item, a quotation, a row, a heading
)
STOPWORDS = frozenset(
    WORD.findall(
        "a an and any are as at be been by can could did do does for from get had has have he"
        " her how i if in into is it its may me must my of on one or our shall she should so"
        " than that the their them then there these they this to up was we were what when where"
        " which who whom whose why will with would you your"
    )
)
SUFFIXES = ("ings", "ies", "ing", "ed", "es", "s", "e", "y")


def stem(word: str) -> str:
    """`word` without its commonest English ending; crude, but the same on both sides."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def tokens(text: str) -> list[str]:
    """The stemmed words of `text` in order, lower case, without stop words; numbers stay whole."""
    words = (match.group().casefold() for match in WORD.finditer(text))
    return [word if word[0].isdigit() else stem(word) for word in words if word not in STOPWORDS]


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of `text` as (start, end) in characters, without the space between them.

    A sentence ends at a full stop before a capital, a digit or a quotation, and where Markdown
    begins a block, an item or a row. A line break alone does not end it.
    """
    start = 0
    for match in SENTENCE_END.finditer(text):
        if text[start : match.start()].strip():
            yield _trimmed(text, start, match.start())
        start = match.end()
    if text[start:].strip():
        yield _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
