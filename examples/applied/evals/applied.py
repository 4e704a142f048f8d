"""Measures the applied track: `python -m evals.applied`.

Writes reports/applied.json with two pictures, and the model that was measured into
reports/applied/model.json.
`--defect GATE --out FILE` really runs the variant that is broken in the way that GATE is there to
find, and writes only its report; the eval that could not fail would prove nothing.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from biopsy_triage.applied import (
    contract,
    data,
    metrics,
    models,
    probes,
    split,
)
from biopsy_triage.applied.metrics import (
    Floats,
    Labels,
)
from biopsy_triage.digests import canonical, sha256
from biopsy_triage.intervals import (
    Indices,
    bootstrap,
    wilson,
)
from biopsy_triage.pictures import (
    BLUE,
    GREY,
    ORANGE,
    Chart,
)
from biopsy_triage.reports import (
    Artifact,
    Dataset,
    Report,
    Result,
)

PACKAGES = ["numpy", "pandas", "pandera", "scikit-learn", "scipy"]
SEED = models.SEED
WDBC, SERIES = data.NAME, "drifting-series"
TEST, TRAINING = "wdbc-test", "wdbc-training"

# Thirds by the roughness of the outline, at round cuts: nearly independent of the diagnosis, so
# that every slice has enough of both classes. A third by size would be almost all benign.
SLICES: dict[str, tuple[float, float]] = {
    "outline-smooth": (0.0, 0.059),
    "outline-middle": (0.059, 0.0645),
    "outline-rough": (0.0645, 1.0),
}

Measure = Callable[[Labels, Floats], float]


@dataclass(frozen=True)
class Parts:
    """What is evaluated, in pieces; a defect replaces one of them."""

    divided: Callable[[pd.DataFrame], tuple[pd.DataFrame, split.Mask]] = lambda frame: (
        frame,
        split.assigned(frame),
    )
    learned: Callable[[pd.DataFrame], pd.DataFrame] = lambda train: train
    served: Callable[[pd.DataFrame], pd.DataFrame] = lambda test: test
    read: Callable[[Floats], Floats] = lambda probabilities: probabilities
    evaluated: probes.Procedure = probes.candidate
    selected: probes.Procedure = probes.selection_inside
    over_time: probes.Splitter = probes.forward


def labels_shuffled(train: pd.DataFrame) -> pd.DataFrame:
    """A join that lost its key: every training row has another row's label."""
    shuffled = np.random.default_rng(SEED).permutation(train[data.LABEL].to_numpy())
    return train.assign(**{data.LABEL: shuffled})


def no_worst_values(test: pd.DataFrame) -> pd.DataFrame:
    """The job that computes the worst values has failed, and zeros arrive in their place."""
    return test.assign(**{name: 0.0 for name in data.FEATURES if name.startswith("worst_")})


def columns_in_another_order(test: pd.DataFrame) -> pd.DataFrame:
    """The service sorts the columns by name before it hands them to the model by position."""
    values = test[sorted(data.FEATURES)].to_numpy()
    return test.assign(**dict(zip(data.FEATURES, values.T, strict=True)))


def prior_for_everyone(probabilities: Floats) -> Floats:
    """The model cannot be reached, and the fallback answers with the mean."""
    return np.full_like(probabilities, probabilities.mean())


def sigmoid_twice(probabilities: Floats) -> Floats:
    """A probability is taken for a log-odds: the ranking survives, the meaning does not."""
    squashed: Floats = 1 / (1 + np.exp(-probabilities))
    return squashed


def joined_by_position(name: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """In one slice, measures arrive one patient off."""

    def served(test: pd.DataFrame) -> pd.DataFrame:
        joined = test.copy()
        inside = within(test, name)
        joined.loc[inside, data.FEATURES] = np.roll(
            test.loc[inside, data.FEATURES].to_numpy(), 1, axis=0
        )
        return joined

    return served


def doubled_before_the_split(frame: pd.DataFrame) -> tuple[pd.DataFrame, split.Mask]:
    """The rarer class is doubled to balance it, and then rows are drawn."""
    doubled = pd.concat([frame, frame[frame[data.LABEL] == 1]], ignore_index=True)
    return doubled, np.random.default_rng(SEED).random(len(doubled)) < split.TEST_SHARE


SOUND = Parts()
DEFECTS: dict[str, Parts] = {
    "auc-overall": replace(SOUND, learned=labels_shuffled),
    "auc-over-one-measurement": replace(SOUND, served=columns_in_another_order),
    "auc-beside-boosted": replace(SOUND, served=no_worst_values),
    "brier-overall": replace(SOUND, read=prior_for_everyone),
    "calibration-overall": replace(SOUND, read=sigmoid_twice),
    **{f"brier-{name}": replace(SOUND, served=joined_by_position(name)) for name in SLICES},
    "no-twins-across-split": replace(SOUND, divided=doubled_before_the_split),
    "probe-shuffled-labels": replace(SOUND, evaluated=probes.candidate_with_encoded_twins),
    "probe-noise-features": replace(SOUND, selected=probes.selection_outside),
    "probe-future": replace(SOUND, over_time=probes.random_folds),
}


def within(frame: pd.DataFrame, name: str) -> split.Mask:
    """The rows of the slice `name`."""
    lower, upper = SLICES[name]
    inside: split.Mask = frame["mean_fractal_dimension"].between(lower, upper, "left").to_numpy()
    return inside


def measured(
    metric: str,
    measure: Measure,
    labels: Labels,
    scores: Floats,
    *,
    name: str = TEST,
    rival: tuple[str, Floats] | None = None,
) -> Result:
    """One number with its bootstrap over rows; with a rival, the paired difference to it."""

    def statistic(rows: Indices) -> float:
        value = measure(labels[rows], scores[rows])
        return value if rival is None else value - measure(labels[rows], rival[1][rows])

    every = np.arange(len(labels))
    interval = bootstrap(statistic, every, unit="row", seed=SEED)
    against = None if rival is None else rival[0]
    return Result(metric, WDBC, name, statistic(every), len(labels), interval, against)


def repeated(metric: str, dataset: str, name: str, values: Floats) -> Result:
    """The mean over repeats of an experiment, with its bootstrap over the repeats."""
    interval = bootstrap(
        lambda rows: float(values[rows].mean()), np.arange(len(values)), unit="group", seed=SEED
    )
    return Result(metric, dataset, name, float(values.mean()), len(values), interval)


def on_training_rows(train: pd.DataFrame) -> list[Result]:
    """The comparison that chose the candidate: cross-validated, without a look at the test rows."""
    labels = train[data.LABEL].to_numpy()
    features = train[data.FEATURES].to_numpy()
    scores = {
        name: probes.out_of_fold(make(), features, labels) for name, make in models.LADDER.items()
    }
    own = scores.pop(models.CANDIDATE)
    rivals = [None, *scores.items()]
    return [
        measured("auc-cross-validated", metrics.auc, labels, own, name=TRAINING, rival=rival)
        for rival in rivals
    ]


def on_test_rows(test: pd.DataFrame, own: Floats, rivals: dict[str, Floats]) -> list[Result]:
    """The candidate on the test rows, beside each rival, and slice by slice."""
    labels = test[data.LABEL].to_numpy()
    results = [
        measured("auc", metrics.auc, labels, own),
        measured("brier", metrics.brier, labels, own),
        measured("calibration-error", metrics.calibration_error, labels, own),
    ]
    for rival in rivals.items():
        results.append(measured("auc", metrics.auc, labels, own, rival=rival))
        results.append(measured("brier", metrics.brier, labels, own, rival=rival))
    for name in SLICES:
        rows = within(test, name)
        results.append(measured("brier", metrics.brier, labels[rows], own[rows], name=name))
    return results


def on_probes(frame: pd.DataFrame, parts: Parts) -> list[Result]:
    """The experiments whose right answer is known."""
    labels = frame[data.LABEL].to_numpy()
    shuffled = probes.shuffled_labels(parts.evaluated, frame[data.FEATURES], labels, seed=SEED)
    noise = probes.noise_features(parts.selected, labels, seed=SEED)
    ratios = probes.future_error_ratios(parts.over_time, probes.drifting_series())
    return [
        repeated("auc-shuffled-labels", WDBC, "wdbc-repeats", shuffled),
        repeated("auc-noise-features", WDBC, "wdbc-repeats", noise),
        repeated("future-error-ratio", SERIES, "drifting-series-all", ratios),
    ]


@dataclass(frozen=True)
class Run:
    """A report with what its pictures and its model file are made from."""

    report: Report
    model: dict[str, object]
    labels: Labels
    probabilities: Floats


def run(parts: Parts = SOUND) -> Run:
    """Everything once: contract, split, models, test rows, slices, probes."""
    frame = contract.validated(data.load())
    divided, is_test = parts.divided(frame)
    train, test = divided[~is_test], divided[is_test]
    scores = {
        name: models.probabilities(models.fitted(name, train), test)
        for name in models.LADDER
        if name != models.CANDIDATE
    }
    candidate = models.fitted(models.CANDIDATE, parts.learned(train))
    own = parts.read(models.probabilities(candidate, parts.served(test)))
    model = models.exported(candidate)
    series = probes.drifting_series()
    report = Report("applied", SEED)
    report.datasets += [
        Dataset(WDBC, data.digest(frame), len(frame)),
        Dataset(SERIES, sha256(series.tolist()), len(series)),
    ]
    report.artifacts += [
        Artifact("model", models.CANDIDATE, sha256(model), "reports/applied/model.json"),
        Artifact("split", WDBC, split.split_digest(divided, is_test)),
    ]
    twins = split.crossing(divided, is_test)
    report.results += [
        *on_test_rows(test, own, scores),
        *on_training_rows(train),
        Result("twins-across-split", WDBC, TEST, twins, len(test), None),
        *on_probes(frame, parts),
    ]
    return Run(report, model, test[data.LABEL].to_numpy(), own)


def calibration_picture(labels: Labels, probabilities: Floats) -> str:
    """Predicted against observed; on the diagonal, a probability means what it says."""
    chart = Chart(
        "Calibration on the test rows",
        x=(0, 1),
        y=(0, 1),
        x_label="predicted probability of malignant (ten bins of equal count)",
        y_label="observed share",
        size=(640, 560),
    )
    steps = [0, 0.25, 0.5, 0.75, 1]
    chart.ticks_x(steps)
    chart.ticks_y(steps, [f"{step:g}" for step in steps])
    chart.line([(0, 0), (1, 1)], colour=GREY, dashed=True)
    for step in metrics.reliability(labels, probabilities):
        interval = wilson(step.ones, step.n, unit="row")
        chart.line([(step.predicted, interval.lower), (step.predicted, interval.upper)])
        chart.dot(step.predicted, step.ones / step.n)
    chart.note(0.98, 0.04, f"n = {len(labels)}, bars are 95 % Wilson intervals", anchor="end")
    return chart.svg()


def slices_picture(report: Report) -> str:
    """The Brier score of every slice with its interval."""
    shown = [r for r in report.results if (r.metric, r.against) == ("brier", None)]
    chart = Chart(
        "Brier score by slice (lower is better)",
        x=(0, 0.25),
        y=(0, len(shown)),
        x_label="mean squared error of the probability, 95 % bootstrap interval",
        size=(640, 320),
    )
    chart.ticks_x([0, 0.05, 0.1, 0.15, 0.2, 0.25])
    heights = [len(shown) - 0.5 - i for i in range(len(shown))]
    chart.ticks_y(heights, [f"{r.slice} ({r.n})" for r in shown])
    blind = next(r for r in report.results if (r.metric, r.against) == ("brier", "dummy"))
    prior = shown[0].value - blind.value
    chart.line([(prior, 0), (prior, len(shown))], colour=GREY, dashed=True)
    chart.note(prior - 0.003, 0.1, "always the mean", anchor="end")
    for height, r in zip(heights, shown, strict=True):
        colour = ORANGE if r.slice == TEST else BLUE
        if r.interval:
            ends = [(r.interval.lower, height), (r.interval.upper, height)]
            chart.line(ends, colour=colour)
        chart.dot(r.value, height, colour=colour)
    return chart.svg()


def main() -> None:
    """Write the report of the sound system, or of one that is broken on purpose."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--defect", choices=sorted(DEFECTS), help="run this broken variant")
    words.add_argument("--out", type=Path, help="where the report goes")
    words.add_argument("--out-dir", type=Path, default=Path("reports"))
    given = words.parse_args()
    # On a busy machine, the threads of the boosted trees wait for each other for minutes.
    threadpool_limits(1)
    if given.defect:
        if not given.out:
            words.error("--defect needs --out, so that it never replaces the real report")
        command = f"python -m evals.applied --defect {given.defect}"
        run(DEFECTS[given.defect]).report.write(given.out, command=command, packages=PACKAGES)
        return
    done = run()
    folder: Path = given.out_dir
    out: Path = given.out or folder / "applied.json"
    done.report.write(out, command="python -m evals.applied", packages=PACKAGES)
    (folder / "applied").mkdir(exist_ok=True)
    (folder / "applied/model.json").write_bytes(canonical(done.model))
    for name, picture in {
        "calibration": calibration_picture(done.labels, done.probabilities),
        "slices": slices_picture(done.report),
    }.items():
        (folder / f"applied-{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
