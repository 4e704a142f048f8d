"""The inputs of an eval, by digest, so that `mlcharter gate` can tell its report from a stale one.

Inputs are files (code, evals, data or its manifest) and the config blocks that the eval reads.
The config block `gates` is no input: another threshold needs no other run.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from mlcharter.evals import digests

CODE = ("evals", "src")
Block = tuple[str, str]  # the path of a document, and the kind of its config blocks


@dataclass(frozen=True)
class Inputs:
    """Digests of what an eval reads: of `files` by path, of `blocks` by document and kind."""

    root: Path
    patterns: tuple[str, ...]
    files: dict[str, str]
    blocks: dict[Block, str]

    @classmethod
    def read(
        cls, patterns: Iterable[str], blocks: Iterable[Block] = (), root: Path = Path()
    ) -> Self:
        """Digest what is there now; call it where the eval is imported, before it measures.

        `patterns` are globs from `root`, the top of the repository; hidden files count only if
        they are spelled out. Raises ValueError for a pattern that matches no file, and for a
        document without a config block of that kind.
        """
        root, patterns = root.resolve(), tuple(sorted(patterns))
        matched = {pattern: sorted(_matched(root, pattern)) for pattern in patterns}
        for pattern, paths in matched.items():
            if not paths:
                raise ValueError(f"no file matches the input {pattern!r} in {root.name}/")
        paths = sorted({path for paths in matched.values() for path in paths})
        files = {path: digests.file(root / path) for path in paths}
        return cls(root, patterns, files, {b: _block(root, *b) for b in sorted(blocks)})

    def content(self) -> dict[str, Any]:
        """Return what the report says of the inputs.

        Raises ValueError if an input changed since it was read, since nobody then knows what was
        measured, and if code of the repository was imported that no pattern matches.
        """
        if type(self).read(self.patterns, self.blocks, self.root) != self:
            raise ValueError("an input of the eval changed while it ran; run it again")
        if missing := sorted(_imported(self.root) - self.files.keys()):
            raise ValueError(f"name {', '.join(missing)} among the inputs of the eval")
        blocks = [
            {"document": document, "kind": kind, "sha256": digest}
            for (document, kind), digest in self.blocks.items()
        ]
        return {"patterns": list(self.patterns), "files": self.files, "blocks": blocks}


def _matched(root: Path, pattern: str) -> Iterator[str]:
    """The files that a pattern matches, without hidden ones and what Python caches."""
    spelled = set(pattern.split("/"))
    for path in root.glob(pattern):
        place = path.relative_to(root)
        unspelled = {*place.parts} - spelled
        if path.is_file() and not any(p.startswith(".") or p == "__pycache__" for p in unspelled):
            yield place.as_posix()


def _block(root: Path, document: str, kind: str) -> str:
    """The digest of the YAML of all config blocks of that kind in a document."""
    text = (root / document).read_text(encoding="utf-8")
    marker = re.escape(f"<!-- config: {kind} -->")
    blocks = re.findall(rf"^{marker}\n```yaml\n(.*?)^```", text, re.M | re.S)
    if not blocks:
        raise ValueError(f"{document} has no config block of kind {kind}")
    return sha256("".join(blocks).encode()).hexdigest()


def _imported(root: Path) -> set[str]:
    """The code of the repository that is imported by now, by path from `root`."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    paths = (Path(file).resolve() for file in files if file)
    return {
        path.relative_to(root).as_posix()
        for path in paths
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in CODE
    }
