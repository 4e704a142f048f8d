"""A Code Quality report for GitLab."""

from collections.abc import Sequence

from mlcharter.check.result import Result, failing
from mlcharter.support.plain import as_json, plain


def render(results: Sequence[Result]) -> str:
    entries = [
        {
            "description": plain(judged.finding.message),
            "check_name": judged.finding.rule,
            "fingerprint": result.fingerprints[judged.finding],
            "severity": "major",
            "location": {"path": result.path(judged), "lines": {"begin": judged.finding.line}},
        }
        for result, judged in failing(results)
    ]
    return as_json(entries)
