"""Gates over reports: what the document demands, against what a run measured.

Pure: documents and reports come in parsed, and so does today's date.
"""

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mlcharter.formats.report import Report
from mlcharter.gate import deciding
from mlcharter.gate.measurements import Measured
from mlcharter.gate.verdict import Verdict
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy


def decide(
    configs: Mapping[str, Any],
    reports: Mapping[str, Report],
    released: Mapping[str, Report],
    today: datetime.date,
    stale: Mapping[str, str] = MappingProxyType({}),
) -> list[Verdict]:
    """A verdict for each gate of the document, in the document's order.

    `configs` are the eval pack's by kind; `reports` those of the run by name;
    `released` the newest frozen report of each track that has one; `stale` says by the name of a
    report why it may not decide.
    A document without any gate is a UserError: an empty list would read as a pass.
    """
    if not configs.get("gates"):
        raise UserError(
            "the document has no gates", "write a `gates` config block with at least one"
        )
    return deciding.verdicts(configs, Measured.of(configs, reports, released, today, stale))


def select(verdicts: Sequence[Verdict], only: Sequence[str]) -> list[Verdict]:
    """The verdicts of the gates in `only`; all of them where it is empty."""
    names = [verdict.gate for verdict in verdicts]
    for name in only:
        if name not in names:
            raise UserError(f"no gate `{name}`", remedy(name, names))
    return [verdict for verdict in verdicts if not only or verdict.gate in only]
