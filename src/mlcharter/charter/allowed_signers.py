"""Read the SSH keys whose signatures of commits count as approvals, in the format of ssh-keygen.

A line without names, for a certificate authority, or with a name that has wildcards is left out:
then it is unknown whose approval a signature is.
"""

import base64
import hashlib
import re
from datetime import UTC, datetime

from msgspec import Struct

from mlcharter.support.files import Tree

PATH = "versioning/keys/allowed_signers"
_LINE = re.compile(
    r'("[^"]*"|[^\s"#]+)[ \t]+'
    r'(?:((?:[^\s"]|"[^"]*")+)[ \t]+)??'
    r"((?:ssh|ecdsa|sk)-[a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?"
)
_OPTION = re.compile(r'(namespaces|valid-after|valid-before)="?([^"]*)"?', re.IGNORECASE)
_TIMES = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


class Signer(Struct, frozen=True):
    """A key, the names of those who have it, and the times between which it counts."""

    names: tuple[str, ...]
    key: str
    after: datetime | None = None
    before: datetime | None = None
    line: int = 1

    def is_valid(self, now: datetime) -> bool:
        """Return whether the key counts at a time."""
        return (self.after is None or self.after <= now) and (
            self.before is None or now < self.before
        )

    @property
    def fingerprint(self) -> str:
        """The fingerprint as `ssh-keygen -l` prints it."""
        digest = hashlib.sha256(base64.b64decode(self.key.partition(" ")[2])).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def read(tree: Tree) -> tuple[Signer, ...]:
    """Return the keys that a repository accepts; none if there is no readable file."""
    data = tree.read(PATH)
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    lines = enumerate(text.split("\n"), 1)
    return tuple(found for number, line in lines if (found := _parse(line.strip(), number)))


def _parse(line: str, number: int) -> Signer | None:
    """Return the key in a line; None if it has none, or an option that is unknown here."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    names = tuple(match[1].strip('"').split(","))
    times: dict[str, datetime] = {}
    try:
        base64.b64decode(match[4], validate=True)
        for option in _split(match[2] or ""):
            known = _OPTION.fullmatch(option)
            if known is None:
                return None
            if known[1].lower() == "namespaces":
                if "git" not in known[2].split(","):
                    return None
            else:
                times[known[1].lower()] = _time(known[2])
    except ValueError:
        return None
    if not all(names) or set(match[1]) & set("*?!"):
        return None
    key = f"{match[3]} {match[4]}"
    return Signer(names, key, times.get("valid-after"), times.get("valid-before"), number)


def _split(options: str) -> list[str]:
    """Return the options that commas separate, outside quotes."""
    return re.findall(r'(?:[^,"]|"[^"]*")+', options)


def _time(text: str) -> datetime:
    """Return a time; one without `Z` counts as UTC too, wherever this runs."""
    digits = text.upper().removesuffix("Z")
    return datetime.strptime(digits, _TIMES.get(len(digits), "?")).replace(tzinfo=UTC)
