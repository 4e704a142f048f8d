"""Who calls, what they ask for, and what a function gets."""

from collections.abc import Callable
from dataclasses import dataclass

from ... import digests


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
        """The call in characters that are what they look like; others are escaped."""
        text = f"{self.tool} for {self.caller}: {self.arguments}"
        return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)


@dataclass(frozen=True)
class Context:
    """What a function gets: the only way out, and a key to send along, so that none acts twice."""

    key: str
    fetch: Callable[[str], bytes]
