"""Annotations for GitHub Actions: workflow commands with escaped values."""

from collections.abc import Sequence

from mlcharter.check.result import Judged, Result, failing, summary
from mlcharter.support.plain import workflow_data, workflow_property


def render(results: Sequence[Result]) -> str:
    lines = [_command(result.path(judged), judged) for result, judged in failing(results)]
    for result in results:
        text = "; ".join(summary(result))
        lines.append(
            f"::notice title=mlcharter::{workflow_data(f'{result.prefix} {text}'.strip())}"
        )
    return "\n".join(lines) + "\n"


def _command(path: str, judged: Judged) -> str:
    finding = judged.finding
    properties = {
        "file": path,
        "line": str(finding.line),
        "col": str(finding.column),
        "title": finding.rule,
    }
    rendered = ",".join(f"{name}={workflow_property(value)}" for name, value in properties.items())
    return f"::error {rendered}::{workflow_data(finding.message)}"
