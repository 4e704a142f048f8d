"""Compute what gates ask of scores: a value and its interval for each metric, slice and baseline.

The result is a report like that of an eval, except that a gate without a number gets the reason.
Rows are sorted by id first, so that their order in the file changes nothing.
"""

import datetime
import math
import platform
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.charter.config.evaluation.metrics import PROPORTIONS, Metric
from mlcharter.charter.config.evaluation.slices import ALL, Slice
from mlcharter.evals import digests, shares
from mlcharter.formats.report import Dataset, Interval, Key, Report, Result, Run
from mlcharter.gate.measurements import LEVEL, Failure, key_of
from mlcharter.gate.tables import DATASET, ID, Table, as_number, as_text, normalise
from mlcharter.gate.verdict import Reason
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy
from mlcharter.support.plain import plain

SEED = 7  # of the bootstrap; any other would do, but always the same
DIGITS = 6  # after the point, as in reports of evals
ROW = "row"  # the unit that needs no column
MAX_WORK = 50_000_000  # rows of a table, times the numbers that gates ask of it
_COLUMN = re.compile(r"[\w .-]+")


class Scored(Struct, frozen=True):
    """What was computed of a table: a report, and why a gate has no number, by its result."""

    report: Report
    failures: Mapping[Key, Failure]


class Pack(Struct, frozen=True, kw_only=True):
    """What the eval pack says: gates and datasets, and the units and slices of the latter."""

    datasets: Collection[str]
    metrics: Mapping[str, Metric]
    slices: Sequence[Slice]
    gates: Sequence[Gate]

    @classmethod
    def of(cls, configs: Mapping[str, Any], datasets: Collection[str]) -> "Pack":
        """Return it from config blocks by kind, with the ids of the datasets."""
        return cls(
            datasets=datasets,
            metrics={metric.id: metric for metric in configs.get("metrics", ())},
            slices=configs.get("slices", ()),
            gates=configs.get("gates", ()),
        )


class _FailedError(Exception):
    """A number cannot be computed, and why."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.failure: Failure = (reason, why)


def score(table: Table, pack: Pack) -> Scored:
    """Return the numbers that the gates of an eval pack ask of a table."""
    datasets = []
    results: dict[Key, Result] = {}
    failures: dict[Key, Failure] = {}
    for name, rows in _split(table, pack).items():
        cases = _Cases(table=table, rows=rows, pack=pack, dataset=name)
        datasets.append(Dataset(id=name, sha256=cases.sha256, rows=len(rows)))
        keys = _list_keys(pack, name)
        if len(keys) * len(rows) > MAX_WORK:
            why = f"gates ask {len(keys)} numbers of its {len(rows)} rows, which takes too long"
            raise UserError(f"{table.name}: {why}", "let the eval write a report")
        for key in keys:
            try:
                results[key] = cases.measure(pack.metrics[key[0]], key)
            except _FailedError as error:
                failures[key] = error.failure
    return Scored(_report(table, datasets, list(results.values())), failures)


def select_rows(table: Table, pack: Pack, dataset: str, part: str) -> list[int]:
    """Return the rows of a slice of a dataset; none if the table has no such rows."""
    rows = _split(table, pack).get(dataset, [])
    try:
        return _Cases(table=table, rows=rows, pack=pack, dataset=dataset).select(part)
    except _FailedError:
        return []


def _list_keys(pack: Pack, dataset: str) -> list[Key]:
    """Return the results on a dataset that gates need; a release is compared with in the gate."""
    gates = (g for g in pack.gates if g.dataset == dataset and g.metric in pack.metrics)
    return list(dict.fromkeys(map(key_of, gates)))


def _report(table: Table, datasets: list[Dataset], results: list[Result]) -> Report:
    stem = re.split(r"[\\/]", table.name)[-1].partition(".")[0]
    return Report(
        version=1,
        track=f"scores-{re.sub(r'[^a-z0-9]+', '-', stem.lower())}"[:63],
        run=Run(
            command=f"mlcharter gate {table.name}",
            commit=None,
            dirty=None,
            seed=SEED,
            started_at=datetime.datetime.now(datetime.UTC),
            cpu_seconds=0.0,
            python=platform.python_version(),
            packages={},
        ),
        datasets=datasets,
        artifacts=[],
        results=results,
    )


def list_names(table: Table) -> list[str]:
    """Return the names of its datasets: those of the column `dataset`, else that of the file."""
    if DATASET in table.columns:
        return list(dict.fromkeys(normalise(as_text(cell)) for cell in table.columns[DATASET]))
    return [normalise(re.split(r"[\\/]", table.name)[-1].rpartition(".")[0])]


def _split(table: Table, pack: Pack) -> dict[str, list[int]]:
    """Return the rows of each dataset, sorted by id.

    The dataset is in the column `dataset`; without it, the file is named after the dataset, or the
    eval pack has only one.
    """
    ids = table.columns[ID]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    if DATASET in table.columns:
        datasets: dict[str, list[int]] = {}
        for row in order:
            datasets.setdefault(normalise(as_text(table.columns[DATASET][row])), []).append(row)
        if not datasets.keys() & set(pack.datasets):
            shown = ", ".join(f"`{plain(name)}`" for name in list(datasets)[:3])
            why = f"{table.name} has cases of {shown}, which is no dataset of the eval pack"
            raise UserError(why, remedy(next(iter(datasets)), pack.datasets, 8))
        return {name: rows for name, rows in datasets.items() if name in pack.datasets}
    [stem] = list_names(table)
    if stem in pack.datasets:
        return {stem: order}
    if len(pack.datasets) == 1:
        return {next(iter(pack.datasets)): order}
    hint = "name the file after its dataset, or add a column `dataset`"
    if not pack.datasets:
        raise UserError(
            "the eval pack has no datasets", "add one; see `mlcharter explain datasets`"
        )
    known = ", ".join(sorted(pack.datasets)[:8])
    raise UserError(f"{table.name} may be of any dataset of the eval pack: {known}", hint)


class _Cases(Struct, frozen=True, kw_only=True, dict=True):
    """The rows of one dataset."""

    table: Table
    rows: list[int]
    pack: Pack
    dataset: str

    @cached_property
    def sha256(self) -> str:
        """The digest of the cases: of their ids, slices and clusters, but not of their scores."""
        units = {normalise(metric.resample) for metric in self.pack.metrics.values()} - {ROW}
        conditions = map(self._find_condition, self._slices.values())
        used = units | {condition[0] for condition in conditions if condition}
        names = [ID, *sorted(used & self.table.columns.keys() - {ID})]
        columns = [self.table.columns[name] for name in names]
        records = (
            {name: as_text(column[row]) for name, column in zip(names, columns, strict=True)}
            for row in self.rows
        )
        return digests.rows(records)

    @cached_property
    def _slices(self) -> dict[str, Slice]:
        return {part.id: part for part in self.pack.slices if part.dataset == self.dataset}

    def _find_condition(self, part: Slice) -> tuple[str, str | None] | None:
        """Return the column that decides which cases are in a slice, and its value if it has one.

        None if there is no such column.
        """
        column, equals, value = part.where.partition("=")
        named = equals and _COLUMN.fullmatch(column.strip())  # not `age >= 18`
        if named and normalise(column) in self.table.columns:
            return normalise(column), as_text(value.removeprefix("=").strip(" \t\"'"))
        return (part.id, None) if part.id in self.table.columns else None

    def select(self, name: str) -> list[int]:
        """Return the rows of a slice."""
        condition = self._find_condition(self._slices[name]) if name in self._slices else None
        if condition is None:
            if name == ALL:
                return self.rows
            how = "write its `where` as `COLUMN = VALUE`, or add a column with 1 for its cases"
            why = f"{self.table.name} has no column for slice {name}; {how}"
            raise _FailedError("not-produced", why)
        column, value = condition
        if value is None:
            chosen: list[Any] = self._read(column, self.rows)
        else:
            chosen = [as_text(self.table.columns[column][row]) == value for row in self.rows]
        rows = [row for row, inside in zip(self.rows, chosen, strict=True) if inside]
        if not rows:
            raise _FailedError("not-produced", f"no case of {self.table.name} is in slice {name}")
        return rows

    def measure(self, metric: Metric, key: Key) -> Result:
        """Return the number of a metric on a slice, with `against` as the paired difference."""
        _, dataset, part, against = key
        rows = self.select(part)
        candidate = self._find_scores(metric.id, rows)
        baseline = self._find_scores(f"{metric.id}.{against}", rows) if against else None
        if metric.method == "exact":
            value = candidate.total - (baseline.total if baseline else 0.0)
            n, interval = len(rows), None
        else:
            if self.table.aggregate:
                why = f"{self.table.name} has no cases, so {metric.id} has no interval; "
                raise _FailedError("needs-cases", why + "give the file with the single cases")
            value, n, interval = self._estimate(metric, rows, candidate, baseline)
        return Result(
            metric=metric.id,
            dataset=dataset,
            slice=part,
            against=against,
            value=round(value, DIGITS) + 0.0,
            n=n,
            interval=interval,
        )

    def _estimate(
        self, metric: Metric, rows: list[int], candidate: "_Scores", baseline: "_Scores | None"
    ) -> tuple[float, int, Interval]:
        clusters = self._clusters(metric, rows)
        if metric.method == "bootstrap" or (baseline and metric.method in PROPORTIONS):
            ends = _bootstrap(metric, rows, clusters, candidate, baseline)
        elif metric.method in PROPORTIONS:
            self._refuse_dependent(metric, rows, clusters, candidate)
            ends = _proportion(metric.method, round(candidate.total), len(rows))
        else:
            why = f"`{metric.method}` cannot be computed from scores"
            how = "use `method: bootstrap`, or let the eval write a report"
            raise _FailedError("method-differs", f"{why}; {how}")
        value, lower, upper, n, method = ends
        return (
            value,
            n,
            Interval(
                lower=round(lower, DIGITS) + 0.0,
                upper=round(upper, DIGITS) + 0.0,
                level=LEVEL,
                method=method,
                unit=metric.resample,
            ),
        )

    def _clusters(self, metric: Metric, rows: list[int]) -> list[str] | None:
        """Return the cluster of each row; None if rows are the unit."""
        unit = normalise(metric.resample)
        if unit == ROW:
            return None
        if unit not in self.table.columns:
            why = f"{self.table.name} has no column `{unit}`, by which `metrics` resamples "
            how = "; add it, or set `resample: row` if rows are independent"
            raise _FailedError("unit-differs", why + metric.id + how)
        labels = [as_text(self.table.columns[unit][row]) for row in rows]
        if "" in labels:
            place = self.table.locate(rows[labels.index("")])
            raise _FailedError("invalid-score", f"{place}: `{unit}` is empty; give the case one")
        return labels

    def _refuse_dependent(
        self, metric: Metric, rows: list[int], clusters: list[str] | None, scores: "_Scores"
    ) -> None:
        """Fail unless each row is a hit or a miss, and rows are independent."""
        use = "use `method: bootstrap`"
        if clusters is not None and len(set(clusters)) < len(clusters):
            twice, _ = Counter(clusters).most_common(1)[0]
            why = f"`{metric.method}` needs one row for each {metric.resample}, and "
            raise _FailedError("method-differs", f"{why}{plain(twice)} has several; {use}")
        totals = scores.totals or [1.0] * len(rows)
        for row, hits, total in zip(rows, scores.values, totals, strict=True):
            if hits not in (0, 1) or total != 1:
                shown = f"{hits:g}" + (f" of {total:g}" if scores.totals else "")
                why = f"{self.table.locate(row)}: `{metric.id}` is {shown}, but "
                why += f"`{metric.method}` counts 0 or 1; {use}"
                raise _FailedError("method-differs", why)

    def _find_scores(self, name: str, rows: list[int]) -> "_Scores":
        """Return the scores in the column `name`, or in `name.hits` and `name.total`."""
        if name in self.table.columns:
            return _Scores(self._read(name, rows))
        hits, total = f"{name}.hits", f"{name}.total"
        missing = [column for column in (hits, total) if column not in self.table.columns]
        if len(missing) == 2:
            like = [other for other in self.table.columns if ("." in other) == ("." in name)]
            near = remedy(name, like, 8)
            why = f"{self.table.name} has no column `{name}`; {near}"
            raise _FailedError("not-produced", why)
        if missing:
            raise _FailedError("not-produced", f"{self.table.name} has no column `{missing[0]}`")
        scores = _Scores(self._read(hits, rows), self._read(total, rows))
        for row, hit, of in zip(rows, scores.values, scores.totals or (), strict=True):
            if not 0 <= hit <= of:
                why = f"{self.table.locate(row)}: `{name}` has {hit:g} hits of {of:g}"
                raise _FailedError("invalid-score", why)
        return scores

    def _read(self, column: str, rows: list[int]) -> list[float]:
        """Return the cells of a column as numbers."""
        cells = self.table.columns[column]
        numbers = [as_number(cells[row]) for row in rows]
        wrong = [row for row, number in zip(rows, numbers, strict=True) if number is None]
        if wrong:
            value = cells[wrong[0]]
            text = as_text(value)
            problem = f"is {plain(text[:20])!r}, no finite number" if text else "is empty"
            more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
            how = "give each case a score, and 0 where the system failed"
            why = f"{self.table.locate(wrong[0])}: `{column}` {problem}{more}; {how}"
            raise _FailedError("invalid-score", why)
        return [number for number in numbers if number is not None]


class _Scores(Struct, frozen=True):
    """The scores of rows; with `totals`, they are hits of so many."""

    values: list[float]
    totals: list[float] | None = None

    @property
    def total(self) -> float:
        """The sum of the scores; with `totals`, the share of hits."""
        if self.totals is None:
            return math.fsum(self.values)
        return math.fsum(self.values) / (math.fsum(self.totals) or math.nan)


_Ends = tuple[float, float, float, int, Any]  # value, lower, upper, n, method


def _proportion(method: str, hits: int, n: int) -> _Ends:
    if method == "wilson":
        return (hits / n, *shares.wilson(hits / n, n, LEVEL), n, method)
    estimate = _intervals().clopper_pearson(hits, n, unit=ROW)
    return estimate.value, estimate.lower, estimate.upper, n, method


def _bootstrap(
    metric: Metric,
    rows: list[int],
    clusters: list[str] | None,
    candidate: _Scores,
    baseline: _Scores | None,
) -> _Ends:
    """Return the mean, or the share of hits, with the interval of the cluster bootstrap."""
    labels = range(len(rows)) if clusters is None else clusters
    units = len(set(labels))
    if units < 2:
        why = f"the bootstrap needs two or more of unit {metric.resample}, not {units}"
        raise _FailedError("too-few", why)
    intervals = _intervals()
    how = {"unit": metric.resample, "seed": SEED}
    try:
        if candidate.totals is None and (baseline is None or baseline.totals is None):
            others = baseline.values if baseline else [0.0] * len(rows)
            differences = [a - b for a, b in zip(candidate.values, others, strict=True)]
            found = intervals.mean(differences, labels, **how)
        elif baseline is None:
            found = intervals.bootstrap(_share(candidate), labels, **how)
        else:
            both = _share(candidate), _share(baseline)
            found = intervals.paired_difference(*both, labels, **how)
    except ValueError as error:
        raise _FailedError("no-interval", f"{metric.id}: {error}") from error
    return found.value, found.lower, found.upper, found.n, "bootstrap"


def _share(scores: _Scores) -> Callable[[Any], float]:
    """Return the share of hits as a function of row numbers."""
    import numpy as np

    hits = np.asarray(scores.values)
    totals = np.ones(len(hits)) if scores.totals is None else np.asarray(scores.totals)

    def share(rows: Any) -> float:
        of = float(totals[rows].sum())
        return float(hits[rows].sum()) / of if of else math.nan

    return share


def _intervals() -> Any:
    """Return the intervals of `mlcharter.evals`, which need NumPy and SciPy."""
    try:
        from mlcharter.evals import intervals
    except ModuleNotFoundError as error:
        raise UserError(
            f"this interval needs {error.name}, which is not installed",
            "install `numpy` and `scipy` beside mlcharter; `method: wilson` needs nothing",
        ) from error
    return intervals
