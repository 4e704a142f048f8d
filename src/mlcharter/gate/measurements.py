"""What the reports of a run measured, and the one way in which a number is held to a limit.

Every doubt about a number is a verdict of its own, never a pass: see `Reason` in verdict.py.
Two things are left to the reader of the table, since a fresh run has them rightly:
a report from a changed tree, and one whose commit is not the current one.
A frozen report that others are compared with must not come from a changed tree.
"""

import datetime
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter.config.evaluation.datasets import Dataset
from mlcharter.charter.config.evaluation.metrics import Metric
from mlcharter.charter.config.evaluation.slices import Slice
from mlcharter.formats.models import WaivedUntil
from mlcharter.formats.report import Interval, Key, Report, Result, describe
from mlcharter.gate.advice import cases_needed, nearest_result
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

Doubt = tuple[Reason, str]


class Demand(Struct, frozen=True, kw_only=True):
    """One number that is held to a limit: what every kind of gate has in common.

    Without a dataset or a slice it means all of them that the document has, see `everywhere`.
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
    waived: WaivedUntil | None = None
    rationale: str = ""

    @property
    def rising(self) -> bool:
        """Whether a larger number is nearer to passing."""
        return self.op in (">=", ">")

    @property
    def key(self) -> Key:
        """The result that is looked for; a comparison with a release starts from a plain one."""
        baseline = None if self.against == LAST_RELEASE else self.against
        return self.metric, self.dataset, self.slice, baseline


class Measured(Struct, frozen=True, kw_only=True, dict=True):
    """Reports by what they measured, beside what the document says about it."""

    metrics: Mapping[str, Metric]
    slices: Mapping[str, Slice]
    datasets: Mapping[str, Dataset]
    reports: Sequence[Report]
    results: Mapping[Key, tuple[Result, Report]]
    released: Mapping[str, Report]
    today: datetime.date
    stale: Mapping[str, str] = {}

    @property
    def earliest(self) -> datetime.date:
        """The earliest date that it may be anywhere: a deadline before it has passed."""
        return self.today - datetime.timedelta(days=1)

    @classmethod
    def of(
        cls,
        configs: Mapping[str, Any],
        reports: Mapping[str, Report],
        released: Mapping[str, Report],
        today: datetime.date,
        stale: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """`configs` by kind, `reports` by the name that messages give them, `released` by track.

        `stale` says by the name of a report why it may not decide.

        The same result in two reports is a UserError: nobody could say which of them counts.
        """
        results: dict[Key, tuple[Result, Report]] = {}
        origin: dict[Key, str] = {}
        for name, report in reports.items():
            for result in report.results:
                if result.key in results:
                    raise UserError(
                        f"{describe(result.key)} stands in {origin[result.key]} and in {name}",
                        "give each report once",
                    )
                results[result.key] = result, report
                origin[result.key] = name
        return cls(
            metrics=_by_id("metrics", configs),
            slices=_by_id("slices", configs),
            datasets=_by_id("datasets", configs),
            reports=list(reports.values()),
            results=results,
            released=released,
            today=today,
            stale={reports[name].track: f"{name} is stale: {why}" for name, why in stale.items()},
        )

    def weigh(self, demand: Demand) -> Verdict:
        """Hold one number to its limit."""
        doubt = self.doubt(demand)
        if doubt is not None:
            return self.excused(_verdict(demand, None, *doubt), demand.waived, demand.on_fail)
        observed = self._observed(demand)
        result, report = self.results[demand.key]
        own = _own_count(result, self._unit(result), report)
        part = f" of {own}" if own not in (None, result.n) else ""
        why = f"{describe(result.key)}, n {result.n}{part}"
        reason: Reason = "holds"
        if not OPS[demand.op](observed, demand.threshold):
            reason = "missed"
            why += self._needed(demand, result)
            why += f"; {demand.rationale}" if demand.rationale else ""
        return self.excused(_verdict(demand, observed, reason, why), demand.waived, demand.on_fail)

    def _needed(self, demand: Demand, result: Result) -> str:
        """Say how many cases would do, if the value passes and only its bound does not."""
        if demand.bound == "point" or demand.against == LAST_RELEASE:
            return ""
        needed = cases_needed(result, demand.threshold, rising=demand.rising)
        if needed is None or needed <= result.n:
            return ""
        limit = f"{demand.op} {demand.threshold:g}"
        return f"; at {result.value:g}, about {needed} cases would give {demand.bound} {limit}"

    def doubt(self, demand: Demand) -> Doubt | None:
        """Why the number cannot be held to its limit, if it cannot."""
        return next(self._doubts(demand), None)

    def excused(
        self, verdict: Verdict, waived: WaivedUntil | None, on_fail: OnFail = "block"
    ) -> Verdict:
        """The verdict after the document's own `waived` and `on_fail`."""
        if waived is not None and waived.until >= self.earliest:
            why = f"until {waived.until} by {waived.by}: {waived.reason}"
            return replace(verdict, verdict="waived", reason="waived", why=why)
        if waived is not None:
            why = f"the waiver of {waived.by} ended on {waived.until}; renew it or remove `waived`"
            verdict = replace(verdict, verdict="fail", reason="waiver-expired", why=why)
        if verdict.verdict == "fail" and on_fail == "warn":
            return replace(verdict, verdict="warn")
        return verdict

    def weigh_everywhere(self, demand: Demand) -> list[Verdict]:
        """Hold the number to its limit wherever it was measured; nowhere is a failure."""
        return [self.weigh(single) for single in self.everywhere(demand)]

    def everywhere(self, demand: Demand) -> list[Demand]:
        """The demand for each slice of the document on which its metric was measured.

        Where there is none, the demand as it is, which nothing can meet.
        """
        keys = [
            key
            for key in self._keys.get((demand.metric, demand.against), ())
            if key[1] == (demand.dataset or key[1]) and key[2] in self.slices
        ]
        return [
            replace(
                demand,
                id=f"{demand.id}-{key[2]}" if len(keys) > 1 else demand.id,
                dataset=key[1],
                slice=key[2],
            )
            for key in keys
        ] or [demand]

    @cached_property
    def _keys(self) -> dict[tuple[str, str | None], list[Key]]:
        """The keys of the results by metric and `against`."""
        found: dict[tuple[str, str | None], list[Key]] = {}
        for key in self.results:
            found.setdefault((key[0], key[3]), []).append(key)
        return found

    def ran_on(self, sha256: str) -> str | None:
        """The dataset with this digest that a report ran on."""
        ran = (d.id for r in self.reports for d in r.datasets if d.sha256 == sha256)
        return next(ran, None)

    def stale_on(self, sha256: str) -> str | None:
        """Why the reports that ran on the dataset with this digest are all stale; None if not."""
        ran = [r for r in self.reports for d in r.datasets if d.sha256 == sha256]
        reasons = [self.stale[r.track] for r in ran if r.track in self.stale]
        return reasons[0] if reasons and len(reasons) == len(ran) else None

    def strict(self, metric: str, op: str) -> str:
        """The bound that may decide."""
        known = self.metrics.get(metric)
        if known is not None and known.method == "exact":
            return "point"
        return "lower95" if op in (">=", ">") else "upper95"

    def _observed(self, demand: Demand) -> float:
        """The number that stands against the threshold; call only where there is no doubt."""
        result, report = self.results[demand.key]
        end = _end(demand, result)
        if demand.against != LAST_RELEASE:
            return end
        before = self.released[report.track].by_key[demand.key]
        # Reports carry six digits; the subtraction must not add a seventh that decides.
        return round(end - before.value, 9)

    def _doubts(self, demand: Demand) -> Iterator[Doubt]:
        """Why the number cannot be held to its limit; only the first counts."""
        yield from self._document_doubts(demand)
        if demand.key not in self.results:
            near = nearest_result(demand.key, self.results)
            more = f"; the nearest is {near}" if near else ""
            yield "not-produced", f"no report has {describe(demand.key)}{more}"
            return
        result, report = self.results[demand.key]
        if report.track in self.stale:
            yield "stale", self.stale[report.track]
        yield from self._data_doubts(demand, report)
        floor = max(demand.min_n, self.slices[demand.slice].min_n)
        if result.n < floor:
            needed = self._needed(demand, result)
            yield "too-few", f"n is {result.n}, below {floor}{needed}"
        yield from self._count_doubts(demand, result, report)
        yield from _number_doubts(demand, result, self.metrics[demand.metric])
        if demand.against == LAST_RELEASE:
            yield from self._release_doubts(demand, result, report)

    def _document_doubts(self, demand: Demand) -> Iterator[Doubt]:
        """What in the document does not fit together."""
        if not demand.slice:
            yield "not-produced", f"no report has {demand.metric} on a slice of the document"
        metric = self.metrics.get(demand.metric)
        if metric is None:
            yield "unknown-metric", f"`metrics` has no {demand.metric}"
            return
        if demand.dataset not in self.datasets:
            yield "unknown-dataset", f"`datasets` has no {demand.dataset}"
        part = self.slices.get(demand.slice)
        if part is None:
            yield "unknown-slice", f"`slices` has no {demand.slice}"
            return
        if part.dataset != demand.dataset:
            why = f"slice {part.id} is of {part.dataset}, not of {demand.dataset}"
            yield "slice-of-other-dataset", why
        if not math.isfinite(demand.threshold):
            yield "not-finite", f"the threshold is {demand.threshold}"
        if demand.rising != (metric.direction == "up"):
            why = f"`{demand.op}` passes when {metric.id} gets worse; its direction is "
            yield "wrong-direction", why + metric.direction
        strict = self.strict(metric.id, demand.op)
        if demand.bound != strict == "point":
            yield "loose-bound", f"{metric.id} is exact and has no interval; use `point`"
        if demand.bound != strict:
            why = f"`{demand.op}` on {demand.bound} is the loose side; use `{strict}`"
            yield "loose-bound", why

    def _data_doubts(self, demand: Demand, report: Report) -> Iterator[Doubt]:
        """Whether the report ran on the data that the document names."""
        said = self.datasets[demand.dataset]
        ran = report.ran_on.get(said.id)
        if ran is None:
            yield "dataset-unproven", f"the report gives no digest of {said.id}"
            return
        if ran.sha256 != said.sha256:
            why = f"the report ran on {ran.sha256[:16]}, the document says {said.sha256[:16]}"
            yield "digest-differs", why
        if ran.rows != said.rows:
            why = f"the report ran on {ran.rows} rows, the document says {said.rows}"
            yield "rows-differ", why

    def _unit(self, result: Result) -> str:
        """What `n` counts: rows, questions, episodes."""
        return result.interval.unit if result.interval else self.metrics[result.metric].resample

    def _count_doubts(self, demand: Demand, result: Result, report: Report) -> Iterator[Doubt]:
        """Whether `n` can be: no more than the slice has, and no more rows than the dataset has.

        Other units than rows may outnumber them: a row has several claims, a trial is repeated.
        """
        unit = self._unit(result)
        own = _own_count(result, unit, report)
        if own is not None and result.n > own:
            why = f"n is {result.n}, but slice {result.slice} has {own} of the unit {unit}"
            yield "too-many", f"{why} in the same report"
        rows = self.datasets[demand.dataset].rows
        for n in (result.n, own or 0) if unit == "row" else ():
            if n > rows:
                yield "too-many", f"n is {n}, but {demand.dataset} has {rows} rows"

    def _release_doubts(self, demand: Demand, result: Result, report: Report) -> Iterator[Doubt]:
        """Whether the newest frozen report can be compared with."""
        frozen = self.released.get(report.track)
        if frozen is None:
            yield "no-release", f"no released report reports/released/*-{report.track}.json"
            return
        before = frozen.by_key.get(demand.key)
        if before is None:
            yield "not-released", f"the newest released report has no {describe(demand.key)}"
            return
        if frozen.run.dirty:
            yield "release-dirty", "the newest released report was made from a changed tree"
        for reason, why in self._data_doubts(demand, frozen):
            yield "release-differs", f"of the newest release: {why} ({reason})"
        if not math.isfinite(_end(demand, result) - before.value):
            yield "not-finite", f"the released value is {before.value}"


def _number_doubts(demand: Demand, result: Result, metric: Metric) -> Iterator[Doubt]:
    """Whether the number and its interval are what `metrics` says."""
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
    yield from _interval_doubts(result.value, interval)
    # A one-sample interval cannot be taken of a paired difference.
    paired = demand.against not in (None, LAST_RELEASE)
    methods = [metric.method, "bootstrap"] if paired else [metric.method]
    if interval.method not in methods:
        why = f"the interval is {interval.method}, the document says {metric.method}"
        yield "method-differs", why
    if interval.unit != metric.resample:
        why = f"the interval is over {interval.unit}, the document says {metric.resample}"
        yield "unit-differs", why


def _interval_doubts(value: float, interval: Interval) -> Iterator[Doubt]:
    """Whether an interval is one at all."""
    lower, upper = interval.lower, interval.upper
    if not (math.isfinite(lower) and math.isfinite(upper)):
        yield "not-finite", f"the interval is {lower} to {upper}"
    if lower > upper:
        yield "reversed-interval", f"the interval runs from {lower} down to {upper}"
    if lower == upper:
        yield "zero-width", f"the interval has no width at {lower}; nothing varied"
    if not lower <= value <= upper:
        why = f"the value {value} is outside its interval {lower} to {upper}"
        yield "value-outside", why
    if interval.level != LEVEL:
        yield "level-differs", f"the interval is at {interval.level}, not {LEVEL}"


def _end(demand: Demand, result: Result) -> float:
    """The end of the interval that decides, or the value of what was counted."""
    if result.interval is None:
        return result.value
    return result.interval.lower if demand.rising else result.interval.upper


def _own_count(result: Result, unit: str, report: Report) -> int | None:
    """How many of a unit the slice of a result has, as the report counts it."""
    return report.counts.get((result.dataset, result.slice, unit))


def _verdict(demand: Demand, observed: float | None, reason: Reason, why: str) -> Verdict:
    margin = None
    if observed is not None:
        room = observed - demand.threshold if demand.rising else demand.threshold - observed
        margin = round(room, 9) if math.isfinite(room) else None
    return Verdict(
        config=demand.config,
        gate=demand.id,
        metric=demand.metric,
        dataset=demand.dataset,
        slice=demand.slice,
        against=demand.against,
        bound=demand.bound,
        observed=observed,
        op=demand.op,
        threshold=demand.threshold,
        margin=margin,
        verdict="pass" if reason == "holds" else "fail",
        reason=reason,
        why=why,
        min_n=demand.min_n,
        on_fail=demand.on_fail,
    )


def _by_id(kind: str, configs: Mapping[str, Any]) -> dict[str, Any]:
    entries: Sequence[Any] = configs.get(kind, ())
    return unique(kind, entries)


def unique(kind: str, entries: Sequence[Any]) -> dict[str, Any]:
    """Entries by id; one id twice is a UserError, since a name must mean one thing."""
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.id in found:
            raise UserError(f"`{kind}` has two entries {entry.id}", "rename one of them")
        found[entry.id] = entry
    return found
