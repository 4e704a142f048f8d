"""Read CODEOWNERS: who owns a path, in the syntax of GitHub and GitLab.

The last line that matches a path counts, in GitLab's sections the last one of each.
"""

import re
from fnmatch import fnmatchcase

from msgspec import Struct

from mlcharter.charter.charter import Charter

PATHS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[[0-9]+\])?(.*)")
_MOST_PARTS = 100  # of a pattern or path


class Line(Struct, frozen=True):
    """A pattern with its owners; a pattern without owners has none on purpose."""

    section: str
    pattern: str
    owners: tuple[str, ...]


class CodeOwners(Struct, frozen=True):
    """The content of the file."""

    lines: tuple[Line, ...] = ()
    names: dict[str, bool] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path."""
        found: dict[str, tuple[str, ...]] = {}
        for line in self.lines:
            if _matches(line.pattern, path):
                found[line.section] = line.owners
        return tuple(dict.fromkeys(owner for owners in found.values() for owner in owners))


def find_file(charter: Charter) -> str | None:
    """Return the path of the file; None if there is none."""
    return next((path for path in PATHS if charter.exists(path)), None)


def read(charter: Charter) -> CodeOwners:
    """Return the owners that a repository names; none if there is no readable file."""
    path = find_file(charter)
    data = charter.file(path) if path else None
    return parse(data.decode("utf-8", "replace")) if isinstance(data, bytes) else CodeOwners()


def parse(text: str) -> CodeOwners:
    """Return the lines of a file; a word without `@` is no owner."""
    lines = []
    names: dict[str, bool] = {}
    section = ""
    defaults: tuple[str, ...] = ()
    for line in text.split("\n"):  # as hosts do; `splitlines` knows more ends of a line
        words = line.partition("#")[0].split()
        owners = tuple(word for word in words if "@" in word)
        names |= dict.fromkeys(owners, True)
        if header := _SECTION.fullmatch(" ".join(words)):
            section, defaults = header[0][: header.start(1)].lower(), owners
        elif words and words[0].startswith("!"):  # GitLab: nobody owns these
            lines.append(Line(section, words[0][1:], ()))
        elif words and not words[0].startswith("@"):
            owners = tuple(word for word in words[1:] if "@" in word)
            lines.append(Line(section, words[0], owners or defaults))
    return CodeOwners(tuple(lines), names)


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern matches a path, or a folder that it is in.

    `docs/*` matches only what is directly in the folder.
    """
    anchored = "/" in pattern.rstrip("/")
    parts = [part for part in pattern.split("/") if part]
    parts = parts if anchored else ["**", *parts]
    names = path.split("/")
    if not parts or max(len(parts), len(names)) > _MOST_PARTS:
        return False
    # The numbers of leading names that the parts so far match.
    ends = {0}
    for part in parts:
        if part == "**":
            ends = set(range(min(ends), len(names) + 1))
        else:
            ends = {n + 1 for n in ends if n < len(names) and fnmatchcase(names[n], part)}
        if not ends:
            return False
    if pattern.endswith("/"):
        return any(end < len(names) for end in ends)
    return len(names) in ends or not (anchored and parts[-1] == "*")
