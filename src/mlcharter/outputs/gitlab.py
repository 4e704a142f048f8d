"""A Code Quality report for GitLab."""

import json
from collections.abc import Sequence

from mlcharter.judged import Result
from mlcharter.plain import plain


def render(results: Sequence[Result]) -> str:
    entries = [
        {
            "description": plain(judged.finding.message),
            "check_name": judged.finding.rule,
            "fingerprint": result.fingerprints[judged.finding],
            "severity": "major",
            "location": {
                "path": result.path(judged),
                "lines": {"begin": judged.finding.line},
            },
        }
        for result in results
        for judged in result.having("fails")
    ]
    return json.dumps(entries, indent=1) + "\n"
