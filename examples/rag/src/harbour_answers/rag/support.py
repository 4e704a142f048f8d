"""Whether a quotation supports a claim: a strict floor, by words, numbers and negations.

A claim passes only if it has no word and no number that the quotation lacks, but for GLUE, and as
many negations, even or odd. That refuses many true paraphrases, and passes what moves words about
or leaves a condition out: the gate `contradictions` says how much. Give it one sentence to compare
with, since a second one brings words and negations of its own.
"""

import re

from .text import WORD, stem

GLUE = frozenset(
    WORD.findall("a an and are be been is it its that the there these this those was were")
)
NEGATION = re.compile(
    r"\b(not|no|nor|never|none|nobody|nothing|without|neither|cannot)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def supported(claim: str, quoted: str) -> bool:
    """Return whether a sentence supports a claim; a claim without words is supported by none."""
    said = _words(claim)
    if not said or not said <= _words(quoted):
        return False
    if not set(NUMBER.findall(claim)) <= set(NUMBER.findall(quoted)):
        return False
    return len(NEGATION.findall(claim)) % 2 == len(NEGATION.findall(quoted)) % 2


def _words(text: str) -> set[str]:
    return {stem(word) for word in WORD.findall(text.casefold()) if word not in GLUE}
