"""Run the rules on one mutant after another.

A mutant differs from the example in one file, so the other documents and their config blocks are
read once. The cache is keyed by content, so that no mutant can see another's.
"""

import datetime
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import config_mutants
import document_mutants
from config_mutants import Mutant
from msgspec.structs import replace

from mlcharter.charter import charter as charters
from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Reading
from mlcharter.check import engine, rule
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock, Document
from mlcharter.support.files import Folder, Unreadable
from mlcharter.support.finding import Finding

ROOT = Path(__file__).resolve().parents[1]
TODAY = datetime.date(2026, 12, 1)


@dataclass(frozen=True)
class Verdict:
    """The findings in a mutant that fail a release.

    After a finding at the right line no further rules are run, so `found` may be incomplete.
    """

    mutant: Mutant
    found: tuple[Finding, ...]

    @property
    def caught(self) -> bool:
        return bool(self.found)

    @property
    def at_the_line(self) -> bool:
        """Return whether a finding is in the mutated lines, or one line before or after them."""
        m = self.mutant
        return any(f.path == m.path and m.first - 1 <= f.line <= m.last + 1 for f in self.found)

    @property
    def at_its_name(self) -> bool:
        """Return whether a finding mentions the removed name, where it is still used."""
        name = self.mutant.named.rpartition(":")[2][:16]
        return bool(name) and any(name in finding.message for finding in self.found)


class Example:
    """A copy of a filled-in repository with one commit, in which mutants are tried.

    `clean` are the findings in the example itself. What it allows, with an end, is none.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name, name)
        shutil.copytree(ROOT / "examples" / name, self.root)
        author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        for words in (("init",), ("add", "--all"), (*author, "commit", "--message=example")):
            subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True)
        self.whole = engine.open_charter(Folder(self.root), TODAY)
        self._modules = engine.load(rule.names())
        self._fails = {n for n, module in self._modules.items() if module.LEVEL != "note"}
        self._parsed: dict[str, Document | Unreadable] = {}
        self._readings: dict[int, tuple[ConfigBlock, Reading]] = {}
        self._likely: dict[str, dict[str, None]] = {}
        self.clean = self._findings(self.whole, self._modules)

    def mutants(self) -> Iterator[Mutant]:
        """Yield every mutant of the example."""
        yield from document_mutants.mutants(self.whole)
        yield from config_mutants.mutants(self.whole)

    def judge(self, mutant: Mutant) -> Verdict:
        """Write the mutant into the copy, run the rules, and restore the copy."""
        file = self.root / mutant.path
        before = file.read_bytes()
        if mutant.text is None:
            file.unlink()
        else:
            after = mutant.text.encode() if isinstance(mutant.text, str) else mutant.text
            file.write_bytes(after)
        try:
            return self._judged(mutant, self._charter(mutant.path))
        finally:
            file.write_bytes(before)

    def _judged(self, mutant: Mutant, charter: Charter) -> Verdict:
        """Run the rules that found mutants of the same operator; if they find nothing, all rules."""
        likely = self._likely.setdefault(mutant.operator, {})
        for name in likely:
            verdict = Verdict(mutant, self._findings(charter, {name: self._modules[name]}))
            if verdict.at_the_line:
                return verdict
        verdict = Verdict(mutant, self._findings(charter, self._modules))
        for finding in verdict.found:
            if Verdict(mutant, (finding,)).at_the_line and hasattr(
                self._modules[finding.rule], "check"
            ):
                likely[finding.rule] = None
                break
        return verdict

    def _charter(self, path: str) -> Charter:
        """Return a charter that reads the file at `path` again."""
        files = {known: data for known, data in self.whole._files.items() if known != path}
        tree = Folder(self.root)
        digests = self.whole.tree._digests.items()
        tree._digests |= {known: found for known, found in digests if known[0] != path}
        return replace(self.whole, tree=tree, _files=files)

    def _findings(self, charter: Charter, modules: dict[str, ModuleType]) -> tuple[Finding, ...]:
        with self._caching():
            found = engine.findings(charter, modules)
        allowed = [a for a, _, _ in self.whole.settings.allows if a.until >= TODAY]
        return tuple(
            finding
            for finding in found
            if finding.rule in self._fails
            and not any(allow.covers(finding.rule, finding.path) for allow in allowed)
        )

    @contextmanager
    def _caching(self) -> Iterator[None]:
        decode, read = document.decode, config_entries.read

        def decoded(data: bytes, path: str = "") -> Document | Unreadable:
            if data != self.whole.file(path):
                return decode(data, path)
            if path not in self._parsed:
                self._parsed[path] = decode(data, path)
            return self._parsed[path]

        def read_once(config: ConfigBlock) -> Reading:
            if self._parsed.get(config.document.path) is not config.document:
                return read(config)
            if id(config) not in self._readings:
                self._readings[id(config)] = (config, read(config))
            return self._readings[id(config)][1]

        charters.document.decode, charters.config_entries.read = decoded, read_once
        try:
            yield
        finally:
            charters.document.decode, charters.config_entries.read = decode, read
