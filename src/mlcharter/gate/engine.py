"""Decide gates: what the documents ask, against what the reports of a run measured.

Pure: config blocks and reports come in parsed, and so does today's date.
"""

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mlcharter.formats.report import Report
from mlcharter.gate.measurements import Measured
from mlcharter.gate.verdict import Verdict
from mlcharter.support import plugins
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy

_KINDS = "mlcharter.gate.kinds"


def kinds() -> list[str]:
    """Return the kinds of config blocks that decide a merge."""
    return [name.replace("-", "_") for name in plugins.names(_KINDS)]


def verdicts(configs: Mapping[str, Any], measured: Measured) -> list[Verdict]:
    """Return a verdict for each gate of the config blocks, ordered by kind."""
    found: list[Verdict] = []
    for kind in kinds():
        if configs.get(kind) is not None:
            found += plugins.load_one(_KINDS, kind).verdicts(configs[kind], measured)
    return found


def decide(
    configs: Mapping[str, Any],
    reports: Mapping[str, Report],
    released: Mapping[str, Report],
    today: datetime.date,
    stale: Mapping[str, str] = MappingProxyType({}),
) -> list[Verdict]:
    """Return a verdict for each gate of the eval pack, in its order.

    `configs` are its config blocks by kind; `reports` those of the run by name; `released` the
    newest frozen report of each track that has one; `stale` says, by the name of a report, why it
    may not decide. Raises UserError where there is no gate: an empty list would read as a pass.
    """
    if not configs.get("gates"):
        raise UserError(
            "the document has no gates", "write a `gates` config block with at least one"
        )
    return verdicts(configs, Measured.of(configs, reports, released, today, stale))


def select(verdicts: Sequence[Verdict], only: Sequence[str]) -> list[Verdict]:
    """Return the verdicts of the gates in `only`, or all if it is empty."""
    names = [verdict.gate for verdict in verdicts]
    for name in only:
        if name not in names:
            raise UserError(f"no gate `{name}`", remedy(name, names))
    return [verdict for verdict in verdicts if not only or verdict.gate in only]
