"""Whose signatures the service believes, and what it refuses, from `signing` and `registry`.

The service reads it at start-up; without mlcharter it has no other way to read the config blocks.
"""

import msgspec

from mlcharter.charter.charter import Charter
from mlcharter.release import trust

PATHS = ("versioning/trust.json",)
SOURCES = ("signing",)


def render(charter: Charter) -> dict[str, str]:
    """Return the trust as JSON, if `signing` is filled in."""
    return {PATHS[0]: encode(trust.read(charter))} if charter.entry("signing") else {}


def encode(content: trust.Trust) -> str:
    """Return the JSON that the service reads.

    It verifies keys only; identities, whose logs need more than it has, are verified at deployment.
    So it asks for as many owners of keys as there are, if that is less than the threshold.
    """
    found = msgspec.to_builtins(content, builtin_types=(bytes,))
    del found["identities"], found["root"]
    if content.identities:
        people = {key.person for key in content.keys}
        found["threshold"] = max(1, min(content.threshold, len(people)))
    for key in found["keys"]:
        key["pem"] = key["pem"].decode()
    found["revoked"] = sorted(found["revoked"])
    return msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n"
