"""Decide gates: compare the config blocks of the documents with the reports of a run.

Nothing is read from disk here: config blocks, reports and today's date are arguments.
"""

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mlcharter.formats.report import Key, Report
from mlcharter.gate.measurements import Failure, Measurements
from mlcharter.gate.verdict import Verdict
from mlcharter.support import plugins
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy

_KINDS = "mlcharter.gate.kinds"


def list_kinds() -> list[str]:
    """Return the kinds of config blocks that decide a merge."""
    return [name.replace("-", "_") for name in plugins.names(_KINDS)]


def decide_configs(configs: Mapping[str, Any], measurements: Measurements) -> list[Verdict]:
    """Return a verdict for each gate of the config blocks, ordered by kind."""
    verdicts: list[Verdict] = []
    for kind in list_kinds():
        if configs.get(kind) is not None:
            verdicts += plugins.load_one(_KINDS, kind).decide(configs[kind], measurements)
    return verdicts


def measure(
    configs: Mapping[str, Any],
    reports: Mapping[str, Report],
    released: Mapping[str, Report],
    today: datetime.date,
    stale: Mapping[str, str] = MappingProxyType({}),
    failures: Mapping[Key, Failure] = MappingProxyType({}),
) -> Measurements:
    """Return the numbers of reports, with what the eval pack says about them.

    `configs` are its config blocks by kind, `reports` those of the run by name, `released` the
    newest released report of each track that has one. `stale` says, by the name of a report, why it
    is stale, and `failures`, by its key, why scores give no number for a result. Raises UserError
    if there is no gate, since an empty list would look like a pass.
    """
    if not configs.get("gates"):
        raise UserError(
            "the eval pack has no gates",
            "add a `gates` config block; see `mlcharter explain gates`",
        )
    return Measurements.from_reports(configs, reports, released, today, stale, failures)


def decide(
    configs: Mapping[str, Any],
    reports: Mapping[str, Report],
    released: Mapping[str, Report],
    today: datetime.date,
    stale: Mapping[str, str] = MappingProxyType({}),
    failures: Mapping[Key, Failure] = MappingProxyType({}),
) -> list[Verdict]:
    """Return a verdict for each gate of the eval pack, in its order; see `measure`."""
    measurements = measure(configs, reports, released, today, stale, failures)
    return decide_configs(configs, measurements)


def select(verdicts: Sequence[Verdict], only: Sequence[str]) -> list[Verdict]:
    """Return the verdicts of the gates in `only`, or all if it is empty."""
    names = [verdict.gate for verdict in verdicts]
    for name in only:
        if name not in names:
            raise UserError(f"unknown gate `{name}`", remedy(name, names))
    return [verdict for verdict in verdicts if not only or verdict.gate in only]
