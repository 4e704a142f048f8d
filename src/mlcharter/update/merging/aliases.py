"""Expand the anchors and aliases of a YAML text, which a config block must not have.

`check` reports them; an update still has to merge the values that they mean.
"""

import json
import re
from itertools import chain
from typing import Any

from mlcharter.formats import yamlblock

MAX_ALIASES = 200


def expand_aliases(text: str) -> str | None:
    """Return the text with each alias replaced by its value; None if that is not possible."""
    if "&" not in text or len(text) > yamlblock.MAX_SIZE:
        return text
    import yaml

    anchors: list[int] = []
    uses: list[tuple[Any, Any, Any, Any]] = []  # alias, its parent, its key there, the node

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            if isinstance(event, yaml.AliasEvent):
                uses.append((event, parent, index, super().compose_node(parent, index)))
                return uses[-1][-1]
            if event.anchor is not None:
                self.anchors.pop(event.anchor, None)  # it may be defined again
                anchors.append(event.start_mark.index)
            return super().compose_node(parent, index)

    try:
        yaml.compose(text, Loader)
    except (yaml.YAMLError, RecursionError):
        return None
    if len(uses) > MAX_ALIASES:
        return None
    edits = [(at, _anchor_end(text, at), "") for at in anchors]
    places = [alias.start_mark.index for alias, *_ in uses]
    for alias, parent, key, node in uses:
        if any(node.start_mark.index <= place < node.end_mark.index for place in places):
            return None  # the value has an alias itself
        start, new = alias, _format_flow(node)
        if getattr(key, "tag", "") == "tag:yaml.org,2002:merge":
            if not isinstance(node, yaml.MappingNode):
                return None
            start, new = key, _list_merged(new, parent, key.start_mark.column)
        edits.append((start.start_mark.index, alias.end_mark.index, new))
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
        if len(text) > yamlblock.MAX_SIZE:
            return None
    return text if yamlblock.parse(text).problem is None else None


def _anchor_end(text: str, at: int) -> int:
    anchor = re.compile(r"&\S+[ ]?").match(text, at)
    return anchor.end() if anchor else at  # a tag comes first, which no config block may have


def _list_merged(flow: str, mapping: Any, column: int) -> str:
    """Return the pairs of a mapping in flow style that another one, which merges it, has not."""
    known = {key.value for key, _ in mapping.value if isinstance(key.value, str)}
    pairs = [
        f"{key}: {json.dumps(value, default=str)}"
        for key, value in yamlblock.parse(flow).value.items()
        if key not in known
    ]
    return (", " if mapping.flow_style else f"\n{' ' * column}").join(pairs)


def _format_flow(node: Any) -> str:
    """Return a node in flow style, on one line."""
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style is None else json.dumps(node.value)
    waiting = [node]
    for part in waiting:
        if isinstance(part, yaml.ScalarNode):
            part.style = part.style and '"'
        else:
            part.flow_style = True
            waiting += chain(*part.value) if isinstance(part, yaml.MappingNode) else part.value
    return str(yaml.serialize(node, Dumper=yaml.SafeDumper, width=1_000_000)).strip()
