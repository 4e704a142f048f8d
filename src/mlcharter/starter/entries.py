"""Write entries of config blocks as YAML."""

import json
import re
from typing import Any

from mlcharter.formats.report import Result


def gate(
    id_: str, result: Result, op: str, threshold: float, bound: str, why: str
) -> dict[str, Any]:
    """Return a gate that only warns, on which no person has decided."""
    return {
        "id": id_,
        "metric": result.metric,
        "dataset": result.dataset,
        "slice": result.slice,
        **({"against": result.against} if result.against else {}),
        "op": op,
        "threshold": threshold,
        "bound": bound,
        "min_n": floor(result.n),
        "on_fail": "warn",
        "decided_on": None,
        "rationale": why,
    }


def floor(n: int) -> int:
    """Return a `min_n` that allows for a few cases less in the next run."""
    return max(1, min(4 * n // 5, 200))


def block(entry: dict[str, Any]) -> str:
    """Return an entry with a key a line."""
    lines = [f"{key}: {_value(value)}\n" for key, value in entry.items()]
    return "- " + "  ".join(lines)


def flow(entry: dict[str, Any]) -> str:
    """Return an entry in one line."""
    parts = (f"{key}: {_value(value)}" for key, value in entry.items())
    return f"{{{', '.join(parts)}}}"


def _value(value: Any) -> str:
    """Return a value as JSON, which is YAML too, without quotes where a plain word is the same."""
    if isinstance(value, dict):
        return flow(value)
    if isinstance(value, str) and _is_plain(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    reserved = ("null", "true", "false", "yes", "no", "on", "off")
    plain = re.fullmatch(r"[A-Za-z][\w./-]*( [\w./-]+)*", text, re.ASCII)
    return plain is not None and text.lower() not in reserved
