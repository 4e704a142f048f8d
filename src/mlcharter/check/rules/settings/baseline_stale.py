"""The baseline lists a finding that is gone, or cannot be read.

A baseline may only shrink. An entry that nobody needs would hide the same mistake next time.

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
       "message": "`gone.md` leads nowhere; correct it",
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


def check_all(charter: Charter, found: Sequence[Finding]) -> Iterator[Finding]:
    recorded = charter.baseline
    for problem in recorded.problems:
        yield Finding(baseline.FILE, problem.line, problem.column, "", problem.message)
    here = set(fingerprints(found).values()) if recorded.findings else set()
    for known in recorded.findings:
        if known.fingerprint not in here:
            line = recorded.line(known.fingerprint)
            message = f"{known.rule} in {known.path} is gone: {known.message}"
            remedy = "remove the entry, or run `mlcharter check --write-baseline`"
            yield Finding(baseline.FILE, line, 1, "", f"{message}; {remedy}")
