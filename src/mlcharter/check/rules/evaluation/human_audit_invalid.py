"""An audit by people is too small to decide anything, or its labels are not there.

Around a kappa of 0.7, 30 cases rated twice leave an interval 0.49 wide, and 100 one of 0.27:
with fewer than 100 a floor decides nothing. The file of labels holds the last audit, one row a
case, or one a case and rater.

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
_LEAST = 100
_ROWS = (".csv", ".tsv", ".jsonl")


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("human_audit")
    if entry is None:
        return
    audit = entry.value
    if audit.sample < _LEAST:
        message = f"{audit.sample} cases decide nothing; audit {_LEAST} or more"
        yield entry.finding(message, "sample")
    path = cross_references.located(charter, entry, audit.labels)
    data = charter.file(path)
    if not path.endswith(_ROWS) or not isinstance(data, bytes):
        return
    rows = sum(1 for line in data.splitlines() if line.strip())
    rows -= not path.endswith(".jsonl")  # the header
    if rows not in (audit.sample, audit.sample * audit.raters):
        message = f"the audit is of {audit.sample} cases, and `{path}` has {rows}"
        yield entry.finding(f"{message}; make them agree", "sample")
