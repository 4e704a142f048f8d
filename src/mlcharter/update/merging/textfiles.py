"""Merge files that are not documents, as Git does."""

import tempfile
from difflib import SequenceMatcher
from pathlib import Path

from mlcharter.support import git
from mlcharter.support.errors import UserError
from mlcharter.update.merging.sequence import OURS, THEIRS, add_markers


def merge(base: str | None, theirs: str, ours: str) -> tuple[str, bool]:
    """Return the merged text, and whether it has conflicts; without a base, both added the file."""
    crlf = "\r\n" in ours and "\n" not in ours.replace("\r\n", "")
    if crlf and "\r" not in f"{base}{theirs}":
        text, conflict = merge(base, theirs, ours.replace("\r\n", "\n"))
        return text.replace("\n", "\r\n"), conflict
    return _merge_two(theirs, ours) if base is None else _merge_three(base, theirs, ours)


def _merge_three(base: str, theirs: str, ours: str) -> tuple[str, bool]:
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(text.encode())
        labels = [arg for label in (OURS, "base", THEIRS) for arg in ("-L", label)]
        done = git.run(
            "merge-file", "--quiet", *labels, *(path.name for path in paths), cwd=paths[0].parent
        )
        if done.returncode < 0 or done.returncode > 127:
            raise UserError(
                f"git merge-file failed: {done.stderr.strip()}", hint="is Git installed?"
            )
        return paths[0].read_bytes().decode(), done.returncode > 0


def _merge_two(theirs: str, ours: str) -> tuple[str, bool]:
    """Return common lines once, and different ones between conflict markers."""
    old, new = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    out = ""
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        same = tag == "equal"
        out += "".join(old[a:b]) if same else add_markers("".join(old[a:b]), "".join(new[c:d]))
    return out, ours != theirs
