"""The reports that stand behind a charter, and the config blocks that they are held to.

What a release rests on is frozen; until something is, the last run counts.
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
    """By path: of each track the newest frozen report, or else that of the last run."""
    found = {read.track: path for path, read in charter.reports.items()}
    released = charter.released
    for track in {read.track for read in released.values()}:
        own = (path for path, read in released.items() if read.track == track)
        if path := newest(own, f"-{track}.json"):
            found[track] = path
    both = {**charter.reports, **released}
    return {path: both[path] for path in sorted(found.values())}


def test_run(charter: Charter) -> "TestRun | str | None":
    """The newest kept run of the tests, or what is wrong with it as a sentence; None without."""
    from mlcharter.formats import junit

    path = charter.frozen("-tests.xml")
    if path is None:
        return None
    data = charter.tree.read(path, junit.MAX_BYTES)
    read = _problem(data) if isinstance(data, Unreadable) else junit.parse(data)
    return f"`{path}` {read}" if isinstance(read, str) else junit.TestRun(path, read)


def _problem(unreadable: Unreadable) -> str:
    """What is wrong with a kept file; the remedy is to keep it again."""
    return unreadable.message.partition(";")[0]


class Kept(Struct, frozen=True):
    """What `mlcharter gate --format json` said of the reports of a release."""

    path: str
    verdicts: "dict[str, Verdict]"
    reports: frozenset[str]


def kept_verdicts(charter: Charter) -> Kept | str | None:
    """The newest kept verdicts, or what is wrong with them as a sentence; None without."""
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
    """What the documents ask of the reports behind them; None where nothing can be told."""
    from mlcharter.gate import engine

    kinds = engine.list_kinds()
    told = measured(charter) if charter.settled(*kinds, *DESCRIPTIONS) else None
    if told is None:
        return None
    configs: dict[str, Any] = {}
    for kind in kinds:
        values = [entry.value for entry in charter.every(kind)]
        configs[kind] = values if config_entries.is_list(kind) else next(iter(values), None)
    try:
        return engine.decide_configs(configs, told)
    except UserError:
        return None  # an id stands twice, which duplicate-id says


def unrun(charter: Charter) -> dict[str, list[Entry]]:
    """The gates whose metric comes from a program that has no report, by its track.

    `evals/applied.py` writes the report of the track `applied`; a metric that stands in the report
    of another has one.
    """
    behind = reports(charter).values()
    known = {report.track for report in behind}
    produced = {result.metric for report in behind for result in report.results}
    metrics = charter.named("metrics")
    found: dict[str, list[Entry]] = {}
    for gate in charter.entries("gates"):
        metric = metrics.get(gate.value.metric)
        if metric is not None:
            track = PurePosixPath(metric.value.produced_by).stem
            if track not in known and gate.value.metric not in produced:
                found.setdefault(track, []).append(gate)
    return found


def unreadable(charter: Charter) -> dict[str, str]:
    """The broken reports that should count: those of the tracks that write one, by path."""
    tracks = charter.answers.values.get("tracks")
    known = tracks if isinstance(tracks, list) else []
    return {
        path: why
        for path, why in charter.broken_reports.items()
        if path.rpartition("/")[2].removesuffix(".json").rpartition("-")[2] in known
    }


def measured(charter: Charter) -> "Measurements | None":
    """The reports beside what `metrics`, `slices` and `datasets` say about them.

    None where nothing can be told: an id stands twice, or one result in two reports.
    """
    from mlcharter.gate.measurements import Measurements

    configs: Mapping[str, Any] = {
        kind: [entry.value for entry in charter.every(kind)] for kind in DESCRIPTIONS
    }
    behind = reports(charter)
    try:
        return Measurements.from_reports(configs, behind, {}, charter.today)
    except UserError:
        return None
