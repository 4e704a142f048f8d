"""The files that run the checks: workflows, hooks and the script that starts mlcharter."""

from collections.abc import Iterator

from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats.directions import Class

_FILES = (
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "Makefile",
    "tools/charter.py",
)


def compare(pair: Pair) -> Iterator[Difference]:
    for path in _FILES:
        before, after = pair.old.file(path), pair.new.file(path)
        if before == after or not isinstance(before, bytes):
            continue
        gone = not pair.new.exists(path)
        values = ("runs the checks", None if gone else "changed")
        effect: Class = "weakens" if gone and not pair.updated else "needs a person"
        yield difference(effect, "file", values, path, at_base=gone)
