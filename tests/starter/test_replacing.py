"""`mlcharter starter replace`: a CSV file becomes code, a card and config blocks."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlcharter.charter import config_entries
from mlcharter.evals import supervised
from mlcharter.evals.metrics import METRICS
from mlcharter.evals.supervised import ERROR, SCORE
from mlcharter.formats import report as format_
from mlcharter.markdown import document
from mlcharter.starter import documents, page, profile, proposals
from mlcharter.starter.profile import Column, Profile, Request
from mlcharter.support.errors import UserError

LOANS = """\
income,race,purpose,person,asked,deny,note
51.5,black,buy,1,2026-01-01,yes,a first note
,white,,1,2026-01-02,no,a second note
77,white,refinance,2,2026-01-03,no,"with `|` and <b>"
14,,buy,3,2026-01-04,,the fourth
"""


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    path = tmp_path / "Loans 2026.csv"
    path.write_text(LOANS, encoding="utf-8")
    return path


def read(path: Path, target: str = "deny", **options: object) -> Profile:
    return profile.read(Request(path, target, **options))  # type: ignore[arg-type]


def test_columns_are_numbers_categories_or_neither(loans: Path) -> None:
    found = read(loans, positive="yes", groups=["race"])

    assert (found.name, found.rows, found.kind, found.unlabelled) == ("loans-2026", 4, "binary", 1)
    assert found.columns[:3] == (
        Column("income", (14.0, 77.0), (), 1),
        Column("race", None, ("black", "white"), 1),
        Column("purpose", None, ("buy", "refinance"), 1),
    )


@pytest.mark.parametrize(
    ("target", "options", "message", "hint"),
    [
        ("denied", {}, "has no column `denied` for --target", "did you mean `deny`?"),
        ("deny", {}, "the target `deny` is no or yes", "such as --positive yes"),
        ("deny", {"positive": "ja"}, "the target `deny` is never `ja`", "there are `no`, `yes`"),
        ("deny", {"groups": ["rase"]}, "has no column `rase` for --group", "did you mean `race`?"),
        ("deny", {"kind": "regression"}, "`deny` is no number", "leave out --kind"),
        ("income", {"kind": "binary"}, "`income` has 3 values", "leave out --kind"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_next_step(
    loans: Path, target: str, options: dict[str, object], message: str, hint: str
) -> None:
    with pytest.raises(UserError) as refused:
        read(loans, target, **options)
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as CSV"),
        ("a,b\n", "has no rows"),
        ("a,a\n1,2\n", "has two columns `a`"),
        ("a,b\n1,1\n2,1\n", "`b` has the same value in each row"),
    ],
)
def test_a_file_without_cases_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read(path, "b" if "b" in text else "a")


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([0, 1] * 5, "binary"),
        (["a", "b", "c"] * 5, "multi-class"),
        ([1, 2, 3] * 5, "multi-class"),
        ([n / 7 for n in range(50)], "regression"),
    ],
)
def test_the_kind_follows_from_the_target(tmp_path: Path, labels: list[object], kind: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text("x,y\n" + "".join(f"{n},{label}\n" for n, label in enumerate(labels)))
    assert read(path, "y").kind == kind


def test_the_page_loads_the_file_and_refuses_what_is_out_of_range(
    loans: Path, tmp_path: Path
) -> None:
    found = read(loans, positive="yes", groups=["race"], entity="person", time="asked")
    place = tmp_path / "src/pkg/applied/system.py"
    place.parent.mkdir(parents=True)
    place.write_text(page.write(found), encoding="utf-8")
    (tmp_path / "data").mkdir()
    copied = tmp_path / "data/loans-2026.csv"
    copied.write_text(LOANS, encoding="utf-8")
    names: dict[str, object] = {"__file__": str(place)}
    exec(compile(place.read_text(), str(place), "exec"), names)

    assert (names["TARGET"], names["KIND"], names["GROUPS"]) == ("deny", "binary", ["race"])
    assert (names["ENTITY"], names["TIME"]) == ("person", "asked")
    assert (names["NUMBERS"], names["TEXTS"]) == (["income"], ["purpose"])
    table = names["load"]()  # type: ignore[operator]
    assert table["deny"].tolist() == [1, 0, 0]
    model = names["build"]().fit(table.drop(columns="deny"), table["deny"])  # type: ignore[operator]
    assert model.predict(table.drop(columns="deny")).shape == (3,)

    copied.write_text(LOANS.replace("77,white,refinance", "9999,white,gift"))
    with pytest.raises(ValueError, match="out of range: income, purpose"):
        names["load"]()  # type: ignore[operator]


def test_the_card_has_what_the_file_shows(loans: Path) -> None:
    card = documents.card(read(loans, positive="yes", licence="CC0-1.0"), "@acme/loans")

    assert "Owner: @acme/loans\n" in card
    assert (
        "| rows, columns, period | 4 rows, 7 columns; from when to when is not written yet |"
        in card
    )
    assert "| `income` | 14 to 77 | 1 |\n| `race` | `black`, `white` | 1 |\n" in card
    assert "The target is `deny`, 1 where it is `yes`. 1 rows have none and are left out." in card
    assert card.count("Not written yet.") == 5


def test_personal_data_are_asked_about_by_column(loans: Path) -> None:
    entries = yaml.safe_load(documents.pii_map(read(loans, positive="yes")))

    assert [entry["field"] for entry in entries] == LOANS.split("\n")[0].replace("deny,", "").split(
        ","
    )
    assert {entry["category"] for entry in entries} == {None}


BLANK = "<!-- config: slices -->\n```yaml\n- id: null\n  dataset: null   # which\n```\n\nAfter.\n"
OWN = "<!-- config: slices -->\n```yaml\n- {id: own}  # ours\n```\n\nAfter.\n"


def test_an_empty_config_block_is_filled_and_another_keeps_its_entries() -> None:
    entries = "- {id: new}\n"
    start, end = "<!-- config: slices -->\n```yaml\n", "```\n\nAfter.\n"
    assert documents.fill(BLANK, "slices", entries) == f"{start}- {{id: new}}\n{end}"
    filled = f"{start}- {{id: own}}  # ours\n- {{id: new}}\n{end}"
    assert documents.fill(OWN, "slices", entries) == filled
    assert documents.fill(OWN, "metrics", entries) == OWN


def test_a_row_goes_into_the_table_of_a_section_or_above_its_placeholder() -> None:
    head = "# T\n\n## Inventory\n<!-- section: inventory -->\n\n"
    header = "| A | B |\n|---|---|"
    row = "| x | y |"
    new = documents.add_row(f"{head}Not written yet.\n", "inventory", row, header)
    assert new == f"{head}{header}\n{row}\n\nNot written yet.\n"
    again = documents.add_row(new, "inventory", "| z | |", header)
    assert again == f"{head}{header}\n{row}\n| z | |\n\nNot written yet.\n"
    assert documents.add_row(new, "elsewhere", row, header) == new


def result(
    metric: str, value: float, against: str | None = None, slice: str = "loans-test"
) -> dict:
    interval = {"lower": value - 0.1, "upper": value + 0.1, "level": 0.95, "unit": "person"}
    return {
        "metric": metric,
        "dataset": "loans",
        "slice": slice,
        "against": against,
        "value": value,
        "n": 40,
        "interval": {**interval, "method": "bootstrap"},
    }


def report(*results: dict) -> format_.Report:
    content = {
        "version": 1,
        "track": "applied",
        "run": {
            "command": "python -m evals.applied",
            "commit": None,
            "dirty": None,
            "seed": 7,
            "started_at": "2026-11-30T12:00:00+00:00",
            "cpu_seconds": 1.0,
            "python": "3.12.0",
            "packages": {},
        },
        "datasets": [{"id": "loans", "sha256": "a" * 64, "rows": 100}],
        "slices": [
            {"dataset": "loans", "slice": "loans-test", "unit": "person", "n": 40},
            {"dataset": "loans", "slice": "race-black", "unit": "person", "n": 12},
        ],
        "artifacts": [{"kind": "split", "name": "loans", "sha256": "b" * 64, "path": None}],
        "results": list(results),
    }
    return format_.parse(json.dumps(content).encode(), "reports/applied.json")


@given(st.text())
def test_slices_are_named_as_the_library_names_them(name: str) -> None:
    assert profile.slug(name) == supervised.slug(name)


def test_the_direction_of_each_metric_is_that_of_the_library() -> None:
    known = [metric for metrics in METRICS.values() for metric in metrics.values()]
    used = {*SCORE.values(), *ERROR.values()}
    up = {metric.name for metric in known if metric.name in used and metric.direction == "up"}
    assert up == {*proposals.HIGHER_IS_BETTER}


def test_thresholds_come_from_baselines_and_not_from_the_candidate(loans: Path) -> None:
    found = read(loans, positive="yes", groups=["race"], licence="CC0-1.0")
    results = [
        result("auc", 0.83),
        result("auc", 0.12, "one-column"),
        result("brier", 0.11),
        result("brier", -0.13, "constant"),
        result("brier", 0.15, slice="race-black"),
    ]

    blocks = proposals.propose(report(*results), found)

    assert yaml.safe_load(blocks["datasets"])[0]["split"] == {
        "kind": "group",
        "key": "content",
        "sha256": "b" * 64,
    }
    gates = {gate["id"]: gate for gate in yaml.safe_load(blocks["gates"])}
    assert {id_: (gate["op"], gate["threshold"], gate["bound"]) for id_, gate in gates.items()} == {
        "auc-overall": (">=", 0.71, "lower95"),
        "auc-over-one-column": (">=", 0, "lower95"),
        "brier-overall": ("<=", 0.24, "upper95"),
        "brier-race-black": ("<=", 0.24, "upper95"),
    }
    assert {(gate["on_fail"], gate["decided_on"]) for gate in gates.values()} == {("warn", None)}
    slices = yaml.safe_load(blocks["slices"])
    assert slices[1]["where"] == "race is black"
    for kind, text in blocks.items():
        block = document.parse(f"<!-- config: {kind} -->\n```yaml\n{text}```\n").configs[0]
        assert config_entries.read(block).problems == ()
