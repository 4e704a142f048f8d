"""Decide whether a judge sees pairs in both orders, and agrees with people.

For the judge `J`, a report has the exact metric `J-both-orders` (the share of pairs that were
judged in both orders, n pairs) and `J-kappa` or `J-alpha` over the audited pairs.
A judge that sees one order only fails, because of position bias, and so does one whose agreement
was not measured: it needs labels of people.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.judges import Judge
from mlcharter.gate.measurements import Measurements, Requirement, index_by_id
from mlcharter.gate.verdict import Verdict


def decide(judges: Sequence[Judge], measurements: Measurements) -> Iterator[Verdict]:
    for judge in index_by_id("judges", judges).values():
        if judge.mode == "pairwise":
            yield from _decide_orders(judge, measurements)
        agreement = Requirement(
            config="judges",
            id=f"judges/{judge.id}-agreement",
            metric=f"{judge.id}-{judge.agreement}",
            op=">=",
            threshold=judge.floor,
            bound=judge.bound,
            min_n=judge.audit_n,
            entry=judge,
        )
        for verdict in measurements.compare_everywhere(agreement):
            if verdict.reason == "not-produced":
                why = f"no report has {agreement.metric}; let people label {judge.audit_n} pairs"
                verdict = replace(verdict, reason="needs-labels", why=f"needs labels: {why}")
            yield verdict


def _decide_orders(judge: Judge, measurements: Measurements) -> Iterator[Verdict]:
    requirement = Requirement(
        config="judges",
        id=f"judges/{judge.id}-both-orders",
        metric=f"{judge.id}-both-orders",
        op=">=",
        threshold=1,
        bound="point",
        min_n=judge.min_pairs,
    )
    for verdict in measurements.compare_everywhere(requirement):
        if not judge.both_orders:
            why = "the judge may see one order only; set `both_orders: true`"
            verdict = replace(verdict, verdict="fail", reason="one-order", why=why)
        yield measurements.settle(verdict, judge)
