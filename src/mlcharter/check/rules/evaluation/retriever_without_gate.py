"""A retriever or a reranker has no gate that shows its benefit.

For each retriever and for the reranker, a gate compares the whole ranking with one without it.
Another gate checks the number of passages that are handed on, such as `success-at-5` for `k: 5`.

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
    - {id: recall, metric: success-at-5, dataset: golden, slice: answerable, op: ">=",
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
    - {id: recall, metric: success-at-5, dataset: golden, slice: answerable, op: ">=",
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
    yield from _check_fusion(entry)
    if not charter.settled("gates"):
        return
    gates = [gate.value for gate in charter.entries("gates") if gate.value.on_fail == "block"]
    k = entry.value.k
    if not any(gate.metric.endswith(f"-at-{k}") for gate in gates):
        message = f"no blocking gate checks the first {k} passages; add one on `success-at-{k}`"
        yield entry.finding(message, "k")
    against = {gate.against for gate in gates}
    for n, leg in enumerate(entry.value.legs):
        others = [other for other in entry.value.legs if other != leg]
        if others and not against & set(others):
            message = f"no blocking gate shows that `{leg}` helps beside {', '.join(others)}"
            remedy = f"add one on the fused ranking with `against: {others[0]}`"
            yield entry.finding(f"{message}; {remedy}", "legs", n)
    if entry.value.reranker is not None and not _has_comparison(gates):
        message = "no blocking gate shows that the reranker helps"
        remedy = "add one on the final ranking, `against` a ranking without it"
        yield entry.finding(f"{message}; {remedy}", "reranker")


def _has_comparison(gates: list[Any]) -> bool:
    """Return whether a final ranking, such as `mrr-at-10`, is gated against another one."""
    return any(gate.against and gate.metric.rpartition("-at-")[2].isdigit() for gate in gates)


def _check_fusion(entry: Entry) -> Iterator[Finding]:
    legs, fusion = entry.value.legs, entry.value.fusion
    if len(set(legs)) < len(legs):
        yield entry.finding("`legs` lists a retriever twice; keep one", "legs")
    if len(legs) > 1 and fusion.method == "none":
        message = "several retrievers need a fusion, but its method is `none`; choose one"
        yield entry.finding(message, "fusion", "method")
    if len(legs) == 1 and fusion.method != "none":
        message = (
            f"a single retriever needs no fusion, but the method is `{fusion.method}`; use `none`"
        )
        yield entry.finding(message, "fusion", "method")
    if (fusion.method == "rrf") != (fusion.k is not None):
        message = f"the fusion method is `{fusion.method}`"
        problem = "which takes no `k`; set it to null" if fusion.k else "which needs a `k`; set it"
        yield entry.finding(f"{message}, {problem}", "fusion", "k")
