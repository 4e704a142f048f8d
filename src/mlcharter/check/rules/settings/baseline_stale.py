"""The baseline lists a finding that no longer exists, or cannot be read.

Remove such entries: each would hide the same mistake if it came back.

Flagged:

    --- .mlcharter-baseline.json
    {
     "version": 1,
     "owner": "@lead",
     "findings": [
      {
       "fingerprint": "00112233445566778899aabbccddeeff",
       "rule": "link-broken",
       "path": "docs/design_doc.md",
       "message": "`gone.md` does not exist; correct it",
       "since": "2026-11-01"
      }
     ]
    }

Flagged:

    --- .mlcharter-baseline.json
    {"version": 1}

Fine:

    --- .mlcharter-baseline.json
    {"version": 1, "owner": "@lead", "findings": []}
"""

from collections.abc import Iterator, Sequence

from mlcharter.charter import baseline
from mlcharter.charter.charter import Charter
from mlcharter.check.result import fingerprints
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check_all(charter: Charter, findings: Sequence[Finding]) -> Iterator[Finding]:
    recorded = charter.baseline
    for problem in recorded.problems:
        yield Finding(baseline.FILE, problem.line, problem.column, "", problem.message)
    current = set(fingerprints(findings).values()) if recorded.findings else set()
    for known in recorded.findings:
        if known.fingerprint not in current:
            line = recorded.line(known.fingerprint)
            message = f"{known.rule} in {known.path} is no longer found: {known.message}"
            remedy = "remove the entry, or run `mlcharter check --write-baseline`"
            yield Finding(baseline.FILE, line, 1, "", f"{message}; {remedy}")
