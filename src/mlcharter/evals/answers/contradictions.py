"""Claims that a sentence contradicts, made from it by rules: what a check of support must refuse.

    for claim in contradict("Overtaking is allowed only between buoys 3 and 5."):
        assert not supported(claim.text, sentence)

English only. A rule changes one thing, so that the claim has nearly all words of its sentence. The
kinds `number`, `opposite` and `negation` say the contrary; `moved` exchanges two numbers, and
`omission` leaves out the condition. Not each claim is good English.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "opposite", "negation", "moved", "omission"]
CONTRADICTIONS: tuple[Kind, ...] = ("number", "opposite", "negation")
PAIRS = (
    "over under|above below|before after|more less|most least|open closed|inside outside|day night"
    "|first last|longer shorter|wider narrower|deeper shallower|higher lower|earlier later"
    "|always never|all no|every no|with without|may must|full empty|north south|east west"
    "|allowed forbidden|high low|large small|up down|early late|minimum maximum|in out|from until"
)
OPPOSITES = {
    word: other
    for pair in PAIRS.split("|")
    for word, other in (tuple(pair.split()), tuple(pair.split())[::-1])
}
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|may|must|can|has|have|will|shall|should|do|does)\b(?! not)"
)
_NEGATION = re.compile(r"\b(not|never) ")
_CONDITION = re.compile(
    r",? \b(unless|except|only if|if|when|while|until|provided|but not)\b[^,.;]*|\bonly ", re.I
)


@dataclass(frozen=True)
class Claim:
    """A text that its sentence does not support, and what was done to the sentence."""

    kind: Kind
    text: str


def contradict(sentence: str) -> Iterator[Claim]:
    """Yield at most one claim of each kind; a kind that finds nothing to change is left out."""
    numbers = list(_NUMBER.finditer(sentence))
    if numbers:
        yield Claim("number", _replace(sentence, numbers[0], _other(numbers[0][0])))
    words = re.finditer(r"[A-Za-z]+", sentence)
    word = next((w for w in words if w[0].lower() in OPPOSITES), None)
    if word:
        yield Claim("opposite", _replace(sentence, word, OPPOSITES[word[0].lower()]))
    negation, auxiliary = _NEGATION.search(sentence), _AUXILIARY.search(sentence)
    if negation:
        yield Claim("negation", _replace(sentence, negation, ""))
    elif auxiliary:
        yield Claim("negation", _replace(sentence, auxiliary, f"{auxiliary[0]} not"))
    if len({number[0] for number in numbers}) > 1:
        first, last = numbers[0], next(n for n in reversed(numbers) if n[0] != numbers[0][0])
        swapped = _replace(sentence, last, first[0])
        yield Claim("moved", _replace(swapped, first, last[0]))
    condition = _CONDITION.search(sentence)
    if condition and len(condition[0]) < len(sentence) / 2:
        yield Claim("omission", _replace(sentence, condition, ""))


def _replace(text: str, found: re.Match[str], by: str) -> str:
    return text[: found.start()] + by + text[found.end() :]


def _other(number: str) -> str:
    """Return another number with as many digits: each digit goes up by one, and 9 becomes 1."""
    return re.sub(r"\d", lambda digit: str(int(digit[0]) % 9 + 1), number)
