"""Sentences of a document that give orders to a model.

They are data: they may be retrieved, but no answer quotes them.
Patterns catch known phrasings only; the limit on what a fooled model can do is in tools.py.
"""

import re
import unicodedata

# Cyrillic and Greek letters that look Latin, so that "ignore" is read whatever its i is.
LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u0456\u043a\u043c\u043d\u043e\u0440\u0441"
    "\u0442\u0443\u0445\u0455\u0458\u0501\u0261\u03bf\u03b1\u03b9",
    "abeikmhopctyxsjdgoai",
)
DROP = "ignore|disregard|forget|override|overrule|bypass"
RULES = "previous|prior|earlier|above|instructions?|rules?|handbook|guidelines|prompt|everything"
PATTERNS = [
    re.compile(pattern)
    for pattern in (
        r"\b(" + DROP + r")\b.{0,40}\b(" + RULES + r")\b",
        r"\b(you are|act as|pretend to be|behave as)\b.{0,15}\b(now|an?|the|no longer)\b",
        r"(^|\W)(system|assistant|developer|user)\s*(prompt|message|note)?\s*[:>\]]",
        r"\bdo not (mention|tell|reveal|cite|warn|say)\b",
        r"\b(tell|inform)\b.{0,10}\b(every|each|all|the)\b.{0,10}\b(reader|user|caller|people)",
        r"\b(answer|reply|respond|say)\b.{0,60}\b(with the word|only with|always)\b",
        r"\b(always|only)\b.{0,10}\b(answer|reply|respond)\b",
        r"\b(new|updated|secret|hidden) instructions?\b",
        r"\b(the|an?|this|language) (assistant|model|chatbot|ai)\b",
        r"\bapprove (every|all|any)\b",
        r"\b(call|use|invoke|run|execute) (the )?\w* ?(tool|function|command)\b",
        r"\bsystem prompt\b",
        r"\w://|\bwww\.|<[a-z/!]|!\[|\]\(",
        r"[a-z0-9+/]{40,}={0,2}",
    )
]


def looks_like_an_instruction(sentence: str) -> bool:
    """Whether a sentence addresses a model, after undoing common disguises."""
    text = unicodedata.normalize("NFKC", sentence).casefold()
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn"))
    text = re.sub(r"\s+", " ", text).translate(LOOKALIKES)
    return any(pattern.search(text) for pattern in PATTERNS)
