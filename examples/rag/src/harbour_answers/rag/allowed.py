"""The hosts that this code may reach, which safety/allowed.json lists.

`mlcharter export allowed` writes it from the config block `egress` of safety/safety_checklist.md.
Without the file nothing is allowed. In an image, ALLOWED names where it is.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PATH = Path("safety/allowed.json")


@dataclass(frozen=True)
class Allowed:
    """Hosts with their ports."""

    hosts: frozenset[tuple[str, int]]

    @classmethod
    def read(cls, path: Path | None = None) -> Self:
        """Return what the file says; a file that cannot be read is a ValueError or an OSError."""
        path = path or Path(os.environ.get("ALLOWED", PATH))
        found = json.loads(path.read_bytes()) if path.exists() else {"hosts": []}
        return cls(frozenset((one["host"], one["port"]) for one in found["hosts"]))

    def check(self, url: str) -> None:
        """Raise a PermissionError for a URL whose host, or port, is not listed."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if (parts.hostname, port) not in self.hosts:
            where = f"{parts.hostname}:{port}"
            raise PermissionError(
                f"{where} is not in {PATH}: list it in the config block `egress` "
                "of safety/safety_checklist.md, then run `mlcharter export allowed`"
            )
