"""Compare the numbers of reports with the thresholds of the document.

A number that cannot be trusted never passes: it fails with a reason of its own, see verdict.py.
A report from a tree with uncommitted changes, or from another commit, may pass: runs during
development are such. A released report that others are compared with must be from a clean tree.
"""

import datetime
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, Self

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter.config.evaluation.datasets import Dataset
from mlcharter.charter.config.evaluation.metrics import Metric
from mlcharter.charter.config.evaluation.slices import ALL, Slice
from mlcharter.formats.models import Entry
from mlcharter.formats.report import Interval, Key, Report, Result, describe
from mlcharter.gate import power
from mlcharter.gate.advice import nearest_result
from mlcharter.gate.verdict import OnFail, Reason, Verdict
from mlcharter.support.errors import UserError

LEVEL = 0.95
LAST_RELEASE = "last-release"
OPS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}

Failure = tuple[Reason, str]


class _Comparing(Protocol):
    """What compares one number: a gate, a requirement, or the verdict on one."""

    @property
    def metric(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def slice(self) -> str: ...
    @property
    def against(self) -> str | None: ...


def key_of(comparing: _Comparing) -> Key:
    """Return the key of the result; a comparison with a release uses that without a baseline."""
    baseline = None if comparing.against == LAST_RELEASE else comparing.against
    return comparing.metric, comparing.dataset, comparing.slice, baseline


class Requirement(Struct, frozen=True, kw_only=True):
    """One number and its threshold: what all kinds of gates have in common.

    Without a dataset or a slice it applies to all that the document has, see `expand`.
    """

    config: str
    id: str
    metric: str
    dataset: str = ""
    slice: str = ""
    against: str | None = None
    op: str
    threshold: float
    bound: str
    min_n: int = 1
    on_fail: OnFail = "block"
    entry: Entry = Entry()
    rationale: str = ""

    @property
    def rising(self) -> bool:
        """Whether larger numbers pass."""
        return self.op in (">=", ">")

    @property
    def key(self) -> Key:
        return key_of(self)


class Measurements(Struct, frozen=True, kw_only=True, dict=True):
    """The results of reports, with the metrics, slices and datasets of the document."""

    metrics: Mapping[str, Metric]
    slices: Mapping[str, Slice]
    datasets: Mapping[str, Dataset]
    reports: Sequence[Report]
    results: Mapping[Key, tuple[Result, Report]]
    released: Mapping[str, Report]
    today: datetime.date
    stale: Mapping[str, str] = {}
    failures: Mapping[Key, Failure] = {}

    @property
    def earliest(self) -> datetime.date:
        """The earliest date in any time zone: a deadline before it has passed."""
        return self.today - datetime.timedelta(days=1)

    @property
    def latest(self) -> datetime.date:
        """The latest date in any time zone: a date after it is in the future."""
        return self.today + datetime.timedelta(days=1)

    @classmethod
    def from_reports(
        cls,
        configs: Mapping[str, Any],
        reports: Mapping[str, Report],
        released: Mapping[str, Report],
        today: datetime.date,
        stale: Mapping[str, str] = MappingProxyType({}),
        failures: Mapping[Key, Failure] = MappingProxyType({}),
    ) -> Self:
        """Return the results of `reports` by name, with `configs` by kind and `released` by track.

        `stale` says by the name of a report why it is stale, and `failures` by its key why a result
        is in none of them. Raises UserError if two reports have the same result, since only one of
        them can count.
        """
        results: dict[Key, tuple[Result, Report]] = {}
        origin: dict[Key, str] = {}
        for name, report in reports.items():
            for result in report.results:
                if result.key in results:
                    raise UserError(
                        f"{describe(result.key)} is in {origin[result.key]} and in {name}",
                        "name only one of the two reports",
                    )
                results[result.key] = result, report
                origin[result.key] = name
        return cls(
            metrics=_index_config("metrics", configs),
            slices=_index_config("slices", configs),
            datasets=_index_config("datasets", configs),
            reports=list(reports.values()),
            results=results,
            released=released,
            today=today,
            stale={reports[name].track: f"{name} is stale: {why}" for name, why in stale.items()},
            failures=failures,
        )

    def compare(self, requirement: Requirement) -> Verdict:
        """Return the verdict on one number."""
        failure = self.find_failure(requirement)
        if failure is not None:
            verdict = _build_verdict(requirement, None, *failure)
            return self.settle(verdict, requirement.entry, requirement.on_fail)
        observed = self._compute_observed(requirement)
        result, report = self.results[requirement.key]
        size = _find_slice_size(result, self._find_unit(result), report)
        part = f" of {size}" if size not in (None, result.n) else ""
        why = f"{describe(result.key)}, n {result.n}{part}"
        reason: Reason = "holds"
        if not OPS[requirement.op](observed, requirement.threshold):
            reason = "missed"
            why += _describe_cases(requirement, result, self.metrics[requirement.metric])
            why += f"; {requirement.rationale}" if requirement.rationale else ""
        verdict = _build_verdict(requirement, observed, reason, why)
        return self.settle(verdict, requirement.entry, requirement.on_fail)

    def find_failure(self, requirement: Requirement) -> Failure | None:
        """Return why the number cannot be compared; None if it can."""
        return next(self._find_failures(requirement), None)

    def settle(self, verdict: Verdict, entry: Entry, on_fail: OnFail = "block") -> Verdict:
        """Return the verdict after `waived`, `starter` and `on_fail` of the document."""
        waived = entry.waived
        if waived is not None and waived.until >= self.earliest:
            why = f"until {waived.until} by {waived.by}: {waived.reason}"
            return replace(verdict, verdict="waived", reason="waived", why=why)
        if waived is not None:
            why = (
                f"the waiver by {waived.by} expired on {waived.until}; renew it or remove `waived`"
            )
            verdict = replace(verdict, verdict="fail", reason="waiver-expired", why=why)
        if verdict.verdict == "fail" and on_fail == "warn":
            return replace(verdict, verdict="warn")
        if verdict.verdict == "pass" and entry.starter:
            return replace(verdict, verdict="starter")
        return verdict

    def compare_everywhere(self, requirement: Requirement) -> list[Verdict]:
        """Return the verdicts on all slices with this number; a failure if there is none."""
        return [self.compare(single) for single in self.expand(requirement)]

    def expand(self, requirement: Requirement) -> list[Requirement]:
        """Return the requirement for each slice of the document on which its metric was measured.

        If there is none, return the requirement itself, which then fails.
        """
        keys = [
            key
            for key in self._keys.get((requirement.metric, requirement.against), ())
            if key[1] == (requirement.dataset or key[1]) and key[2] in self.slices
        ]
        return [
            replace(
                requirement,
                id=f"{requirement.id}-{key[2]}" if len(keys) > 1 else requirement.id,
                dataset=key[1],
                slice=key[2],
            )
            for key in keys
        ] or [requirement]

    @cached_property
    def _keys(self) -> dict[tuple[str, str | None], list[Key]]:
        """The keys of the results by metric and `against`."""
        keys: dict[tuple[str, str | None], list[Key]] = {}
        for key in self.results:
            keys.setdefault((key[0], key[3]), []).append(key)
        return keys

    @cached_property
    def _keys_by_metric(self) -> dict[str, list[Key]]:
        """The keys of the results by metric."""
        keys: dict[str, list[Key]] = {}
        for key in self.results:
            keys.setdefault(key[0], []).append(key)
        return keys

    def find_dataset(self, sha256: str) -> str | None:
        """Return the dataset with this digest in a report; None if no report has it."""
        ids = (d.id for r in self.reports for d in r.datasets if d.sha256 == sha256)
        return next(ids, None)

    def find_staleness(self, sha256: str) -> str | None:
        """Return why all reports on the dataset with this digest are stale; None if one is not."""
        reports = [r for r in self.reports for d in r.datasets if d.sha256 == sha256]
        reasons = [self.stale[r.track] for r in reports if r.track in self.stale]
        return reasons[0] if reasons and len(reasons) == len(reports) else None

    def choose_bound(self, metric: str, op: str) -> str:
        """Return the bound that must be compared: the conservative end, or `point` if exact."""
        definition = self.metrics.get(metric)
        if definition is not None and definition.method == "exact":
            return "point"
        return "lower95" if op in (">=", ">") else "upper95"

    def _compute_observed(self, requirement: Requirement) -> float:
        """Return the number to compare with the threshold; requires that nothing failed before."""
        result, report = self.results[requirement.key]
        end = _choose_end(requirement, result)
        if requirement.against != LAST_RELEASE:
            return end
        before = self.released[report.track].by_key[requirement.key]
        # Reports have six digits; rounding errors of the subtraction must not decide.
        return round(end - before.value, 9)

    def _find_failures(self, requirement: Requirement) -> Iterator[Failure]:
        """Return why the number cannot be compared; only the first reason is used."""
        yield from self._check_document(requirement)
        if requirement.key not in self.results:
            if requirement.key in self.failures:
                yield self.failures[requirement.key]
                return
            near = nearest_result(requirement.key, self._keys_by_metric)
            more = f"; the nearest is {near}" if near else ""
            yield "not-produced", f"no report has {describe(requirement.key)}{more}"
            return
        result, report = self.results[requirement.key]
        if report.track in self.stale:
            yield "stale", self.stale[report.track]
        yield from self._check_data(requirement, report)
        part = self.slices.get(requirement.slice)
        floor = max(requirement.min_n, part.min_n if part else 1)
        if result.n < floor:
            needed = _describe_cases(requirement, result, self.metrics[requirement.metric])
            yield "too-few", f"n is {result.n}, but must be at least {floor}{needed}"
        yield from self._check_count(requirement, result, report)
        yield from _check_number(requirement, result, self.metrics[requirement.metric])
        if requirement.against == LAST_RELEASE:
            yield from self._check_release(requirement, result, report)

    def _check_document(self, requirement: Requirement) -> Iterator[Failure]:
        """Return how the document contradicts itself."""
        if not requirement.slice:
            yield "not-produced", f"no report has {requirement.metric} on a slice of the document"
        metric = self.metrics.get(requirement.metric)
        if metric is None:
            yield "unknown-metric", f"metric {requirement.metric} is not defined in `metrics`"
            return
        if requirement.dataset not in self.datasets:
            yield "unknown-dataset", f"dataset {requirement.dataset} is not defined in `datasets`"
        part = self.slices.get(requirement.slice)
        if part is None and requirement.slice != ALL:
            yield "unknown-slice", f"slice {requirement.slice} is not defined in `slices`"
            return
        if part is not None and part.dataset != requirement.dataset:
            why = f"slice {part.id} is of dataset {part.dataset}, not {requirement.dataset}"
            yield "slice-of-other-dataset", why
        if not math.isfinite(requirement.threshold):
            yield "not-finite", f"the threshold is {requirement.threshold}"
        if requirement.rising != (metric.direction == "up"):
            why = f"`{requirement.op}` passes when {metric.id} gets worse; its direction is "
            yield "wrong-direction", why + metric.direction
        bound = self.choose_bound(metric.id, requirement.op)
        if requirement.bound != bound == "point":
            yield "loose-bound", f"{metric.id} is exact and has no interval; use `point`"
        if requirement.bound != bound:
            why = f"with `{requirement.op}`, use the bound `{bound}`, not {requirement.bound}"
            yield "loose-bound", why

    def _check_data(self, requirement: Requirement, report: Report) -> Iterator[Failure]:
        """Return how the data of the report differs from the document."""
        expected = self.datasets[requirement.dataset]
        ran = report.ran_on.get(expected.id)
        if ran is None:
            yield "dataset-unproven", f"the report has no digest of {expected.id}"
            return
        if ran.sha256 != expected.sha256:
            why = f"the report has digest {ran.sha256[:16]}, `datasets` has {expected.sha256[:16]}"
            yield "digest-differs", why
        if ran.rows != expected.rows:
            why = f"the report has {ran.rows} rows, but `datasets` has {expected.rows}"
            yield "rows-differ", why

    def _find_unit(self, result: Result) -> str:
        """Return what `n` counts, such as rows, questions or episodes."""
        return result.interval.unit if result.interval else self.metrics[result.metric].resample

    def _check_count(
        self, requirement: Requirement, result: Result, report: Report
    ) -> Iterator[Failure]:
        """Return how `n` is too large: more than the slice has, or more rows than the dataset has.

        Other units may be more than the rows: a row has several claims, a trial is repeated.
        """
        unit = self._find_unit(result)
        size = _find_slice_size(result, unit, report)
        if size is not None and result.n > size:
            why = f"n is {result.n}, but the report counts {size} for slice {result.slice}"
            yield "too-many", f"{why} (unit {unit})"
        rows = self.datasets[requirement.dataset].rows
        for n in (result.n, size or 0) if unit == "row" else ():
            if n > rows:
                yield "too-many", f"n is {n}, but {requirement.dataset} has {rows} rows"

    def _check_release(
        self, requirement: Requirement, result: Result, report: Report
    ) -> Iterator[Failure]:
        """Return why the newest released report cannot be compared with."""
        frozen = self.released.get(report.track)
        if frozen is None:
            ending = ".*" if report.track.startswith("scores-") else ".json"
            yield "no-release", f"no file matches reports/released/*-{report.track}{ending}"
            return
        before = frozen.by_key.get(requirement.key)
        if before is None:
            yield "not-released", f"the newest released report has no {describe(requirement.key)}"
            return
        if frozen.run.dirty:
            yield (
                "release-dirty",
                "the newest released report is from a tree with uncommitted changes",
            )
        for reason, why in self._check_data(requirement, frozen):
            yield "release-differs", f"newest released report: {why} ({reason})"
        if not math.isfinite(_choose_end(requirement, result) - before.value):
            yield "not-finite", f"the released value is {before.value}"


def _describe_cases(requirement: Requirement, result: Result, metric: Metric) -> str:
    """Return how many cases a system at the measured value needs, if it has too few."""
    if requirement.bound == "point" or requirement.against == LAST_RELEASE:
        return ""
    sampling = power.of_result(
        result,
        requirement.threshold,
        rising=requirement.rising,
        is_ratio=metric.unit == "ratio" and requirement.against is None,
    )
    needed = sampling.cases(result.value) if sampling else None
    if needed is None or needed <= result.n:
        return ""
    system = f"a system at {result.value:g}"
    return f"; {system} needs about {needed} cases to pass with 80 % probability"


def _check_number(requirement: Requirement, result: Result, metric: Metric) -> Iterator[Failure]:
    """Return how the number and its interval differ from the definition in `metrics`."""
    interval = result.interval
    if not math.isfinite(result.value):
        yield "not-finite", f"the value is {result.value}"
    if metric.method == "exact":
        if interval is not None:
            yield "method-differs", f"{metric.id} is exact, but the report has an interval"
        return
    if interval is None:
        yield "no-interval", f"the report has no interval for {metric.id}"
        return
    yield from _check_interval(result.value, interval)
    # A paired difference has no one-sample interval, only a bootstrap.
    paired = requirement.against not in (None, LAST_RELEASE)
    methods = [metric.method, "bootstrap"] if paired else [metric.method]
    if interval.method not in methods:
        why = f"the interval uses {interval.method}, but `metrics` has {metric.method}"
        yield "method-differs", why
    if interval.unit != metric.resample:
        why = f"the interval is over {interval.unit}, but `metrics` has {metric.resample}"
        yield "unit-differs", why


def _check_interval(value: float, interval: Interval) -> Iterator[Failure]:
    """Return why an interval is not valid."""
    lower, upper = interval.lower, interval.upper
    if not (math.isfinite(lower) and math.isfinite(upper)):
        yield "not-finite", f"the interval is {lower} to {upper}"
    if lower > upper:
        yield (
            "reversed-interval",
            f"the lower end {lower} of the interval is above the upper end {upper}",
        )
    if lower == upper:
        yield "zero-width", f"both ends of the interval are {lower}; nothing varied"
    if not lower <= value <= upper:
        why = f"the value {value} is outside its interval {lower} to {upper}"
        yield "value-outside", why
    if interval.level != LEVEL:
        yield "level-differs", f"the level of the interval is {interval.level}, not {LEVEL}"


def _choose_end(requirement: Requirement, result: Result) -> float:
    """Return the conservative end of the interval, or the value of an exact count."""
    if result.interval is None:
        return result.value
    return result.interval.lower if requirement.rising else result.interval.upper


def _find_slice_size(result: Result, unit: str, report: Report) -> int | None:
    """Return how many of a unit the slice of a result has by the counts of the report."""
    return report.counts.get((result.dataset, result.slice, unit))


def _build_verdict(
    requirement: Requirement, observed: float | None, reason: Reason, why: str
) -> Verdict:
    margin = None
    if observed is not None:
        room = (
            observed - requirement.threshold
            if requirement.rising
            else requirement.threshold - observed
        )
        margin = round(room, 9) if math.isfinite(room) else None
    return Verdict(
        config=requirement.config,
        gate=requirement.id,
        metric=requirement.metric,
        dataset=requirement.dataset,
        slice=requirement.slice,
        against=requirement.against,
        bound=requirement.bound,
        observed=observed,
        op=requirement.op,
        threshold=requirement.threshold,
        margin=margin,
        verdict="pass" if reason == "holds" else "fail",
        reason=reason,
        why=why,
        min_n=requirement.min_n,
        on_fail=requirement.on_fail,
    )


def _index_config(kind: str, configs: Mapping[str, Any]) -> dict[str, Any]:
    entries: Sequence[Any] = configs.get(kind, ())
    return index_by_id(kind, entries)


def index_by_id(kind: str, entries: Sequence[Any]) -> dict[str, Any]:
    """Return entries by id; raise UserError for a duplicate id."""
    by_id: dict[str, Any] = {}
    for entry in entries:
        if entry.id in by_id:
            raise UserError(f"`{kind}` has two entries `{entry.id}`", "rename one of them")
        by_id[entry.id] = entry
    return by_id
