"""What runs mlcharter: workflows, CI includes, hooks, Makefiles and scripts."""

from collections.abc import Iterator

from mlcharter.charter import enforcement
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats.directions import Class


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = enforcement.read(pair.old), enforcement.read(pair.new)
    lost = old.runs - new.runs
    weakens: Class = "needs a person" if pair.updated else "weakens"
    changed = [path for path in old.files if pair.old.file(path) != pair.new.file(path)]
    added = [path for path in new.files if not pair.old.exists(path)]
    for command in sorted(lost):
        counts = [_times(runs[command]) for runs in (old.runs, new.runs)]
        path = next(iter(changed or added), new.files[0] if new.files else pair.new.answers.path)
        subject = f"`mlcharter {command}` in CI"
        gone = not pair.new.exists(path)
        # A template may run a command less often, but each of them somewhere.
        effect: Class = weakens if new.runs[command] else "weakens"
        yield difference(effect, subject, (counts[0], counts[1]), path, at_base=gone)
    for path in old.triggers.keys() & new.triggers.keys():
        events = [event for event in old.triggers[path] if event not in new.triggers[path]]
        if events:
            yield difference(weakens, "events that run mlcharter", (events, None), path)
    for path in changed:
        gone = not pair.new.exists(path)
        # A hook or script that is gone is missed; of CI, what it no longer runs is said above.
        effect = weakens if gone and not enforcement.is_ci(path) else "needs a person"
        values = ("runs the checks", None if gone else "changed")
        yield difference(effect, "file", values, path, at_base=gone)
    for path in added:
        yield difference("neutral", "file", (None, "runs the checks"), path)


def _times(count: int) -> str | None:
    return ("1 time" if count == 1 else f"{count} times") if count else None
