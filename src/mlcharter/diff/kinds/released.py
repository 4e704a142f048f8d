"""Files of past releases, which may be added but never change."""

from collections.abc import Iterator

from mlcharter.charter.release_record import RELEASES
from mlcharter.charter.released_files import RELEASED
from mlcharter.diff.deciding_files import list_folder
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference

_LOGS = ".jsonl"  # lines are added to them
_REMEDY = "a released file never changes; add a new one"


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = (
        [path for folder in (RELEASED, RELEASES) for path in list_folder(charter, folder)]
        for charter in (pair.old, pair.new)
    )
    for path in old:
        digests = [charter.tree.digests(path) for charter in (pair.old, pair.new)]
        before, after = (getattr(digest, "text", None) for digest in digests)
        if before == after and before is not None:
            continue
        if path.endswith(_LOGS) and _is_appended(pair, path):
            yield difference("neutral", "log of releases", (None, "more lines"), path)
            continue
        values = ("released", "changed" if path in new else None)
        gone = path not in new
        yield difference(
            "weakens", "released file", values, path, at_base=gone, final=True, note=_REMEDY
        )
    for path in new:
        if path not in old:
            yield difference("neutral", "released file", (None, "a new release"), path)


def _is_appended(pair: Pair, path: str) -> bool:
    before, after = pair.old.tree.read(path), pair.new.tree.read(path)
    return isinstance(before, bytes) and isinstance(after, bytes) and after.startswith(before)
