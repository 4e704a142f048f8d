"""Run the same mutants through two peers that also require documents and sections.

Each is set up as its manual recommends: mdsmith has a kind with a schema of headings for every
document, and its rules for empty sections and links are on; repo-standards-kit is adopted into the
example. Only defects that they could see are tried, and any output beyond that for the unchanged
example counts, warnings too.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from config_mutants import Mutant
from judging import Example

from mlcharter.markdown.document import Document

VISIBLE = (
    "document: deleted",
    "document: emptied",
    "document: only its title left",
    "link: to a file that is not there",
    "link: to no heading",
    "section: deleted",
    "section: emptied",
    "section: its heading and id deleted",
)
_MDSMITH = {
    "MDS020": "required-structure",
    "MDS027": "cross-file-reference-integrity",
    "MDS030": "empty-section-body",
}


class Peer:
    """A tool on a copy of an example of its own."""

    name = ""
    package = ""

    def __init__(self, example: Example, programs: Path) -> None:
        self.programs = programs
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name, "repository")
        shutil.copytree(example.root, self.root)
        self.set_up(example)
        self.before = self.said()

    def set_up(self, example: Example) -> None:
        """Write the tool's configuration."""
        raise NotImplementedError

    def said(self) -> set[str]:
        """Return the tool's output for the copy, without line numbers."""
        raise NotImplementedError

    def run(self, *words: str) -> str:
        """Return the output of a peer's program; its exit code is ignored."""
        program = self.programs / words[0]
        done = subprocess.run(
            [str(program), *words[1:]], cwd=self.root, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def catches(self, path: str, text: str | bytes | None) -> bool:
        """Return whether the tool reports something new for a changed or deleted file."""
        file = self.root / path
        before = file.read_bytes()
        if text is None:
            file.unlink()
        else:
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        try:
            return bool(self.said() - self.before)
        finally:
            file.write_bytes(before)


class Mdsmith(Peer):
    """Runs `mdsmith check`, with a kind for every document."""

    name = package = "mdsmith"

    def set_up(self, example: Example) -> None:
        kinds, globs = {}, []
        for document in example.whole.documents:
            name = document.path.replace("/", "-").removesuffix(".md")
            kinds[name] = {"schema": {"sections": [{"heading": None}, *headings(document)]}}
            globs.append({"glob": [document.path], "kinds": [name]})
        rules = dict.fromkeys(_MDSMITH.values(), True)
        config = {"rules": rules, "kinds": kinds, "kind-assignment": globs}
        (self.root / ".mdsmith.yml").write_text(yaml.safe_dump(config, sort_keys=False))

    def said(self) -> set[str]:
        found = json.loads(self.run("mdsmith", "check", "-f", "json", "-o", "-", "."))
        kept = (one for one in found if one["rule"] in _MDSMITH)
        return {f"{one['file']} {one['rule']} {one['message']}" for one in kept}


def headings(document: Document) -> list[dict[str, Any]]:
    """Return the headings of a document as mdsmith's tree, with the second level outermost."""
    root: list[dict[str, Any]] = []
    around: list[tuple[int, list[dict[str, Any]]]] = [(1, root)]
    for heading in document.headings[1:]:
        while len(around) > 1 and around[-1][0] >= heading.level:
            around.pop()
        here: dict[str, Any] = {"heading": heading.text}
        around[-1][1].append(here)
        around.append((heading.level, here.setdefault("sections", [])))
    return root


class Standards(Peer):
    """Runs `standards check`, after `standards adopt`."""

    name = package = "repo-standards-kit"

    def set_up(self, example: Example) -> None:
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)
        self.run("standards", "adopt", "--profile", "data", ".")
        assert (self.root / "docs/STANDARDS.md").is_file(), "standards adopt did nothing"

    def said(self) -> set[str]:
        lines = self.run("standards", "check", ".").splitlines()
        return {line for line in lines if not line.endswith("0 error(s), 0 warning(s)")}

    def own(self) -> Iterator[Mutant]:
        """The documents that it laid down itself, deleted and emptied."""
        for file in sorted((self.root / "docs").glob("[0-9][0-9]-*.md")):
            path = file.relative_to(self.root).as_posix()
            title = file.read_text(encoding="utf-8").splitlines()[0] + "\n"
            yield Mutant("document of its own: deleted", path, path, None, 1, 1)
            yield Mutant("document of its own: emptied", path, path, "", 1, 1)
            yield Mutant("document of its own: only its title left", path, path, title, 1, 1)


Row = dict[str, tuple[int, int]]


def table(example: Example, programs: Path, most: int = 12) -> dict[str, Row]:
    """Return the numbers of mutants and of caught ones, by defect and tool.

    The peers need a process per mutant, so at most `most` of each kind are tried, evenly spread.
    """
    mdsmith, standards = Mdsmith(example, programs), Standards(example, programs)
    rows: dict[str, Row] = {}
    every = list(example.mutants())
    for operator in VISIBLE:
        mutants = [mutant for mutant in every if mutant.operator == operator]
        row = rows[operator] = {}
        for mutant in mutants[:: -(-len(mutants) // most)]:
            _count(row, "mlcharter", example.judge(mutant).caught)
            for peer in (mdsmith, standards):
                _count(row, peer.name, peer.catches(mutant.path, mutant.text))
    for mutant in standards.own():
        row = rows.setdefault(mutant.operator, {})
        _count(row, standards.name, standards.catches(mutant.path, mutant.text))
    return rows


def page(rows: dict[str, Row], programs: Path) -> Iterator[str]:
    """Return the table, with the versions."""
    peers = (Mdsmith, Standards)
    yield "## Beside peers\n"
    yield (
        "What two peers could see of this: documents and sections that are gone or empty, and links.\n"
        "mdsmith has a kind with all headings for every document, with `required-structure`, "
        "`empty-section-body` and `cross-file-reference-integrity` on; repo-standards-kit is adopted "
        "into `examples/applied` with `standards adopt --profile data`.\n"
        "A warning counts as caught; many losses are caught only because another document links to them.\n"
    )
    versions = [f"{peer.name} {version(programs, peer.package)}" for peer in peers]
    yield f"| defect | mlcharter | {' | '.join(versions)} |"
    yield "|---|---|---|---|"
    for operator, row in rows.items():
        cells = []
        for name in ("mlcharter", *(peer.name for peer in peers)):
            given, caught = row.get(name, (0, 0))
            cells.append(f"{caught} of {given}" if given else "")
        yield f"| {operator} | {' | '.join(cells)} |"
    yield ""


def version(programs: Path, package: str) -> str:
    """Return the version of a package that is installed in the folder of these programs."""
    words = f"import importlib.metadata as m; print(m.version({package!r}))"
    done = subprocess.run(
        [str(programs / "python"), "-c", words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _count(row: Row, name: str, caught: bool) -> None:
    given, found = row.get(name, (0, 0))
    row[name] = (given + 1, found + caught)
