"""Expand the anchors and aliases of a YAML text, which a config block must not have.

`check` reports them; an update still has to merge the values that they mean.
"""

import json
import re
from typing import Any

from mlcharter.formats import yamlblock

MAX_ALIASES = 200


def expand_aliases(text: str) -> str | None:
    """Return the text with each alias replaced by its value; None if that is not possible."""
    if "&" not in text or len(text) > yamlblock.MAX_SIZE:
        return text
    import yaml

    try:
        events: list[Any] = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return None
    ends = _find_ends(events)
    anchored: dict[str, int] = {}
    edits: list[tuple[int, int, str]] = []
    for at, event in enumerate(events):
        if isinstance(event, yaml.AliasEvent):
            start = anchored.get(str(event.anchor))
            if start is None or at <= ends[start] or len(edits) > MAX_ALIASES:
                return None
            edit = _expand(text, events, at, events[start : ends[start] + 1])
            if edit is None:
                return None
            edits.append(edit)
        elif getattr(event, "anchor", None) is not None:
            anchored[event.anchor] = at
            begin = event.start_mark.index
            anchor = re.compile(r"&\S+[ ]?").match(text, begin)
            if anchor is None:
                return None
            edits.append((begin, anchor.end(), ""))
    for begin, end, new in reversed(edits):
        text = text[:begin] + new + text[end:]
        if len(text) > yamlblock.MAX_SIZE:
            return None
    return text if yamlblock.parse(text).problem is None else None


def _find_ends(events: list[Any]) -> dict[int, int]:
    """Return the index of the last event of each node, by the index of its first."""
    from yaml.events import CollectionEndEvent, CollectionStartEvent

    waiting: list[int] = []
    ends = {}
    for at, event in enumerate(events):
        if isinstance(event, CollectionStartEvent):
            waiting.append(at)
        elif isinstance(event, CollectionEndEvent):
            ends[waiting.pop()] = at
        else:
            ends[at] = at
    return ends


def _expand(text: str, events: list[Any], at: int, node: list[Any]) -> tuple[int, int, str] | None:
    """Return the edit (start, end, text) for an alias, and for the `<<:` before it."""
    from yaml.events import MappingStartEvent, ScalarEvent

    event, before = events[at], events[at - 1]
    merging = isinstance(before, ScalarEvent) and before.value == "<<" and before.implicit[0]
    flow = _format_flow(node)
    if flow is None:
        return None
    if not merging:
        return event.start_mark.index, event.end_mark.index, flow
    if not isinstance(node[0], MappingStartEvent):
        return None
    start = before.start_mark
    mapping, keys = _find_mapping(events, at)
    merged = yamlblock.parse(flow).value
    lines = [
        f"{key}: {json.dumps(value, default=str)}"
        for key, value in merged.items()
        if key not in keys
    ]
    between = ", " if mapping.flow_style else f"\n{' ' * start.column}"
    return start.index, event.end_mark.index, between.join(lines)


def _find_mapping(events: list[Any], at: int) -> tuple[Any, set[str]]:
    """Return the first event of the mapping that contains an event, and its keys."""
    from yaml.events import CollectionEndEvent, CollectionStartEvent

    around: list[int] = []
    nodes: dict[int, list[Any]] = {}
    for number, event in enumerate(events):
        if isinstance(event, CollectionEndEvent):
            around.pop()
            continue
        if around:
            nodes.setdefault(around[-1], []).append(event)
        if number == at:
            start = around[-1]
        if isinstance(event, CollectionStartEvent):
            around.append(number)
    keys = nodes[start][::2]
    return events[start], {key.value for key in keys if hasattr(key, "value")}


def _format_flow(node: list[Any]) -> str | None:
    """Return a node in flow style, on one line; None if it contains an alias itself."""
    import yaml

    if any(isinstance(event, yaml.AliasEvent) for event in node):
        return None
    first = node[0]
    if isinstance(first, yaml.ScalarEvent):
        return first.value if first.style is None else json.dumps(first.value)
    events = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    for event in node:
        if isinstance(event, yaml.MappingStartEvent):
            events.append(yaml.MappingStartEvent(None, None, implicit=True, flow_style=True))
        elif isinstance(event, yaml.SequenceStartEvent):
            events.append(yaml.SequenceStartEvent(None, None, implicit=True, flow_style=True))
        elif isinstance(event, yaml.ScalarEvent):
            style = '"' if event.style else None
            events.append(yaml.ScalarEvent(None, None, event.implicit, event.value, style=style))
        else:
            events.append(event)
    events += [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    return str(yaml.emit(events, width=1_000_000)).strip()
