"""A human audit is too small, or its size does not match its labels.

At a kappa of about 0.7, 30 cases rated twice give an interval 0.49 wide, and 100 cases one of 0.27:
fewer than 100 cannot decide whether the floor is reached. The file of labels holds the last audit,
with one row per case, or one per case and rater.

Flagged:

    <!-- config: human_audit -->
    ```yaml
    {sample: 40, cadence_days: 92, raters: 2, agreement: kappa, floor: 0.6,
      rubric: audit/rubric.md, labels: audit/labels.csv, owner: "@acme/readers"}
    ```

Flagged:

    <!-- config: human_audit -->
    ```yaml
    {sample: 120, cadence_days: 92, raters: 2, agreement: kappa, floor: 0.6,
      rubric: audit/rubric.md, labels: audit/labels.csv, owner: "@acme/readers"}
    ```
    --- audit/labels.csv
    case,first,second
    1,yes,yes

Fine:

    <!-- config: human_audit -->
    ```yaml
    {sample: 120, cadence_days: 92, raters: 2, agreement: kappa, floor: 0.6,
      rubric: audit/rubric.md, labels: audit/labels.csv, owner: "@acme/readers"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.check import cross_references
from mlcharter.support.finding import Finding

LEVEL = "complete"
_MIN_CASES = 100
_ROWS = (".csv", ".tsv", ".jsonl")


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("human_audit")
    if entry is None:
        return
    audit = entry.value
    if audit.sample < _MIN_CASES:
        message = f"{audit.sample} cases are too few to decide; audit at least {_MIN_CASES}"
        yield entry.finding(message, "sample")
    path = cross_references.located(charter, entry, audit.labels)
    data = charter.file(path)
    if not path.endswith(_ROWS) or not isinstance(data, bytes):
        return
    rows = sum(1 for line in data.splitlines() if line.strip())
    rows -= not path.endswith(".jsonl")  # the header
    if rows not in (audit.sample, audit.sample * audit.raters):
        message = f"the audit has {audit.sample} cases, but `{path}` has {rows} rows"
        remedy = "give one row for each case, or for each case and rater"
        yield entry.finding(f"{message}; {remedy}", "sample")
