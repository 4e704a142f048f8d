"""Whether a quotation supports a claim, by words, numbers and negations.

Enough for quotations, which is what `system.py` gives. It is weak on free text: it accepted 12 of
20 contradictions that it was tried on. A system that writes its own sentences needs another check.
"""

import re

from .text import tokens

OVERLAP = 0.5
NEGATION = re.compile(
    r"\b(not|no|nor|never|none|nobody|nothing|without|neither)\b|n't\b", re.IGNORECASE
)
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def supported(claim: str, quoted: str) -> bool:
    """Half of the claim's words stand in the quotation, all its numbers, and as many negations."""
    asked = set(tokens(claim))
    if not asked or len(asked & set(tokens(quoted))) < OVERLAP * len(asked):
        return False
    if not set(NUMBER.findall(claim)) <= set(NUMBER.findall(quoted)):
        return False
    return len(NEGATION.findall(claim)) % 2 == len(NEGATION.findall(quoted)) % 2
