"""Writing out the anchors and aliases of a YAML text, which a config block must not have.

A team that wrote some is told so by `check`; an update still has to merge what they mean.
"""

import json
import re
from typing import Any

from mlcharter.formats import yamlblock

MAX_ALIASES = 200


def written_out(text: str) -> str | None:
    """Return the text with each alias replaced by its value; None where that can't be done.

    Text without anchors comes back as it is.
    """
    if "&" not in text or len(text) > yamlblock.MAX_SIZE:
        return text
    import yaml

    try:
        events: list[Any] = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return None
    ends = _ends(events)
    anchored: dict[str, int] = {}
    edits: list[tuple[int, int, str]] = []
    for at, event in enumerate(events):
        if isinstance(event, yaml.AliasEvent):
            start = anchored.get(str(event.anchor))
            if start is None or at <= ends[start] or len(edits) > MAX_ALIASES:
                return None
            edit = _alias(text, events, at, events[start : ends[start] + 1])
            if edit is None:
                return None
            edits.append(edit)
        elif getattr(event, "anchor", None) is not None:
            anchored[event.anchor] = at
            begin = event.start_mark.index
            found = re.compile(r"&\S+[ ]?").match(text, begin)
            if found is None:
                return None
            edits.append((begin, found.end(), ""))
    for begin, end, new in reversed(edits):
        text = text[:begin] + new + text[end:]
        if len(text) > yamlblock.MAX_SIZE:
            return None
    return text if yamlblock.parse(text).problem is None else None


def _ends(events: list[Any]) -> dict[int, int]:
    """Where the node that begins with an event ends."""
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


def _alias(text: str, events: list[Any], at: int, node: list[Any]) -> tuple[int, int, str] | None:
    """What takes the place of one alias, and of the `<<:` before it."""
    from yaml.events import MappingStartEvent, ScalarEvent

    event, before = events[at], events[at - 1]
    merging = isinstance(before, ScalarEvent) and before.value == "<<" and before.implicit[0]
    flow = _flow(node)
    if flow is None:
        return None
    if not merging:
        return event.start_mark.index, event.end_mark.index, flow
    if not isinstance(node[0], MappingStartEvent):
        return None
    start = before.start_mark
    around, own = _mapping(events, at)
    below = yamlblock.parse(flow).value
    lines = [
        f"{key}: {json.dumps(value, default=str)}" for key, value in below.items() if key not in own
    ]
    between = ", " if around.flow_style else f"\n{' ' * start.column}"
    return start.index, event.end_mark.index, between.join(lines)


def _mapping(events: list[Any], at: int) -> tuple[Any, set[str]]:
    """The mapping in which an event stands, and its keys."""
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
            found = around[-1]
        if isinstance(event, CollectionStartEvent):
            around.append(number)
    keys = nodes[found][::2]
    return events[found], {key.value for key in keys if hasattr(key, "value")}


def _flow(node: list[Any]) -> str | None:
    """A node in flow style, in one line; None where it holds an alias itself."""
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
