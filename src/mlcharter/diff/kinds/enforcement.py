"""What runs mlcharter: workflows, CI includes, hooks, Makefiles and scripts."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlcharter.charter import enforcement
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats.directions import Class

_GATING = ("pull_request", "merge_group")  # on which a required check decides


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = enforcement.read(pair.old), enforcement.read(pair.new)
    lost = old.runs - new.runs
    changed = [path for path in old.files if pair.old.file(path) != pair.new.file(path)]
    added = [path for path in new.files if not pair.old.exists(path)]
    for command in sorted(lost):
        counts = [_times(runs[command]) for runs in (old.runs, new.runs)]
        path = next(iter(changed or added), new.files[0] if new.files else pair.new.answers.path)
        subject = f"`mlcharter {command}` in CI"
        gone = not pair.new.exists(path)
        yield difference("weakens", subject, (counts[0], counts[1]), path, at_base=gone)
    for path in old.triggers.keys() & new.triggers.keys():
        yield from _compare_triggers(path, old.triggers[path], new.triggers[path])
    for path in changed:
        gone = not pair.new.exists(path)
        # A hook or script that is gone is missed; of CI, what it no longer runs is said above.
        effect: Class = "weakens" if gone and not enforcement.is_ci(path) else "needs a person"
        values = ("runs the checks", None if gone else "changed")
        yield difference(effect, "file", values, path, at_base=gone)
    for path in added:
        yield difference("neutral", "file", (None, "runs the checks"), path)


def _compare_triggers(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    """Yield the events on which a workflow does not run any more, or on fewer changes."""
    lost = [event for event in old if event not in new]
    if lost:
        yield difference("weakens", "events that run mlcharter", (lost, None), path)
    for event in _GATING:
        if event in old and new.get(event) and new[event] != old[event]:
            values = (old[event] or "every change", new[event])
            yield difference("weakens", f"event `{event}` that runs mlcharter", values, path)


def _times(count: int) -> str | None:
    return ("1 time" if count == 1 else f"{count} times") if count else None
