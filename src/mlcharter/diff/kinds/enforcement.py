"""What runs mlcharter: workflows, CI includes, hooks, Makefiles and scripts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from mlcharter.charter import enforcement
from mlcharter.charter.enforcement import Enforcement
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats.directions import Class

Conditions: TypeAlias = "tuple[str, ...]"
_GATING = ("pull_request", "merge_group")  # on which a required check decides


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = enforcement.read(pair.old), enforcement.read(pair.new)
    changed = [path for path in old.files if _content(pair, path)[0] != _content(pair, path)[1]]
    added = [path for path in new.files if _content(pair, path)[0] is None]
    yield from _compare_runs(pair, old, new, next(iter(changed or added or new.files), ""))
    for path in old.triggers.keys() & new.triggers.keys():
        yield from _compare_triggers(_show(pair, path), old.triggers[path], new.triggers[path])
    for path in changed:
        gone = _content(pair, path)[1] is None
        # A hook or script that is gone is missed; of CI, what it no longer runs is said above.
        effect: Class = "weakens" if gone and not enforcement.is_ci(path) else "needs a person"
        values = ("runs the checks", None if gone else "changed")
        yield difference(effect, "file", values, _show(pair, path), at_base=gone)
    for path in added:
        yield difference("neutral", "file", (None, "runs the checks"), _show(pair, path))


def _content(pair: Pair, path: str) -> list[bytes | None]:
    return [enforcement.content(charter, path) for charter in (pair.old, pair.new)]


def _show(pair: Pair, path: str) -> str:
    gone = enforcement.content(pair.new, path) is None
    return enforcement.show(pair.old if gone else pair.new, path)


def _compare_runs(
    pair: Pair, old: Enforcement, new: Enforcement, path: str
) -> Iterator[Difference]:
    """Yield the commands that CI runs less often, or under other conditions."""
    where = _show(pair, path) if path else pair.new.answers.path
    gone = bool(path) and enforcement.content(pair.new, path) is None
    for command in sorted({run.command for run in old.runs}):
        before, after = (
            Counter({run.conditions: n for run, n in runs.items() if run.command == command})
            for runs in (old.runs, new.runs)
        )
        lost, gained = before - after, after - before
        if list(_list_missed(lost, gained)):
            values = (_times(before, lost), _times(after, gained))
            yield difference("weakens", f"`mlcharter {command}` in CI", values, where, at_base=gone)


def _list_missed(lost: Counter[Conditions], gained: Counter[Conditions]) -> Iterator[Conditions]:
    """Yield the conditions of runs that no new run has, and none with fewer conditions."""
    left = Counter(gained)
    for conditions in sorted(lost.elements(), key=len, reverse=True):
        found = next((c for c, n in left.items() if n and set(c) <= set(conditions)), None)
        if found is None:
            yield conditions
        else:
            left[found] -= 1


def _times(runs: Counter[Conditions], shown: Counter[Conditions]) -> str | None:
    """Return how often a command runs, with the conditions of some of these runs."""
    count = sum(runs.values())
    texts = [f"{n} only with `{', '.join(names)}`" for names, n in shown.items() if names]
    times = "1 time" if count == 1 else f"{count} times"
    return ", ".join([times, *texts]) if count else None


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
