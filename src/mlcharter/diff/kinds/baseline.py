"""The baseline: findings that existed before and do not fail."""

from collections.abc import Iterator

from mlcharter.charter.baseline import FILE
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import MORE


def compare(pair: Pair) -> Iterator[Difference]:
    old = {known.fingerprint: known for known in pair.old.baseline.findings}
    new = {known.fingerprint: known for known in pair.new.baseline.findings}
    for name in sorted(new.keys() - old.keys()):
        line = pair.new.baseline.line(name)
        entry = f"`{new[name].rule}` in {new[name].path}"
        yield difference("weakens", "baseline", (None, entry), FILE, line, waives=name)
    for name in new.keys() & old.keys():
        if old[name].since != new[name].since:
            effect = directions.judge(MORE, old[name].since, new[name].since)
            values, line = (old[name].since, new[name].since), pair.new.baseline.line(name)
            yield difference(effect, f"baseline `{new[name].rule}` since", values, FILE, line)
    gone = len(old.keys() - new.keys())
    if gone:
        yield difference("tightens", "baseline", (f"{gone} findings", None), FILE)
    if pair.old.baseline.owner != pair.new.baseline.owner and old and new:
        owners = (pair.old.baseline.owner, pair.new.baseline.owner)
        yield difference("needs a person", "baseline `owner`", owners, FILE)
