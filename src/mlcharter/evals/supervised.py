"""The eval of a supervised system, in parts: how good, beside what, for whom, and with which leaks.

A team states its system on one page, a module with `DATASET`, `TARGET`, `KIND`, `GROUPS`, `load()`
and `build()`, and perhaps `ENTITY`, `TIME` and `COSTS`:

    SYSTEM = System.read(page)
    done = Evaluation(SYSTEM, seed=7).quality().against("constant", "boosted").by_group()
    done.report.write("reports/applied.json", command="python -m evals.applied")

Columns may have any type and gaps. Each part of an `Evaluation` adds its results to the report, and
computes only what it needs: a defect needs one part. The keywords of an `Evaluation` break the
system at one place, for `mlcharter prove`.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcharter.evals import calibration, columns, digests, intervals, metrics, probes, splits
from mlcharter.evals.baselines import BASELINES
from mlcharter.evals.intervals import Estimate
from mlcharter.evals.metrics import METRICS, Array, Kind, Metric
from mlcharter.evals.reports import Report
from mlcharter.evals.splits import Mask, Split

SCORE: Mapping[Kind, str] = {"binary": "auc", "multi-class": "auc-ovo", "regression": "r2"}
"""The metric by kind that compares with baselines and that leak probes use; higher is better."""
ERROR: Mapping[Kind, str] = {"binary": "brier", "multi-class": "brier", "regression": "mae"}
"""The metric by kind that is defined in every group; lower is better."""

MOST_SLICES = 20  # of one column of groups
Table = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class System:
    """A table of one row a case, what is predicted from it, and the estimator that does it.

    `target` is 0 or 1 (or a truth value) for `binary`, any label for `multi-class`, a number for
    `regression`. `build` returns an unfitted estimator that takes a DataFrame of `features`, all
    columns but target, entity and time. With `entity`, all rows of one entity are on one side of
    the split, and intervals resample entities; with `time`, the newest rows are tested. `costs` are
    those of a `false_negative` and of a `false_positive` of a binary target. `share` of the rows is
    tested; another `salt` draws another test set.
    """

    dataset: str
    table: pd.DataFrame = field(repr=False)
    target: str
    kind: Kind
    build: Callable[[], Any]
    groups: Sequence[str] = ()
    entity: str | None = None
    time: str | None = None
    costs: Mapping[str, float] | None = None
    share: float = 0.4
    salt: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in METRICS:
            raise ValueError(f"KIND is one of {', '.join(METRICS)}, not {self.kind!r}")
        named = {"TARGET": [self.target], "GROUPS": self.groups, "ENTITY": [self.entity]}
        for what, names in {**named, "TIME": [self.time]}.items():
            for name in names:
                if name is not None and name not in self.table.columns:
                    listed = ", ".join(map(str, self.table.columns))
                    raise ValueError(f"{what} names column {name!r}; load() returns {listed}")
        labels = self.table[self.target]
        if missing := int(labels.isna().sum()):
            raise ValueError(
                f"{missing} rows have no {self.target!r}; leave them out in load(), and say so in "
                "the data card"
            )
        if self.kind == "binary" and not labels.isin([0, 1]).all():
            raise ValueError(
                f"a binary target is 0 or 1; write `table[TARGET] == …` in load(), or set KIND: "
                f"{self.target!r} has {', '.join(map(str, labels.unique()[:5]))}"
            )
        if self.kind == "regression" and not columns.is_measure(labels):
            raise ValueError(f"the target of a regression is a number; {self.target!r} is not")
        if self.costs is not None and (self.kind != "binary" or not _are_costs(self.costs)):
            raise ValueError(
                "COSTS are two numbers above 0 for a binary target: "
                '{"false_negative": 5, "false_positive": 1}'
            )

    @classmethod
    def read(cls, page: Any, **options: Any) -> Self:
        """Return the system of a module or object with the names above; `options` are fields."""
        return cls(
            dataset=page.DATASET,
            table=page.load(),
            target=page.TARGET,
            kind=page.KIND,
            build=page.build,
            groups=tuple(page.GROUPS),
            entity=getattr(page, "ENTITY", None),
            time=getattr(page, "TIME", None),
            costs=getattr(page, "COSTS", None),
            **options,
        )

    @property
    def features(self) -> list[str]:
        """The columns that the estimator gets."""
        left_out = (self.target, self.entity, self.time)
        return [name for name in self.table.columns if name not in left_out]

    @property
    def errors(self) -> list[str]:
        """The metrics of which less is better: `ERROR`, and `cost` if there are `costs`."""
        return [ERROR[self.kind], *(["cost"] if self.costs else [])]

    def metric(self, name: str) -> str | Metric:
        """Return what `metrics.estimate` takes for the name of a metric."""
        return metrics.cost(**self.costs) if name == "cost" and self.costs else name

    @property
    def threshold(self) -> float:
        """The probability from which on 1 is decided: a half, or where both errors cost the same.

        With calibrated probabilities no other threshold costs less (Elkan 2001, The foundations of
        cost-sensitive learning).
        """
        if not self.costs:
            return 0.5
        return self.costs["false_positive"] / sum(self.costs.values())

    @property
    def unit(self) -> str:
        """What is independent, and is resampled."""
        return "row" if self.entity is None else slug(self.entity)

    @cached_property
    def classes(self) -> list[Any]:
        """The labels in the order of probabilities; none for a regression."""
        if self.kind == "regression":
            return []
        return (
            [0, 1] if self.kind == "binary" else sorted(self.table[self.target].unique(), key=str)
        )

    @cached_property
    def split(self) -> Split:
        """By time if there is one, else by entity, else by equal features."""
        salt = self.salt or self.dataset
        entities = None if self.entity is None else self.table[self.entity]
        if self.time is not None:
            times = self.table[self.time]
            cutoff = splits.newest(times, self.share)
            return splits.by_time(times, cutoff=cutoff, groups=entities)
        if entities is not None:
            return splits.by_group(entities, share=self.share, salt=salt)
        return splits.by_content(self.table[self.features], share=self.share, salt=salt)

    def slices(self, table: pd.DataFrame) -> dict[str, Mask]:
        """Return the rows of `table` in each group, by the id of its slice: `sex-female`."""
        found: dict[str, Mask] = {}
        for column in self.groups:
            values = [_text(value) for value in self.table[column].astype(object)]
            inside = np.array([_text(value) for value in table[column].astype(object)])
            names = {value: slug(f"{column}-{value}") for value in sorted(set(values))}
            if len(names) > MOST_SLICES:
                raise ValueError(
                    f"the group column {column!r} has {len(names)} values; cut it into bands in "
                    "load()"
                )
            for value, name in names.items():
                if name in found:
                    raise ValueError(f"two groups would be the slice {name}; rename one in load()")
                found[name] = inside == value
        return found

    def coded(self, labels: pd.Series) -> Array:
        """Return labels as metrics take them: numbers, or the position in `classes`."""
        if self.kind == "regression":
            return columns.measures(labels)
        place = {label: i for i, label in enumerate(self.classes)}
        return np.array([place[label] for label in labels], dtype=np.int64)

    def predict(self, model: Any, table: pd.DataFrame) -> Array:
        """Return what a fitted model predicts for rows: numbers, shape (rows,); probabilities of
        class 1, shape (rows,), or of every class, shape (rows, classes)."""
        if self.kind == "regression":
            return np.asarray(model.predict(table[self.features]), dtype=np.float64).ravel()
        if not hasattr(model, "predict_proba"):
            raise ValueError(
                "the estimator of build() has no predict_proba; wrap it in scikit-learn's "
                "CalibratedClassifierCV"
            )
        found = np.zeros((len(table), len(self.classes)))
        places = [self.classes.index(label) for label in model.classes_]
        found[:, places] = model.predict_proba(table[self.features])
        return found[:, 1] if self.kind == "binary" else found


def _are_costs(costs: Mapping[str, float]) -> bool:
    named = costs.keys() == {"false_negative", "false_positive"}
    return named and all(0 < value < math.inf for value in costs.values())


def _same(value: Any) -> Any:
    return value


def _own_split(system: System) -> Split:
    return system.split


class Evaluation:
    """One run of an eval; `report` has what its parts added.

    Each keyword breaks one place: `before_split` changes the whole table, `split` the split,
    `train` what is learned from, `test` what the model is served, `predictions` what it answers,
    and `leak` the features that the shuffled-labels probe gets, with the labels that it shuffled.
    """

    def __init__(
        self,
        system: System,
        *,
        seed: int,
        track: str = "applied",
        before_split: Table = _same,
        split: Callable[[System], Split] = _own_split,
        train: Table = _same,
        test: Table = _same,
        predictions: Callable[[Array], Array] = _same,
        leak: Callable[[pd.DataFrame, pd.Series], pd.DataFrame] = lambda table, labels: table,
    ) -> None:
        self.system = replace(system, table=before_split(system.table))
        self.seed = seed
        self.split = split(self.system)
        self.trained = self.system.table[self.split.train]
        self.tested = self.system.table[self.split.test]
        self.truth = self.system.coded(self.tested[system.target])
        self._train, self._test, self._predictions, self._leak = train, test, predictions, leak
        self.report = Report(track, seed=seed)
        self.estimates: dict[tuple[str, str, str | None], Estimate] = {}
        self.report.add_dataset(system.dataset, digests.frame(system.table), len(system.table))
        split_digest = self.split.digest(self.system.table.index.tolist())
        self.report.add_artifact("split", system.dataset, split_digest)
        self._count(self.whole, np.ones(len(self.tested), dtype=bool))

    @property
    def whole(self) -> str:
        """The slice of all test rows."""
        return f"{self.system.dataset}-test"

    @cached_property
    def model(self) -> Any:
        """The estimator of the system, fitted to the training rows."""
        return self._fitted(self.system.build())

    @cached_property
    def predicted(self) -> Array:
        """What the system answers for the test rows."""
        return self._predictions(self.system.predict(self.model, self._test(self.tested)))

    def quality(self, also: Iterable[str] = ()) -> Self:
        """Add `SCORE`, `System.errors` and other `metrics.METRICS` on all test rows."""
        every = np.arange(len(self.truth))
        for name in (SCORE[self.system.kind], *self.system.errors, *also):
            self._add(name, self.whole, every)
        return self

    def against(self, *names: str) -> Self:
        """Add the paired differences of `SCORE` and errors to `BASELINES`, all by default."""
        every = np.arange(len(self.truth))
        for name in names or BASELINES:
            other = self._predict_baseline(name)
            for metric in (SCORE[self.system.kind], *self.system.errors):
                self._add(metric, self.whole, every, name, other)
        return self

    def _predict_baseline(self, name: str) -> Array:
        """Return what a baseline that is fitted to the training rows answers for the test rows."""
        baseline = BASELINES[name](self.system.kind, self.seed)
        baseline.fit(self.trained[self.system.features], self.trained[self.system.target])
        return self.system.predict(baseline, self.tested)

    def by_group(self, *names: str) -> Self:
        """Add `ERROR` in slices, all by default; one of fewer than two units has no result.

        Each has beside it the paired difference to `constant` on the rows of that slice.
        """
        slices = self.system.slices(self.tested)
        error, constant = ERROR[self.system.kind], self._predict_baseline("constant")
        for name in names or slices:
            rows = np.flatnonzero(slices[name])
            self._count(name, slices[name])
            if len(self._units(rows)) > 1:
                self._add(error, name, rows)
                self._add(error, name, rows, "constant", constant)
        return self

    def calibration(self) -> Self:
        """Add the expected calibration error, of several classes that of the likeliest one."""
        if self.system.kind == "regression":
            return self
        target, probabilities = self.top
        estimate = calibration.estimate_ece(target, probabilities, **self._how(slice(None)))
        self.report.add("calibration-error", self.system.dataset, estimate, slice=self.whole)
        return self

    @property
    def top(self) -> tuple[Array, Array]:
        """Target and probability of class 1; of several, whether the likeliest class is right."""
        if self.predicted.ndim == 1:
            return self.truth, self.predicted
        right = (self.predicted.argmax(axis=1) == self.truth).astype(np.int64)
        return right, self.predicted.max(axis=1)

    def near_duplicates(self, tolerance: float = 0.01) -> Self:
        """Count the test rows with a near-duplicate among the training rows."""
        features = self.system.table[self.system.features]
        pairs = splits.near_duplicates(features, self.split, tolerance=tolerance)
        self._add_count("near-duplicates", len(np.unique(pairs[:, 0])), len(self.tested))
        return self

    def best_column(self) -> Self:
        """Add how well the best single column tells the target, on training rows; 1 is perfectly.

        See `probes.column_scores`. Prints the columns that tell it all but alone.
        """
        kind: probes.Kind = "number" if self.system.kind == "regression" else "classes"
        features, labels = self.trained[self.system.features], self.trained[self.system.target]
        scores = probes.column_scores(features, labels, kind=kind, seed=self.seed)
        for name, score in scores[scores > probes.TELLS_ALL].items():
            print(
                f"column {name!r} alone tells {self.system.target!r} with a score of {score:.3g}, "
                "where 0 is chance and 1 is perfect; if it is filled in after the outcome, drop it "
                "in load()"
            )
        self._add_count("best-column-score", float(scores.iloc[0]), len(self.tested))
        return self

    def shuffled_labels(self, repeats: int = 20) -> Self:
        """Add the mean `SCORE` of the whole procedure on labels in random order.

        Chance is 0.5 for `auc` and `auc-ovo`, and 0 or less for `r2`; more is a leak.
        """
        table, name = self.system.table, SCORE[self.system.kind]
        metric = METRICS[self.system.kind][name]

        def procedure(features: pd.DataFrame, labels: pd.Series) -> float:
            served = self._leak(features, labels)
            train, test = served[self.split.train], served[self.split.test]
            model = self.system.build().fit(train, labels[self.split.train])
            truth = self.system.coded(labels[self.split.test])
            return metric.score(truth, self.system.predict(model, test))

        scores = probes.shuffled_labels(
            procedure,
            table[self.system.features],
            table[self.system.target],
            seed=self.seed,
            repeats=repeats,
        )
        repeated = f"{self.system.dataset}-repeats"
        self.report.add_slice(self.system.dataset, repeated, unit="repeat", n=repeats)
        estimate = intervals.mean(scores, unit="repeat", seed=self.seed)
        self.report.add(f"{name}-shuffled-labels", self.system.dataset, estimate, slice=repeated)
        return self

    def draw(self, folder: Path) -> Self:
        """Write `applied-calibration.svg` and, of the parts run before, `applied-slices.svg`."""
        from mlcharter.evals import plots  # matplotlib takes a second to import

        track, kind = self.report.track, self.system.kind
        picture = folder / f"{track}-calibration.svg"
        if kind == "regression":
            plots.predictions(picture, self.truth, self.predicted)
        else:
            plots.calibration(picture, *self.top)
        error = ERROR[kind]
        shown = {key[1]: e for key, e in self.estimates.items() if key[::2] == (error, None)}
        if shown:
            plots.slices(folder / f"{track}-slices.svg", shown, title=f"{error} (lower is better)")
        return self

    def _fitted(self, estimator: Any) -> Any:
        rows = self._train(self.trained)
        return estimator.fit(rows[self.system.features], rows[self.system.target])

    def _add(
        self,
        metric: str,
        slice: str,
        rows: npt.NDArray[np.intp],
        against: str | None = None,
        other: Array | None = None,
    ) -> None:
        kind = self.system.kind
        wanted = self.system.metric(metric)
        found = METRICS[kind].get(wanted) if isinstance(wanted, str) else wanted
        takes = found.takes if found else ""

        def answers(predicted: Array) -> Array:
            if takes != "classes":
                return predicted[rows]
            at = self.system.threshold
            decided = predicted.argmax(axis=1) if predicted.ndim == 2 else predicted >= at
            return decided[rows].astype(np.int64)

        estimate = metrics.estimate(
            kind,
            wanted,
            self.truth[rows],
            answers(self.predicted),
            against=None if other is None else answers(other),
            **self._how(rows),
        )
        self.estimates[metric, slice, against] = estimate
        self.report.add(metric, self.system.dataset, estimate, slice=slice, against=against)

    def _how(self, rows: Any) -> dict[str, Any]:
        """The unit that is resampled, and the labels of its clusters."""
        entity = self.system.entity
        clusters = None if entity is None else self.tested[entity].to_numpy(dtype=object)[rows]
        return {"unit": self.system.unit, "seed": self.seed, "clusters": clusters}

    def _units(self, rows: npt.NDArray[np.intp]) -> set[Any]:
        entity = self.system.entity
        return set(rows if entity is None else self.tested[entity].iloc[rows])

    def _count(self, name: str, mask: Mask) -> None:
        n = len(self._units(np.flatnonzero(mask)))
        self.report.add_slice(self.system.dataset, name, unit=self.system.unit, n=n)

    def _add_count(self, metric: str, value: float, n: int) -> None:
        self.report.add_count(metric, self.system.dataset, value, n=n, slice=self.whole)


def within(system: System, name: str, change: Table) -> Table:
    """Return a change of the rows of one slice only; the rows stay in their order."""

    def changed(table: pd.DataFrame) -> pd.DataFrame:
        inside = system.slices(table)[name]
        found = pd.concat([change(table[inside]), table[~inside]])
        order = np.argsort(np.r_[np.flatnonzero(inside), np.flatnonzero(~inside)])
        return found.iloc[order]

    return changed


def by_row(system: System) -> Split:
    """Return a split that puts single rows on either side, blind to entity, time and equality."""
    salt = system.salt or system.dataset
    return splits.by_group(range(len(system.table)), share=system.share, salt=salt)


def slug(name: Any) -> str:
    """Return an id of lower-case letters, digits and hyphens: `Palmer Station` → palmer-station."""
    plain = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode().lower()
    text = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    return (text if text[:1].isalpha() else f"g-{text}")[:63].strip("-")


def _text(value: Any) -> str:
    if digests.is_missing(value):
        return "missing"
    return f"{value:g}" if isinstance(value, float) else str(value)
