"""A threshold was decided after the run that it judges, or a canary starts before it.

Who has seen the number chooses a threshold that it passes. The order is: decide, run, then let
the first user meet it. A threshold that is more than two years old is decided again.

Flagged:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 200
      on_fail: block
      decided_on: 2026-12-09
      rationale: below this the review queue doubles
    ```

Flagged:

    <!-- config: ope -->
    ```yaml
    log: trips
    propensity: logged
    estimators: [snips, dr, fqe]
    resample: episode
    resamples: 1000
    min_ess_ratio: 0.2
    max_weight: 50
    max_disagreement: 0.1
    go: {metric: value-dr, against: behaviour, op: ">=", threshold: 0.02, bound: lower95}
    decided_on: 2026-11-09
    canary_not_before: null
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: cards
      slice: all
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 200
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```
"""

import datetime
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.check import eval_reports
from mlcharter.support.finding import Finding

LEVEL = "release"
_OLD = datetime.timedelta(days=731)


def check(charter: Charter) -> Iterator[Finding]:
    measured: dict[str, tuple[datetime.date, str]] = {}
    for path, report in eval_reports.reports(charter).items():
        for data in report.datasets:
            measured[data.id] = report.run.started_at.astimezone(datetime.UTC).date(), path
    for kind, dataset in (("gates", "dataset"), ("ope", "log")):
        for entry in charter.entries(kind):
            day = entry.value.decided_on
            ran = measured.get(getattr(entry.value, dataset))
            if day > charter.latest:
                message = f"{entry.subject} was decided on {day}, which is still to come"
                yield entry.finding(f"{message}; give the day of the decision", "decided_on")
            elif ran is not None and day > ran[0]:
                message = f"{entry.subject} was decided on {day}, after the run in `{ran[1]}`"
                remedy = "run the evals again, and keep that report"
                yield entry.finding(f"{message} of {ran[0]}; {remedy}", "decided_on")
            elif day < charter.today - _OLD:
                message = f"{entry.subject} was decided on {day}, more than two years ago"
                yield entry.finding(f"{message}; look at it again", "decided_on")
    ope = charter.entry("ope")
    if ope is None:
        return
    start = ope.value.canary_not_before
    run = measured.get(ope.value.log)
    if start is None:
        message = "the estimate says nothing about when the canary may start"
        yield ope.finding(f"{message}; give the day `canary_not_before`", "canary_not_before")
    elif start <= ope.value.decided_on or (run is not None and start <= run[0]):
        before = run[0] if run is not None else ope.value.decided_on
        message = f"the canary may start on {start}, before the estimate of {before} was read"
        yield ope.finding(f"{message}; let it start later", "canary_not_before")
