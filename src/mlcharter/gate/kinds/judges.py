"""A judge has seen its pairs in both orders, and agrees with people.

For the judge `J`, a report has the exact metric `J-both-orders` (the share of pairs that were
judged in both orders, n pairs) and `J-kappa` or `J-alpha` over the audited pairs.
A judge that sees one order fails, whatever it says: the first answer has an advantage.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.judges import Judge
from mlcharter.gate.measurements import Demand, Measured, unique
from mlcharter.gate.verdict import Verdict


def verdicts(judges: Sequence[Judge], measured: Measured) -> Iterator[Verdict]:
    for judge in unique("judges", judges).values():
        if judge.mode == "pairwise":
            yield from _both_orders(judge, measured)
        agreement = Demand(
            config="judges",
            id=f"judges/{judge.id}-agreement",
            metric=f"{judge.id}-{judge.agreement}",
            op=">=",
            threshold=judge.floor,
            bound=judge.bound,
            min_n=judge.audit_n,
            waived=judge.waived,
        )
        yield from measured.weigh_everywhere(agreement)


def _both_orders(judge: Judge, measured: Measured) -> Iterator[Verdict]:
    demand = Demand(
        config="judges",
        id=f"judges/{judge.id}-both-orders",
        metric=f"{judge.id}-both-orders",
        op=">=",
        threshold=1,
        bound="point",
        min_n=judge.min_pairs,
    )
    for verdict in measured.weigh_everywhere(demand):
        if not judge.both_orders:
            why = "the document lets it judge in one order; set `both_orders: true`"
            verdict = replace(verdict, verdict="fail", reason="one-order", why=why)
        yield measured.excused(verdict, judge.waived)
