"""A protected slice has no blocking gate or no alert, or its gate or alert does not match it.

The average can improve while one group gets worse. A gate detects that before the release, an
alert after it. A gate requires at least as many rows as its slice.

Flagged:

    <!-- config: slices -->
    ```yaml
    - {id: new-customers, dataset: cards, where: age < 30, min_n: 50, protected: true, alert: null}
    ```

Flagged:

    <!-- config: slices -->
    ```yaml
    - {id: young, dataset: cards, where: age < 30, min_n: 50, protected: false, alert: young-worse}
    ```

    <!-- config: alerts -->
    ```yaml
    - id: young-worse
      subject: slice/old
      expr: eval_metric{slice="old"} > 0.1
      wait: 1d
      severity: ticket
      owner: "@acme/fraud"
      runbook: "#alert-slice"
    ```

Flagged:

    <!-- config: slices -->
    ```yaml
    - {id: young, dataset: cards, where: age < 30, min_n: 50, protected: false, alert: null}
    ```

    <!-- config: gates -->
    ```yaml
    - id: auc-young
      metric: auc
      dataset: cards
      slice: young
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 20
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```

Fine:

    <!-- config: slices -->
    ```yaml
    - {id: young, dataset: cards, where: age < 30, min_n: 50, protected: true, alert: young-worse}
    ```

    <!-- config: alerts -->
    ```yaml
    - id: young-worse
      subject: slice/young
      expr: eval_metric{slice="young"} > 0.1
      wait: 1d
      severity: ticket
      owner: "@acme/fraud"
      runbook: "#alert-slice"
    ```

    <!-- config: gates -->
    ```yaml
    - id: auc-young
      metric: auc
      dataset: cards
      slice: young
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 50
      on_fail: block
      decided_on: 2026-11-09
      rationale: below this the review queue doubles
    ```
"""

from collections.abc import Iterator, Mapping

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    slices = charter.named("slices")
    if charter.settled("gates"):
        gates = [gate.value for gate in charter.entries("gates")]
        gated = {gate.slice for gate in gates if gate.on_fail == "block"}
        for entry in charter.entries("slices"):
            if entry.value.protected and entry.value.id not in gated:
                message = f"{entry.subject} is protected, but has no blocking gate"
                yield entry.finding(f"{message}; add one to `gates`", "protected")
    yield from _check_gates(charter, slices)
    if charter.settled("alerts"):
        yield from _check_alerts(charter, slices)


def _check_gates(charter: Charter, slices: Mapping[str, Entry]) -> Iterator[Finding]:
    for gate in charter.entries("gates"):
        part = slices.get(gate.value.slice)
        if part is None:
            continue
        name = gate.subject
        if part.value.dataset != gate.value.dataset:
            message = f"{name} uses `{gate.value.dataset}`, but its slice `{part.value.id}` is of"
            yield gate.finding(f"{message} `{part.value.dataset}`; make them match", "dataset")
        if gate.value.min_n < part.value.min_n:
            message = f"{name} requires {gate.value.min_n} rows, but its slice requires"
            yield gate.finding(f"{message} {part.value.min_n}; raise `min_n`", "min_n")


def _check_alerts(charter: Charter, slices: Mapping[str, Entry]) -> Iterator[Finding]:
    alerts = {entry.value.id: entry for entry in charter.entries("alerts")}
    for entry in charter.entries("slices"):
        name, alert = entry.subject, alerts.get(entry.value.alert)
        if entry.value.protected and entry.value.alert is None:
            message = f"{name} is protected, but has no alert; name the one that watches it"
            yield entry.finding(message, "alert")
        elif alert is not None:
            kind, _, id = alert.value.subject.partition("/")
            if kind not in ("slice", "drift", "policy", "risk") or (
                kind == "slice" and id != entry.value.id
            ):
                message = f"{name} names the alert `{alert.value.id}`, which watches"
                remedy = "name the alert of this slice"
                yield entry.finding(f"{message} `{alert.value.subject}`; {remedy}", "alert")
