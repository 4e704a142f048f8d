"""A Code Quality report for GitLab."""

import json
from collections.abc import Sequence

from mlcharter.judged import Result, failing
from mlcharter.plain import plain


def render(results: Sequence[Result]) -> str:
    entries = [
        {
            "description": plain(judged.finding.message),
            "check_name": judged.finding.rule,
            "fingerprint": judged.fingerprint,
            "severity": "major",
            "location": {
                "path": path,
                "lines": {"begin": judged.finding.line},
            },
        }
        for path, judged in failing(results)
    ]
    return json.dumps(entries, indent=1) + "\n"
