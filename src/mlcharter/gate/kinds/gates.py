"""Every gate of the document is one verdict."""

from collections.abc import Iterator, Sequence

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.gate.measurements import Demand, Measured, unique
from mlcharter.gate.verdict import Verdict


def verdicts(gates: Sequence[Gate], measured: Measured) -> Iterator[Verdict]:
    for gate in unique("gates", gates).values():
        yield measured.weigh(
            Demand(
                config="gates",
                id=gate.id,
                metric=gate.metric,
                dataset=gate.dataset,
                slice=gate.slice,
                against=gate.against,
                op=gate.op,
                threshold=gate.threshold,
                bound=gate.bound,
                min_n=gate.min_n,
                on_fail=gate.on_fail,
                waived=gate.waived,
                rationale=gate.rationale,
            )
        )
