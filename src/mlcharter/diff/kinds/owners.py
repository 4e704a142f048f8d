"""CODEOWNERS: who must approve changes of the charter from now on."""

from collections.abc import Iterator

from mlcharter.charter import baseline, code_owners
from mlcharter.charter.settings import SETTINGS
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats.directions import Class


def compare(pair: Pair) -> Iterator[Difference]:
    files = [code_owners.find_file(charter) for charter in (pair.old, pair.new)]
    old, new = code_owners.read(pair.old), code_owners.read(pair.new)
    if files[0] is None or (files[0] == files[1] and old == new):
        return
    charter = {read.path for read in pair.old.documents}
    charter |= {SETTINGS, pair.old.answers.path, baseline.FILE, files[0]}
    changes: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for path in sorted(charter):
        before, after = old.of(path), new.of(path)
        if before != after:
            changes.setdefault((before, after), []).append(path)
    for (before, after), paths in changes.items():
        effect: Class = "weakens" if set(before) != set(after) else "neutral"
        subject = f"owners of {paths[0]}" + (f" and {len(paths) - 1} more" if paths[1:] else "")
        where = files[1] or files[0]
        values = (" ".join(before), " ".join(after))
        yield difference(effect, subject, values, where, at_base=files[1] is None)
