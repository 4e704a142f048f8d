"""The eval reports of a repository, and the config blocks that they are compared with.

The frozen reports of a release count; before the first release, those of the last run.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.charter.released_files import newest
from mlcharter.support.errors import UserError
from mlcharter.support.files import Unreadable

if TYPE_CHECKING:
    from mlcharter.formats.junit import TestRun
    from mlcharter.formats.report import Report
    from mlcharter.gate.measurements import Measurements
    from mlcharter.gate.verdict import Verdict

DESCRIPTIONS = ("metrics", "slices", "datasets")


def reports(charter: Charter) -> "dict[str, Report]":
    """Return the newest frozen report of each track, else that of the last run, by path."""
    by_track = {read.track: path for path, read in charter.reports.items()}
    released = charter.released
    for track in {read.track for read in released.values()}:
        own = (path for path, read in released.items() if read.track == track)
        if path := newest(own, f"-{track}.json"):
            by_track[track] = path
    both = {**charter.reports, **released}
    return {path: both[path] for path in sorted(by_track.values())}


def test_run(charter: Charter) -> "TestRun | str | None":
    """Return the newest frozen test run, or its problem as a sentence; None if there is none."""
    from mlcharter.formats import junit

    path = charter.frozen("-tests.xml")
    if path is None:
        return None
    data = charter.tree.read(path, junit.MAX_BYTES)
    read = _problem(data) if isinstance(data, Unreadable) else junit.parse(data)
    return f"`{path}` {read}" if isinstance(read, str) else junit.TestRun(path, read)


def _problem(unreadable: Unreadable) -> str:
    """Return the problem of a frozen file without its remedy, since it must be frozen again."""
    return unreadable.message.partition(";")[0]


class Kept(Struct, frozen=True):
    """The frozen output of `mlcharter gate --format json` for the reports of a release."""

    path: str
    verdicts: "dict[str, Verdict]"
    reports: frozenset[str]


def kept_verdicts(charter: Charter) -> Kept | str | None:
    """Return the newest frozen verdicts, or their problem as a sentence; None without."""
    from mlcharter.gate.verdict import Decision

    path = charter.frozen("-gates.json")
    if path is None:
        return None
    data = charter.file(path)
    if isinstance(data, Unreadable):
        return f"`{path}` {_problem(data)}"
    try:
        read = msgspec.json.decode(data, type=Decision)
    except (msgspec.DecodeError, RecursionError):
        return f"`{path}` is not what `mlcharter gate --format json` writes"
    verdicts = {verdict.gate: verdict for verdict in read.verdicts}
    return Kept(path, verdicts, frozenset(judged.sha256 for judged in read.reports))


def verdicts(charter: Charter) -> "list[Verdict] | None":
    """Return the verdicts of the gates on the reports; None if they cannot be decided."""
    from mlcharter.gate import engine

    kinds = engine.list_kinds()
    measurements = measured(charter) if charter.settled(*kinds, *DESCRIPTIONS) else None
    if measurements is None:
        return None
    configs: dict[str, Any] = {}
    for kind in kinds:
        values = [entry.value for entry in charter.every(kind)]
        configs[kind] = values if config_entries.is_list(kind) else next(iter(values), None)
    try:
        return engine.decide_configs(configs, measurements)
    except UserError:
        return None  # an id is defined twice, which `duplicate-id` reports


def unrun(charter: Charter) -> dict[str, list[Entry]]:
    """Return the gates whose metric comes from an eval without a report, by the eval's track.

    `evals/applied.py` writes the report of the track `applied`. A metric in the report of another
    track counts too.
    """
    current = reports(charter).values()
    known = {report.track for report in current}
    produced = {result.metric for report in current for result in report.results}
    metrics = charter.named("metrics")
    by_track: dict[str, list[Entry]] = {}
    for gate in charter.entries("gates"):
        metric = metrics.get(gate.value.metric)
        if metric is not None:
            track = PurePosixPath(metric.value.produced_by).stem
            if track not in known and gate.value.metric not in produced:
                by_track.setdefault(track, []).append(gate)
    return by_track


def unreadable(charter: Charter) -> dict[str, str]:
    """Return the unreadable reports of the repository's tracks, by path, with the reason."""
    tracks = charter.answers.values.get("tracks")
    known = tracks if isinstance(tracks, list) else []
    return {
        path: why
        for path, why in charter.broken_reports.items()
        if path.rpartition("/")[2].removesuffix(".json").rpartition("-")[2] in known
    }


def measured(charter: Charter) -> "Measurements | None":
    """Return the reports with the config blocks `metrics`, `slices` and `datasets`.

    None if they are ambiguous: an id is defined twice, or a result is in two reports.
    """
    from mlcharter.gate.measurements import Measurements

    configs: Mapping[str, Any] = {
        kind: [entry.value for entry in charter.every(kind)] for kind in DESCRIPTIONS
    }
    current = reports(charter)
    try:
        return Measurements.from_reports(configs, current, {}, charter.today)
    except UserError:
        return None
