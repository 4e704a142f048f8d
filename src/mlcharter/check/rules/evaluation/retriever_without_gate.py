"""A leg of the retrieval, or its reranker, was never shown to be worth its place.

Each leg and the reranker have a gate that compares the whole with what is left without them, and
a gate looks at the number of passages that are handed on, such as `recall-at-5` for `k: 5`.

Flagged:

    <!-- config: retrieval -->
    ```yaml
    legs: [bm25, dense]
    fusion: {method: rrf, k: 60}
    reranker: null
    k: 5
    chunk: {max_chars: 400, overlap: 1}
    ```

    <!-- config: gates -->
    ```yaml
    - {id: recall, metric: recall-at-5, dataset: golden, slice: answerable, op: ">=",
        threshold: 0.8, bound: lower95, min_n: 100, on_fail: block, decided_on: 2026-11-09,
        rationale: below this one in five cannot be answered}
    ```

Flagged:

    <!-- config: retrieval -->
    ```yaml
    legs: [bm25, dense]
    fusion: {method: none, k: null}
    reranker: null
    k: 5
    chunk: {max_chars: 400, overlap: 1}
    ```

Fine:

    <!-- config: retrieval -->
    ```yaml
    legs: [bm25]
    fusion: {method: none, k: null}
    reranker: null
    k: 5
    chunk: {max_chars: 400, overlap: 1}
    ```

    <!-- config: gates -->
    ```yaml
    - {id: recall, metric: recall-at-5, dataset: golden, slice: answerable, op: ">=",
        threshold: 0.8, bound: lower95, min_n: 100, on_fail: block, decided_on: 2026-11-09,
        rationale: below this one in five cannot be answered}
    ```
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("retrieval")
    if entry is None:
        return
    yield from _fusion(entry)
    if not charter.settled("gates"):
        return
    gates = [gate.value for gate in charter.entries("gates") if gate.value.on_fail == "block"]
    k = entry.value.k
    if not any(gate.metric.endswith(f"-at-{k}") for gate in gates):
        message = f"no blocking gate looks at the first {k} passages; gate `recall-at-{k}`"
        yield entry.finding(message, "k")
    against = {gate.against for gate in gates}
    for n, leg in enumerate(entry.value.legs):
        others = [other for other in entry.value.legs if other != leg]
        if others and not against & set(others):
            message = f"no gate shows that `{leg}` helps beside {', '.join(others)}"
            remedy = f"gate the fused ranking `against: {others[0]}`"
            yield entry.finding(f"{message}; {remedy}", "legs", n)
    if entry.value.reranker is not None and not _compared(gates):
        message = "no gate shows that the reranker helps"
        remedy = "gate the final ranking against one without it"
        yield entry.finding(f"{message}; {remedy}", "reranker")


def _compared(gates: list[Any]) -> bool:
    """Whether a final ranking, such as `mrr-at-10`, has a gate against another one."""
    return any(gate.against and gate.metric.rpartition("-at-")[2].isdigit() for gate in gates)


def _fusion(entry: Entry) -> Iterator[Finding]:
    legs, fusion = entry.value.legs, entry.value.fusion
    if len(set(legs)) < len(legs):
        yield entry.finding("one leg stands twice; keep one", "legs")
    if (len(legs) > 1) == (fusion.method == "none"):
        message = f"{len(legs)} legs are fused by `{fusion.method}`"
        remedy = "choose a fusion" if len(legs) > 1 else "one needs none"
        yield entry.finding(f"{message}; {remedy}", "fusion", "method")
    if (fusion.method == "rrf") != (fusion.k is not None):
        message = f"`k` of the fusion is for `rrf`, and the method is `{fusion.method}`"
        yield entry.finding(f"{message}; correct one", "fusion", "k")
