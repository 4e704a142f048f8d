"""Sentences of a document that give orders to a model.

They are data: they may be retrieved, but no answer quotes them.
Patterns catch known phrasings only; the limit on what a fooled model can do is in tools.py.
"""

import base64
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
MUST = "must|should|shall|has to|is to|now"
READER = "assistant|model|chatbot|ai"
PATTERNS = [
    re.compile(pattern)
    for pattern in (
        r"\b(" + DROP + r")\b.{0,40}\b(" + RULES + r")\b",
        r"\b(you are|act as|pretend to be|behave as)\b.{0,15}\b(now|an?|the|no longer)\b",
        r"^\W*(system|assistant|developer|user)\s*(prompt|message|note)?\s*[:>\]]",
        r"\bdo not (mention|tell|reveal|cite|warn|say)\b",
        r"\b(tell|inform)\b.{0,10}\b(every|each|all|the)\b.{0,10}\b(reader|user|caller|people)",
        r"\b(answer|reply|respond|say)\b.{0,60}\b(with the word|only with|always)\b",
        r"\b(always|only)\b.{0,10}\b(answer|reply|respond)\b",
        r"\b(new|updated|secret|hidden) instructions?\b",
        r"\b(the|an?|this|language) (" + READER + r")\b.{0,20}\b(" + MUST + r")\b",
        r"\b(note|message|attention|dear) ((to|for) )?((the|any|all) )?(" + READER + r")s?\b",
        r"\bapprove (every|all|any)\b",
        r"\b(call|use|invoke|run|execute) (the )?\w* ?tool\b",
        r"^\W*(call|invoke|run|execute) (the )?(function |command )?[a-z]+_[a-z_]+\b",
        r"\bsystem prompt\b",
        # What a page that shows the answer may fetch or run; a plain link is none of that.
        r"!\[[^\]]*\]\([^)]*\?|<(script|iframe|object|embed)\b|\bjavascript:",
        r"://([^/\s]*@|\d+\.\d+\.\d+\.\d+|\[)",
    )
]
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def looks_like_an_instruction(sentence: str) -> bool:
    """Return whether a sentence addresses a model, after undoing common disguises.

    Links are ordinary text, unless they load something (an image with a query) or hide their host.
    """
    hidden = " ".join(map(_decoded, BASE64.findall(sentence)))
    text = _plain(f"{sentence} {hidden}")
    return any(pattern.search(text) for pattern in PATTERNS)


def _plain(sentence: str) -> str:
    text = unicodedata.normalize("NFKC", sentence).casefold()
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn"))
    text = re.sub(r"\s+", " ", text).translate(LOOKALIKES)
    return re.sub(r"(?<=\b\w) (?=\w\b)", "", text)  # l e t t e r s with spaces between


def _decoded(text: str) -> str:
    """What base64 says, or nothing if that is no text."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
