"""Nothing shows that a gate can fail.

A gate that no defect turns red protects nobody. `mlcharter prove` breaks the system on purpose, and
writes a line to proofs.json for each gate that fails then. The proof is valid until the gate or an
input of its eval changes.

It is asked for gates that block, and whose eval imports `mlcharter.evals`: only these can be run.
In a repository with documents only, it is asked for gates on scores too.

Flagged:

    <!-- config: gates -->
    ```yaml
    - {id: auc-overall, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.95,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row,
        produced_by: evals/applied.py}
    ```
    --- evals/applied.py
    from mlcharter.evals import running

Flagged:

    --- .copier-answers.yml
    layout: documents
    tier: production
    tracks: [applied]
    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: answers, metric: correct, dataset: support, slice: all, op: ">=", threshold: 0.7,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: correct, unit: share, direction: up, method: wilson, resample: row,
        produced_by: eval.R}
    ```

Fine:

    <!-- config: gates -->
    ```yaml
    - {id: auc-overall, metric: auc, dataset: cards, slice: all, op: ">=", threshold: 0.95,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: auc, unit: ratio, direction: up, method: bootstrap, resample: row,
        produced_by: evals/applied.py}
    ```
    --- evals/applied.py
    from mlcharter.evals import running
    --- proofs.json
    {"version": 1, "evals": [{"name": "applied", "patterns": ["evals/*.py"], "blocks": []}],
     "proofs": [{"gate": "auc-overall", "eval": "applied", "value": 0.5, "bound": 0.46,
      "sha256": "f7ee48d082abce2b236742c303816b13850ecf921d1c7ad4abd8cbf2d712d0cd"}]}

Fine:

    --- .copier-answers.yml
    layout: documents
    tier: production
    tracks: [applied]
    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - {id: answers, metric: correct, dataset: support, slice: all, op: ">=", threshold: 0.7,
        bound: lower95, min_n: 200, on_fail: block, decided_on: 2026-11-09, rationale: as agreed}
    ```

    <!-- config: metrics -->
    ```yaml
    - {id: correct, unit: share, direction: up, method: wilson, resample: row,
        produced_by: eval.R}
    ```
    --- proofs.json
    {"version": 1, "proofs": [{"gate": "answers", "value": 0.6, "bound": 0.53,
      "sha256": "29fe2eb02e8ffc47c085117126e70ef97ae60a27ca6c608c5ca922f752086e35",
      "defect": "20 % of the cases have correct = 0"}]}
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_OF_SCORES = ("wilson", "clopper-pearson", "bootstrap", "exact")
_REMEDY = "run `mlcharter prove`"


def check(charter: Charter) -> Iterator[Finding]:
    gates = [gate for gate in charter.entries("gates") if _is_asked(charter, gate)]
    if not gates or not charter.settled("metrics"):
        return
    from mlcharter.gate import proofs

    if not charter.exists(proofs.PATH) and len(gates) > 1:
        message = f"{gates[0].subject} and {len(gates) - 1} more have no proof that they can fail"
        yield gates[0].finding(f"{message}; {_REMEDY}")
        return
    read = proofs.read(charter.tree)
    if isinstance(read, str):
        yield Finding(proofs.PATH, 1, 1, "", f"`{proofs.PATH}` {read}; delete it and {_REMEDY}")
        return
    kinds = ("metrics", "slices", "datasets")
    configs = {kind: [entry.value for entry in charter.every(kind)] for kind in kinds}
    validity = proofs.Validity(read, charter.tree, configs)
    for gate in gates:
        if (problem := validity.find_problem(gate.value)) is not None:
            yield gate.finding(f"{gate.subject} {problem}; {_REMEDY}")


def _is_asked(charter: Charter, gate: Entry) -> bool:
    """Return whether a gate blocks, and the eval of its metric is one that `prove` can run.

    A gate on the starter proves nothing about the team's system; rule `starter-left` finds it.
    """
    metric = charter.named("metrics").get(gate.value.metric)
    if metric is None or gate.value.on_fail != "block" or gate.value.starter:
        return False
    if gate.value.against == "last-release" and not charter.released:
        return False  # there is nothing yet that it could be worse than
    documents_only = charter.answers.values.get("layout") == "documents"
    if documents_only and metric.value.method in _OF_SCORES:
        return True
    return charter.once(_can_be_run, metric.value.produced_by)


def _can_be_run(charter: Charter, path: str) -> bool:
    if not path.startswith("evals/"):
        return False
    data = charter.file(path)
    return isinstance(data, bytes) and b"mlcharter.evals" in data
