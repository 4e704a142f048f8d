"""The inputs of an eval, by digest, so that its report can be told from a stale one.

Each eval declares patterns of files (code, evals, data or its manifest) and the config blocks that
it reads. `mlcharter gate` computes the digests again and does not let a report decide whose inputs
have changed. The config block `gates` is no input: another threshold needs no other run.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CODE = ("evals", "src")


@dataclass(frozen=True)
class Inputs:
    """What an eval reads; `files` by path from the top, `blocks` by document and kind."""

    patterns: tuple[str, ...]
    files: dict[str, str]
    blocks: dict[tuple[str, str], str]

    @classmethod
    def read(cls, patterns: Iterable[str], blocks: Iterable[tuple[str, str]] = ()) -> "Inputs":
        """Digest what is there now; an eval does so where it is imported, before it measures."""
        patterns = tuple(sorted(patterns))
        files = {path: digest(ROOT / path) for path in sorted(set(_found(patterns)))}
        return cls(patterns, files, {block: _block(*block) for block in sorted(blocks)})

    def content(self) -> dict[str, Any]:
        """What stands in the report.

        A ValueError says that an input has changed since it was read, so that nobody knows what
        was measured, or that code was used which no pattern means.
        """
        if Inputs.read(self.patterns, self.blocks) != self:
            raise ValueError("an input of the eval changed while it ran; run it again")
        if missing := sorted(_imported() - self.files.keys()):
            raise ValueError(f"name {', '.join(missing)} among the inputs of the eval")
        blocks = [
            {"document": document, "kind": kind, "sha256": digest}
            for (document, kind), digest in self.blocks.items()
        ]
        return {"patterns": list(self.patterns), "files": self.files, "blocks": blocks}


def digest(path: Path) -> str:
    """The sha256 of a file; text (no NUL in 8,000 bytes) has it with `\\n` at the ends of lines."""
    content = path.read_bytes()
    if b"\0" not in content[:8000]:
        content = content.replace(b"\r\n", b"\n")
    return sha256(content).hexdigest()


def _found(patterns: Iterable[str]) -> Iterator[str]:
    """The files that patterns mean, without hidden ones and what Python caches."""
    for pattern in patterns:
        spelled = set(pattern.split("/"))
        for path in ROOT.glob(pattern):
            place = path.relative_to(ROOT)
            hidden = (p.startswith(".") or p == "__pycache__" for p in {*place.parts} - spelled)
            if path.is_file() and not any(hidden):
                yield place.as_posix()


def _block(document: str, kind: str) -> str:
    """The sha256 of the YAML below the markers of that kind in a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(rf"^<!-- config: {kind} -->\n```yaml\n(.*?)^```", text, re.M | re.S)
    if not blocks:
        raise ValueError(f"{document} has no config block of kind {kind}")
    return sha256("".join(blocks).encode()).hexdigest()


def _imported() -> set[str]:
    """The code of this repository that was imported by now, by path from the top."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    paths = (Path(file).resolve() for file in files if file)
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in CODE
    }
