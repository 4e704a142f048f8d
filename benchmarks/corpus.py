"""Many repositories to check, of which no two are alike.

`filled`: the six standard documents of examples/applied whole, 363 lines on average.
`short`: the same, each cut after the section that brings it to about 156 lines, the length that
published measurements of such tools use. Links to what was cut off are taken out.
What the documents prove is linked in from the example, so that evidence is looked at and hashed.
"""

import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from mlcharter import document
from mlcharter.demands import Demands
from mlcharter.document import Document
from mlcharter.specification import STANDARD

EXAMPLE = Path(__file__).resolve().parents[1] / "examples/applied"
LINES = 156
_FENCE = re.compile(r"<!-- contract: (\w+) -->\n```yaml\n(.*?)```\n", re.S)


@dataclass(frozen=True)
class Corpus:
    """Repositories in `root`, one a folder; `texts` are the documents before they are varied."""

    root: Path
    texts: dict[str, str]
    repositories: int

    @property
    def folders(self) -> list[Path]:
        return [self.root / f"r{number:04}" for number in range(self.repositories)]

    @property
    def documents(self) -> int:
        return self.repositories * len(self.texts)

    @cached_property
    def lines(self) -> int:
        """Lines of one repository's documents."""
        return sum(text.count("\n") for text in self.texts.values())

    @property
    def contracts(self) -> int:
        """Contracts of one repository's documents."""
        return sum(len(_FENCE.findall(text)) for text in self.texts.values())

    def demands(self, demands: Demands) -> Demands:
        """What the template demands, without the sections that were cut off."""
        kept = []
        for demand in demands.documents:
            if demand.path in self.texts:
                read = document.parse(self.texts[demand.path], demand.path)
                here = {section.id for section in read.sections}
                sections = tuple(section for section in demand.sections if section.id in here)
                kept.append(replace(demand, sections=sections))
        return replace(demands, documents=tuple(kept))


def filled(root: Path, repositories: int) -> Corpus:
    """Repositories with the whole documents."""
    texts = {path: (EXAMPLE / path).read_text(encoding="utf-8") for path in STANDARD}
    return _written(Corpus(root, texts, repositories))


def short(root: Path, repositories: int) -> Corpus:
    """Repositories with documents of about 156 lines."""
    texts = {}
    for path in STANDARD:
        read = document.parse((EXAMPLE / path).read_text(encoding="utf-8"), path)
        texts[path] = "".join(read.lines[: _end(read)])
    kept = {path: document.parse(text, path).anchors for path, text in texts.items()}
    for path, text in texts.items():
        texts[path] = _unlinked(text, path, kept)
    return _written(Corpus(root, texts, repositories))


def _end(read: Document) -> int:
    """The last line of the section whose end is nearest to the wanted length."""
    ends = [section.end for section in read.sections if section.id]
    return min(ends, key=lambda end: abs(end - LINES))


def _unlinked(text: str, path: str, kept: dict[str, frozenset[str]]) -> str:
    """A text without the links to headings that were cut off."""

    def shown(link: re.Match[str]) -> str:
        target = os.path.normpath(Path(path).parent / link[2]) if link[2] else path
        there = target not in kept or link[3] in kept[target]
        return link[0] if there else link[1]

    return re.sub(r"\[([^\]\n]*)\]\(([^)#\s]*)#([^)\s]+)\)", shown, text)


def _written(corpus: Corpus) -> Corpus:
    for number, folder in enumerate(corpus.folders):
        shutil.copytree(EXAMPLE, folder, copy_function=os.link)
        for path, text in corpus.texts.items():
            (folder / path).unlink()
            (folder / path).write_text(_varied(text, number), encoding="utf-8")
    return corpus


def _varied(text: str, number: int) -> str:
    """A text with words of its own in its title and after its first sentence."""
    title, rest = text.split("\n", 1)
    return f"{title} {number}\n{rest}".replace(".\n", f", as in case {number}.\n", 1)


def fences(corpus: Corpus, into: Path, repositories: int) -> dict[str, list[Path]]:
    """The contracts of some repositories as files of their own, by kind."""
    found: dict[str, list[Path]] = {}
    for folder in corpus.folders[:repositories]:
        for path in corpus.texts:
            text = (folder / path).read_text(encoding="utf-8")
            for kind, block in _FENCE.findall(text):
                file = into / kind / f"{folder.name}-{len(found.get(kind, []))}.yaml"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block, encoding="utf-8")
                found.setdefault(kind, []).append(file)
    return found
