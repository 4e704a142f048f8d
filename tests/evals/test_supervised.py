"""The parts of the eval of a supervised system, on tables of mixed columns with gaps."""

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.svm import LinearSVC

from mlcharter.evals import baselines, defects, plots
from mlcharter.evals.metrics import METRICS, Kind
from mlcharter.evals.supervised import ERROR, SCORE, Evaluation, System, by_row, slug, within

Result = dict[str, Any]
KINDS: list[Kind] = ["binary", "multi-class", "regression"]


def cases(kind: Kind = "binary", n: int = 300) -> pd.DataFrame:
    """Synthetic cases: numbers, text, dates and a category, with gaps; two of a person."""
    generator = np.random.default_rng(3)
    signal = generator.normal(size=n)
    county = np.where(signal + generator.normal(size=n) > 0, "north", "süd").astype(object)
    county[::11] = None
    income = signal * 10 + generator.normal(size=n)
    income[::13] = np.nan
    dates = pd.Series(pd.date_range("2026-01-01", periods=n, freq="h"))
    dates[5] = pd.NaT
    noisy = signal + generator.normal(size=n) / 2
    outcomes: dict[Kind, Any] = {
        "binary": (noisy > 0).astype(int),
        "multi-class": np.select([noisy < -0.5, noisy < 0.5], ["deny", "review"], "grant"),
        "regression": noisy,
    }
    return pd.DataFrame(
        {
            "income": income,
            "county": county,
            "asked": dates.to_numpy(),
            "closed": np.full(n, np.nan),
            "plan": pd.Categorical(generator.choice(["basic", "plus"], n)),
            "person": np.arange(n) // 2,
            "outcome": outcomes[kind],
        },
        index=np.arange(1000, 1000 + n),
    )


def system(kind: Kind = "binary", **options: Any) -> System:
    given: dict[str, Any] = {"groups": ["county"], "entity": "person", "salt": "1"}
    build = options.pop("build", lambda: baselines.linear(kind))
    table = options.pop("table") if "table" in options else cases(kind)
    return System("loans", table, "outcome", kind, build, **(given | options))


def results(done: Evaluation) -> list[Result]:
    found: list[Result] = done.report.content(command="x")["results"]
    return found


def only(done: Evaluation) -> Result:
    [result] = results(done)
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_takes_mixed_columns_with_gaps(kind: Kind) -> None:
    done = Evaluation(system(kind), seed=7).quality().against("constant").by_group().calibration()
    done.near_duplicates().best_column().shuffled_labels(repeats=3)

    score, error = SCORE[kind], ERROR[kind]
    units = [(r["metric"], r["slice"], r["against"]) for r in results(done)]
    assert units == [
        (score, "loans-test", None),
        (error, "loans-test", None),
        (score, "loans-test", "constant"),
        (error, "loans-test", "constant"),
        (error, "county-missing", None),
        (error, "county-missing", "constant"),
        (error, "county-north", None),
        (error, "county-north", "constant"),
        (error, "county-sud", None),
        (error, "county-sud", "constant"),
        *([("calibration-error", "loans-test", None)] if kind != "regression" else []),
        ("near-duplicates", "loans-test", None),
        ("best-column-score", "loans-test", None),
        (f"{score}-shuffled-labels", "loans-repeats", None),
    ]
    assert results(done)[0]["interval"]["unit"] == "person"
    assert results(done)[2]["value"] > 0.2, "the system beats a constant"


def test_the_metrics_are_those_of_the_test_rows() -> None:
    done = Evaluation(system(), seed=7).quality(also=["accuracy"])
    model = baselines.linear("binary").fit(done.trained[done.system.features], done.trained.outcome)
    answers = model.predict_proba(done.tested[done.system.features])[:, 1]

    truth = done.tested.outcome.to_numpy()
    expected = {
        "auc": METRICS["binary"]["auc"].score(truth, answers),
        "brier": ((answers - truth) ** 2).mean(),
        "accuracy": ((answers >= 0.5) == truth).mean(),
    }
    assert {r["metric"]: r["value"] for r in results(done)} == pytest.approx(expected, abs=1e-6)


def test_costs_choose_the_threshold_and_are_measured_beside_the_cheapest_constant() -> None:
    costs = {"false_negative": 6.0, "false_positive": 1.0}
    priced = system(costs=costs)
    done = Evaluation(priced, seed=7).quality().against("constant")

    assert priced.threshold == 1 / 7
    truth, decided = done.truth, done.predicted >= 1 / 7
    missed, alarms = ((truth == 1) & ~decided).sum(), ((truth == 0) & decided).sum()
    found = {(r["metric"], r["against"]): r["value"] for r in results(done)}
    own = (6 * missed + alarms) / len(truth)
    cheapest = min(6 * truth.mean(), 1 - truth.mean())  # never an alarm, or always
    assert found["cost", None] == pytest.approx(own, abs=1e-6)
    assert found["cost", "constant"] == pytest.approx(own - cheapest, abs=1e-6)


def test_a_split_goes_by_entity_by_time_or_by_equal_features() -> None:
    of_person = system().split
    people = cases().person.to_numpy()
    assert not set(people[of_person.train]) & set(people[of_person.test])

    dated = cases().dropna(subset="asked")
    newest = system(table=dated, entity=None, time="asked").split
    assert dated.asked[newest.train].max() < dated.asked[newest.test].min()

    doubled = pd.concat([cases(), cases()], ignore_index=True)
    alike = system(table=doubled.drop(columns="person"), entity=None).split
    assert (alike.test[:300] == alike.test[300:]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "rank", "table": cases()}, "KIND is one of binary, multi-class, regression, "),
        ({"costs": {"missed": 5}}, "COSTS are two numbers above 0 for a binary target"),
        ({"groups": ["sex"]}, "GROUPS names column 'sex'; load() returns income, county, asked"),
        ({"table": cases().assign(outcome="yes")}, "a binary target is 0 or 1"),
        ({"table": cases().assign(outcome=[None, *[1] * 299])}, "1 rows have no 'outcome'"),
        ({"kind": "regression", "table": cases("multi-class")}, "the target of a regression is a"),
    ],
)
def test_a_page_that_contradicts_itself_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as refused:
        system(**change)
    assert message in str(refused.value)


def test_a_column_of_many_values_is_no_group() -> None:
    with pytest.raises(ValueError, match="the group column 'person' has 150 values; cut it into"):
        system(groups=["person"]).slices(cases())


def test_an_estimator_without_probabilities_is_named() -> None:
    unsure = baselines._on_columns("drop", baselines.OneHotEncoder(), LinearSVC())
    with pytest.raises(ValueError, match="has no predict_proba; wrap it in scikit-learn's"):
        Evaluation(system(build=lambda: unsure), seed=7).quality()


def test_a_class_that_no_training_row_has_gets_no_probability() -> None:
    rare = cases("multi-class")
    rare["outcome"] = rare.outcome.mask(rare.person < 15, "appeal")
    done = Evaluation(system("multi-class", table=rare), seed=7)
    done.trained = done.trained[done.trained.outcome != "appeal"]

    assert done.system.classes[0] == "appeal"
    assert (done.predicted[:, 0] == 0).all()
    assert np.allclose(done.predicted.sum(axis=1), 1)


def test_a_page_is_read_with_its_optional_names() -> None:
    page = SimpleNamespace(
        DATASET="loans",
        TARGET="outcome",
        KIND="binary",
        GROUPS=["plan"],
        TIME="asked",
        load=lambda: cases().dropna(subset="asked"),
        build=lambda: baselines.linear("binary"),
    )
    read = System.read(page, share=0.3)

    assert (read.time, read.entity, read.share, read.unit) == ("asked", None, 0.3, "row")
    assert read.features == ["income", "county", "closed", "plan", "person"]


def shuffled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(outcome=defects.shuffle_labels(rows.outcome, seed=1))


@pytest.mark.parametrize("kind", KINDS)
def test_labels_that_are_shuffled_before_training_are_seen(kind: Kind) -> None:
    sound, broken = (
        Evaluation(system(kind), seed=7),
        Evaluation(system(kind), seed=7, train=shuffled),
    )

    assert results(sound.quality())[0]["value"] > results(broken.quality())[0]["value"] + 0.2


def test_a_defect_within_one_slice_leaves_the_others_as_they_are() -> None:
    late = within(system(), "county-north", lambda rows: defects.shift_rows(rows, ["income"], by=9))
    sound, broken = (
        {r["slice"]: r["value"] for r in results(done.by_group())}
        for done in (Evaluation(system(), seed=7), Evaluation(system(), seed=7, test=late))
    )

    assert broken.pop("county-north") > sound.pop("county-north") + 0.05
    assert broken == sound


def test_rows_doubled_before_a_split_by_row_are_near_duplicates() -> None:
    plain = system(entity=None, table=cases().drop(columns="person"))

    def doubled(rows: pd.DataFrame) -> pd.DataFrame:
        return defects.duplicate_rows(rows, share=0.3, seed=1)

    assert only(Evaluation(plain, seed=7).near_duplicates())["value"] == 0
    broken = Evaluation(plain, seed=7, before_split=doubled, split=by_row)
    assert only(broken.near_duplicates())["value"] > 20
    assert broken.report.content(command="x")["datasets"][0]["rows"] == 300


def test_the_baseline_of_a_slice_is_measured_on_its_rows() -> None:
    done = Evaluation(system(), seed=7).by_group("county-north")
    rows = done.system.slices(done.tested)["county-north"]

    own, difference = results(done)

    share = done.trained.outcome.mean()
    reached = ((done.truth[rows] - share) ** 2).mean()
    assert own["value"] - difference["value"] == pytest.approx(reached, abs=1e-6)


def test_a_leak_shows_with_shuffled_labels_and_in_a_single_column(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def filled_in_later(features: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
        return defects.overwrite_with_labels(features, labels, ["income"])

    chance = only(Evaluation(system(), seed=7).shuffled_labels(repeats=5))
    leak = only(Evaluation(system(), seed=7, leak=filled_in_later).shuffled_labels(repeats=5))
    assert abs(chance["value"] - 0.5) < 0.1 and leak["value"] > 0.95

    sound = only(Evaluation(system(), seed=7).best_column())
    assert capsys.readouterr().out == ""
    known = Evaluation(system(), seed=7, before_split=lambda t: filled_in_later(t, t.outcome))
    assert sound["value"] < 0.8 and only(known.best_column())["value"] > 0.99
    assert capsys.readouterr().out.startswith("column 'income' alone tells 'outcome' with a score")


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_the_same_bytes_in_two_runs(kind: Kind, tmp_path: Path) -> None:
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        Evaluation(system(kind), seed=7).by_group().draw(tmp_path / name)

    for picture in ("applied-calibration.svg", "applied-slices.svg"):
        first, again = ((tmp_path / name / picture).read_bytes() for name in ("first", "again"))
        assert first == again and first.startswith(b"<?xml")
    assert str(datetime.date.today().year).encode() not in first.partition(b"<defs>")[0]


def test_a_picture_of_slices_can_have_a_reference(tmp_path: Path) -> None:
    done = Evaluation(system(), seed=7).by_group()
    shown = {key[1]: estimate for key, estimate in done.estimates.items()}
    plots.slices(tmp_path / "x.svg", shown, title="brier", reference=0.25)
    assert "stroke-dasharray" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_one_column_and_the_trees_know_less_and_more_than_a_constant(kind: Kind) -> None:
    done = Evaluation(system(kind, build=lambda: baselines.OneColumn(kind)), seed=7).against()
    by_name = {r["against"]: r["value"] for r in results(done) if r["metric"] == ERROR[kind]}

    assert by_name["constant"] < -0.02, "one column has a smaller error than a constant"
    assert by_name["one-column"] == 0, "it is the same model"
    assert {"linear", "boosted"} <= by_name.keys()
    assert done.model.column_ == "income"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Palmer Station", "palmer-station"), ("süd", "sud"), ("1.5", "g-1-5"), ("sex-F", "sex-f")],
)
def test_a_slug_is_an_id(name: str, expected: str) -> None:
    assert slug(name) == expected
