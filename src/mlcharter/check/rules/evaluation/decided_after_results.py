"""A threshold was decided after the results were known, or a canary starts before them.

Whoever knows a result can choose a threshold that it passes. Decide first, run the evals, then
start the canary. A threshold that is more than two years old must be decided again.

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
      decided_on: 2024-11-09
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
_MAX_AGE = datetime.timedelta(days=731)


def check(charter: Charter) -> Iterator[Finding]:
    measured: dict[str, tuple[datetime.date, str]] = {}
    for path, report in eval_reports.reports(charter).items():
        for data in report.datasets:
            measured[data.id] = report.run.started_at.astimezone(datetime.UTC).date(), path
    for kind, dataset in (("gates", "dataset"), ("ope", "log")):
        for entry in charter.entries(kind):
            decided = entry.value.decided_on
            if decided is None or decided > charter.latest:  # see `date-in-future`
                continue
            run = measured.get(getattr(entry.value, dataset))
            message = f"{entry.subject} was decided on {decided}"
            if run is not None and decided > run[0]:
                message += f", after the run in `{run[1]}` of {run[0]}"
                remedy = "run the evals again, and keep that report"
                yield entry.finding(f"{message}; {remedy}", "decided_on")
            elif decided < charter.today - _MAX_AGE:
                message += ", more than two years ago; decide it again"
                yield entry.finding(message, "decided_on")
    yield from _check_canary(charter, measured)


def _check_canary(
    charter: Charter, measured: dict[str, tuple[datetime.date, str]]
) -> Iterator[Finding]:
    ope = charter.entry("ope")
    if ope is None:
        return
    start = ope.value.canary_not_before
    run = measured.get(ope.value.log)
    if start is None:
        message = "`ope` does not say when the canary may start; give the date `canary_not_before`"
        yield ope.finding(message, "canary_not_before")
    elif start <= ope.value.decided_on or (run is not None and start <= run[0]):
        estimated = run[0] if run is not None else ope.value.decided_on
        message = f"the canary may start on {start}, which is not after the estimate of {estimated}"
        yield ope.finding(f"{message}; choose a later date", "canary_not_before")
