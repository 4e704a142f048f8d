"""Generate many repositories to check: variants of examples/applied, no two of them equal.

Its nineteen documents have 160 lines and 1.7 config blocks on average, close to the 156-line
documents with two YAML blocks of published measurements. Evidence is hard-linked, so that it is
read and hashed. Git has the version that was reviewed, without which no result is kept.
"""

import datetime
import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import fleet_corpus

from mlcharter.check import engine
from mlcharter.support.files import Folder

EXAMPLE = Path(__file__).resolve().parents[1] / "examples/applied"
FENCE = re.compile(r"<!-- config: (\w+) -->\n```yaml\n(.*?)```\n", re.S)
TODAY = datetime.date(2026, 11, 25)


@dataclass(frozen=True)
class Corpus:
    """Repositories in `root`, one per folder; `texts` are the documents before variation."""

    root: Path
    texts: dict[str, str]
    repositories: int

    @property
    def folders(self) -> list[Path]:
        return [self.root / f"r{number:04}" for number in range(self.repositories)]

    @cached_property
    def files(self) -> list[Path]:
        """Return every document of every repository."""
        return [folder / path for folder in self.folders for path in self.texts]

    def average(self, pattern: str | re.Pattern[str]) -> float:
        """Return how often a pattern matches in a document on average."""
        return sum(len(re.findall(pattern, text)) for text in self.texts.values()) / len(self.texts)


def make(root: Path, repositories: int) -> Corpus:
    """Write the repositories; each document differs from all others."""
    charter = engine.open_charter(Folder(EXAMPLE), TODAY)
    texts = {document.path: document.text for document in charter.documents}
    corpus = Corpus(root, texts, repositories)
    reviewed = root.with_name(f"{root.name}-reviewed")
    shutil.copytree(EXAMPLE, reviewed)
    history = fleet_corpus.commit(reviewed).history
    for number, folder in enumerate(corpus.folders):
        shutil.copytree(EXAMPLE, folder, copy_function=os.link)
        shutil.copytree(history, folder / ".git", copy_function=os.link)
        for path, text in texts.items():
            (folder / path).unlink()
            title, rest = text.split("\n", 1)
            varied = rest.replace(".\n", f", as in case {number}.\n", 1)
            (folder / path).write_text(f"{title}\n{varied}", encoding="utf-8")
    return corpus


def fences(files: list[Path], into: Path) -> dict[str, list[Path]]:
    """Write the config blocks of some documents to files; return the files by kind."""
    found: dict[str, list[Path]] = {}
    for path in files:
        for kind, block in FENCE.findall(path.read_text(encoding="utf-8")):
            file = into / kind / f"{len(found.get(kind, []))}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block, encoding="utf-8")
            found.setdefault(kind, []).append(file)
    return found
