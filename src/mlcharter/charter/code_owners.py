"""Read CODEOWNERS as its host does: which file counts, and who owns a path.

GitHub reads the first file of `.github/`, the root and `docs/`. The last line that matches a path
counts. A line with `!`, `[`, `\\#` at its start or a word that is no owner is invalid, and skipped.
GitLab reads the first file of the root, `docs/` and `.gitlab/`. In each section the last line that
matches counts, unless a line with `!` excludes the path. Patterns are those of Ruby's `fnmatch`.
"""

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.support.files import Tree, Unreadable

Host = Literal["github", "gitlab"]
NAME = "CODEOWNERS"
# The places of the other host come last: a repository may say nothing true about its host.
PATHS: dict[Host, tuple[str, ...]] = {
    "github": (f".github/{NAME}", NAME, f"docs/{NAME}", f".gitlab/{NAME}"),
    "gitlab": (NAME, f"docs/{NAME}", f".gitlab/{NAME}", f".github/{NAME}"),
}
_SECTION = re.compile(r"(\^?)\[([^\]]+)\](?:\[([0-9]{1,4})\])?(?: (.*))?")
_OWNER = re.compile(r"@?@[A-Za-z0-9][A-Za-z0-9._/-]*|[^\s@]+@[^\s@]+")
_SPACES = re.compile(r"(?<!\\)[ \t\r\f\v]+")
# Characters that a backslash makes plain.
_ESCAPED = {"*": "[*]", "?": "[?]", "[": "[[]"}
_PLAIN = re.compile(r"[^*?\[]*")
_MOST_PARTS = 100  # of a pattern or path
_LONGEST = 4096  # bytes of a path on Linux


class Line(Struct, frozen=True, dict=True):
    """A pattern with its owners; a pattern without owners has none on purpose."""

    host: Host
    section: str
    pattern: str
    owners: tuple[str, ...]
    excludes: bool = False

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches a path.

        On GitHub a pattern also matches what is in a folder, and one with a `/` before its end
        begins at the root; `docs/*` matches only what is directly in the folder. On GitLab only a
        `/` at the start and at the end do so.
        """
        names = path.split("/")
        if len(self.pattern) > _LONGEST:
            return False
        if not self.pattern.strip("/") and self.host == "github":
            return False
        if max(len(self._parts), len(names)) > _MOST_PARTS:
            return False
        ends = _ends(self._parts, names)
        if self.pattern.endswith("/"):
            return any(end < len(names) for end in ends)
        if self.host == "gitlab" or (self.anchored and self._parts[-1] == "*"):
            return len(names) in ends
        return bool(ends)

    @property
    def anchored(self) -> bool:
        """Whether the pattern begins at the root."""
        start = self.pattern[:1] if self.host == "gitlab" else self.pattern.rstrip("/")
        return "/" in start

    @cached_property
    def _parts(self) -> list[str]:
        """The parts of the pattern from the root; `**` matches any number of folders."""
        parts = [part for part in self.pattern.split("/") if part]
        if self.host == "gitlab" and not self.pattern.endswith("/"):
            parts[-1:] = ["*"] if parts[-1:] == ["**"] else parts[-1:]
        return parts if self.anchored and parts else ["**", *parts]


class Section(Struct, frozen=True):
    """A section of GitLab; the lines of other files are in one without a name."""

    name: str = ""
    optional: bool = False
    approvals: int = 1

    def __str__(self) -> str:
        count = f"[{self.approvals}]" if self.approvals > 1 else ""
        return f"{'^' if self.optional else ''}[{self.name}]{count} " if self.name else ""


class CodeOwners(Struct, frozen=True):
    """The content of the file; `prefix` is the charter's path from where the patterns begin."""

    host: Host = "github"
    lines: tuple[Line, ...] = ()
    sections: dict[str, Section] = {}
    names: dict[str, bool] = {}
    prefix: str = ""

    def place(self, path: str) -> str:
        """Return the path that a pattern matches for a path of the charter."""
        return posixpath.normpath(self.prefix + path) if self.prefix else path

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path."""
        found = self.by_section(path).values()
        return tuple(dict.fromkeys(owner for owners in found for owner in owners))

    def by_section(self, path: str) -> dict[Section, tuple[str, ...]]:
        """Return the owners of a path in each section that has some."""
        found: dict[str, tuple[str, ...]] = {}
        excluded = set()
        place = self.place(path)
        for line in self.lines:
            if line.matches(place):
                found[line.section] = line.owners
                excluded |= {line.section} if line.excludes else set()
        return {
            self.sections.get(name, Section()): owners
            for name, owners in found.items()
            if owners and name not in excluded
        }


def find_host(charter: Charter) -> Host:
    """Return where a repository is hosted, by its answers, else by its CI."""
    answer = charter.answers.values.get("ci")
    if answer in ("github", "gitlab"):
        return "gitlab" if answer == "gitlab" else "github"
    tree = charter.tree.above.tree if charter.tree.above else charter.tree
    is_gitlab = tree.exists(".gitlab-ci.yml") and not tree.exists(".github/workflows")
    return "gitlab" if is_gitlab else "github"


def list_places(charter: Charter, host: Host) -> list[str]:
    """Return the paths, from the charter's folder, at which a file may be, the first to read first.

    Hosts read only files at the top of the repository. A file in the folder of a charter below it
    counts if there is none at the top: the folder may be a repository elsewhere.
    """
    above = charter.tree.above
    up = "../" * above.prefix.count("/") if above else ""
    return [f"{up}{path}" for path in PATHS[host]] + (list(PATHS[host]) if up else [])


def find_file(charter: Charter, host: Host | None = None) -> str | None:
    """Return the path, from the charter's folder, of the file that counts; None if there is none.

    One above the folder begins with `../`.
    """
    for path in list_places(charter, host or find_host(charter)):
        tree, place = _find(charter, path)
        if tree.lexists(place) and not tree.is_folder(place):
            return path
    return None


def _find(charter: Charter, path: str) -> tuple[Tree, str]:
    """Return the tree that has a file, and the path in it."""
    above = charter.tree.above
    inside = path.rpartition("../")[2]
    return (above.tree, inside) if above and inside != path else (charter.tree, path)


def is_link(charter: Charter, path: str) -> bool:
    """Return whether a file is a link, or in a folder that is one."""
    tree, place = _find(charter, path)
    return tree.real(place) != place


def read_file(charter: Charter, path: str | None) -> bytes | Unreadable | None:
    """Return the content of the file that counts."""
    if path is None:
        return None
    tree, place = _find(charter, path)
    return charter.file(path) if tree is charter.tree else tree.read(place)


def read(charter: Charter, host: Host | None = None) -> CodeOwners:
    """Return the owners that a repository names; none if there is no readable file."""
    host = host or find_host(charter)
    path = find_file(charter, host)
    data = read_file(charter, path)
    parsed = parse(data.decode("utf-8", "replace") if isinstance(data, bytes) else "", host)
    above = charter.tree.above
    is_above = above is not None and path is not None and path.startswith("../")
    return replace(parsed, prefix=above.prefix) if above and is_above else parsed


def parse(text: str, host: Host) -> CodeOwners:
    """Return the valid lines of a file, as a host reads them."""
    sections: dict[str, Section] = {}
    lines = tuple(_of_gitlab(text, sections) if host == "gitlab" else _of_github(text))
    names = dict.fromkeys((owner for line in lines for owner in line.owners), True)
    return CodeOwners(host, tuple(line for line in lines if line.pattern), sections, names)


def _words(text: str) -> Iterator[list[str]]:
    """Yield the words of each line that is no comment; `\\` before a space keeps a word whole."""
    for line in text.split("\n"):  # as hosts do; `splitlines` knows more ends of a line
        words = [word for word in _SPACES.split(line) if word]
        if words and not words[0].startswith("#"):
            yield words


def _of_github(text: str) -> Iterator[Line]:
    for words in _words(text):
        end = next((n for n, word in enumerate(words) if word.startswith("#")), len(words))
        pattern, *owners = words[:end]
        invalid = "[" in pattern or pattern.startswith(("!", "\\#"))
        if not invalid and all(map(_OWNER.fullmatch, owners)):
            yield Line("github", "", _unescaped(pattern), tuple(owners))


def _of_gitlab(text: str, sections: dict[str, Section]) -> Iterator[Line]:
    """Yield the lines, and add the sections, each with a line of its default owners.

    Words that are no owners are ignored; owners in a comment after a pattern count.
    """
    section, defaults = "", ()
    for pattern, *rest in _words(text):
        owners = tuple(filter(_OWNER.fullmatch, rest))
        if header := _SECTION.fullmatch(" ".join((pattern, *rest))):
            section = header[2].strip().lower()
            defaults = tuple(filter(_OWNER.fullmatch, (header[4] or "").split()))
            yield Line("gitlab", section, "", defaults)
            _add(sections, Section(section, bool(header[1]), int(header[3] or 1)))
        elif pattern.startswith("!"):
            yield Line("gitlab", section, _unescaped(pattern[1:]), (), excludes=True)
        else:
            yield Line("gitlab", section, _unescaped(pattern), owners if rest else defaults)


def _unescaped(pattern: str) -> str:
    """Return a pattern for `fnmatch`, which knows no backslash."""
    pattern = pattern.replace("[^", "[!")  # as Ruby writes it
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), pattern)


def _add(sections: dict[str, Section], new: Section) -> None:
    """Add a section; of two with the same name the stricter counts."""
    old = sections.get(new.name, new)
    approvals = max(old.approvals, new.approvals)
    sections[new.name] = Section(new.name, old.optional and new.optional, approvals)


def _is_match(name: str, part: str) -> bool:
    return name == part or (not _PLAIN.fullmatch(part) and fnmatchcase(name, part))


def _ends(parts: list[str], names: list[str]) -> set[int]:
    """Return the numbers of leading names that all parts match; `**` matches any number."""
    ends = {0}
    for part in parts:
        if part == "**":
            ends = set(range(min(ends), len(names) + 1))
        else:
            ends = {n + 1 for n in ends if n < len(names) and _is_match(names[n], part)}
        if not ends:
            break
    return ends
