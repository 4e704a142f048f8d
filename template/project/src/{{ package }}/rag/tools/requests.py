"""Who calls, what they ask for, and what a function gets."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ... import digests
from ...parsing import parsed
from ..egress import RefusedError
from ..parsing import unique

MAX_BYTES = 20_000  # of arguments
# Fillers and selectors, which Python takes for printable.
BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True)
class Session:
    """One conversation, made by the application from who the caller is, never from text.

    `steps` counts calls, refused ones too, and `cost` is in the unit of data/rag/tools.json.
    """

    id: str
    caller: str
    scopes: frozenset[str]
    steps: int = 20
    cost: float = 1.0
    retries: int = 5


@dataclass(frozen=True)
class Request:
    """A call as it would be made. A person who approves it reads `shown`, all of it."""

    session: str
    caller: str
    tool: str
    pin: str
    arguments: str  # canonical JSON
    call_id: str

    @property
    def key(self) -> str:
        """What makes this the same call as an earlier one."""
        same = ["call", self.call_id] if self.call_id else ["arguments", self.arguments]
        return digests.sha256([self.session, self.caller, self.tool, *same])

    @property
    def bound(self) -> str:
        """What an approval is for."""
        return digests.sha256([self.key, self.pin, self.arguments])

    @property
    def shown(self) -> str:
        """The call, with every character escaped that nobody can see."""
        text = f"{self.tool} for {self.caller}: {self.arguments}"
        hidden = {c for c in text if not c.isprintable() or BLANK.match(c)}
        return "".join(f"\\u{{{ord(c):x}}}" if c in hidden else c for c in text)


@dataclass(frozen=True)
class Context:
    """What a function gets: the only way out, and a key to send along, so that none acts twice."""

    key: str
    fetch: Callable[[str], bytes]


def canonical_arguments(arguments: Mapping[str, Any] | str) -> str:
    """Return arguments, or the JSON text of them, as canonical JSON; else RefusedError."""
    try:
        if isinstance(arguments, str):
            arguments = json.loads(arguments, object_pairs_hook=unique)
        if not isinstance(arguments, Mapping):
            raise TypeError
        value = parsed(digests.canonical(dict(arguments))[:MAX_BYTES])
        return digests.canonical(value).decode()
    except (TypeError, ValueError, RecursionError):
        raise RefusedError("the arguments are not a JSON object, or too large") from None
