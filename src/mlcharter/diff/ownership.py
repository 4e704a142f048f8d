"""Say who owns a file: by CODEOWNERS, its field `Owner`, or the answers."""

import re

from msgspec import Struct

from mlcharter.charter import code_owners
from mlcharter.charter.charter import Charter
from mlcharter.charter.code_owners import CodeOwners, Host

_HANDLE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9._/-]*")


class Ownership(Struct, frozen=True):
    """Who owns each file of a charter."""

    charter: Charter
    owners: CodeOwners
    file: str | None

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a file."""
        return self.owners.of(path) or self.by_charter(path)

    def by_charter(self, path: str) -> tuple[str, ...]:
        """Return the owners of a file that CODEOWNERS does not name."""
        read = self.charter.document(path)
        field = read.field("Owner") if read else None
        if field and (handles := _HANDLE.findall(field.value)):
            return tuple(handle.rstrip(".") for handle in handles)
        owner = str(self.charter.answers.values.get("owner") or "")
        return (owner,) if "@" in owner else ()


def read(charter: Charter, host: Host | None = None) -> Ownership:
    """Return who owns the files of a charter on a host, by default on its own."""
    owners = code_owners.read(charter, host)
    return Ownership(charter, owners, code_owners.find_file(charter, owners.host))
