"""Render a decision as one JSON object, version 1."""

import math
from typing import Any

from msgspec.structs import asdict

from mlcharter.gate.verdict import Decision, Verdict
from mlcharter.support.plain import as_json


def render(decision: Decision) -> str:
    content = {
        "version": 1,
        "ok": decision.ok,
        "verdicts": [_build_entry(verdict) for verdict in decision.verdicts],
        "notes": list(decision.notes),
        "reports": [asdict(judged) for judged in decision.reports],
    }
    if decision.explanations:
        content["explanations"] = [asdict(explained) for explained in decision.explanations]
    return as_json(content)


def _build_entry(verdict: Verdict) -> dict[str, Any]:
    # JSON has no NaN or infinity; the verdict `not-finite` says that the number was one.
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in asdict(verdict).items()
    }
