"""`mlcharter starter replace FOLDER --questions FILE`: pages and questions become a rag system."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from mlcharter.charter import config_entries
from mlcharter.cli import cli
from mlcharter.evals import intervals
from mlcharter.formats import report as format_
from mlcharter.markdown import document
from mlcharter.starter import answer_proposals, tracks
from mlcharter.starter.tracks import rag
from mlcharter.starter.tracks.rag import Costs, Pages
from mlcharter.support.errors import UserError

HEAD = "question,document,quote\n"
GOOD = "What does a pass cost?,fees.md,A pass costs 12\nWho is mayor?,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "pages"
    (pages / "pets").mkdir(parents=True)
    (pages / ".git").mkdir()
    (pages / "fees.md").write_text("# Fees\n\nA pass costs 12 a year.\n\nDogs are free.\n")
    (pages / "pets/dogs.md").write_text("# Dogs\n\nDogs travel free. Dogs travel free.\n")
    (pages / "logo.png").write_bytes(b"\x89PNG")
    (pages / ".git/notes.md").write_text("none of the pages\n")
    return pages


def read(folder: Path, rows: str = GOOD, **options: Any) -> Pages:
    file = folder.parent / "questions.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    none = dict.fromkeys(("licence", "cost_wrong_answer", "cost_silence"))
    return rag.read(folder, {**none, "questions": file, **options})


def test_pages_and_questions_go_where_the_evals_expect_them(folder: Path) -> None:
    own = read(folder)

    assert sorted(own.list_data()) == [
        "data/rag/corpus/fees.md",
        "data/rag/corpus/pets/dogs.md",
        "data/rag/questions.csv",
    ]
    assert own.list_data()["data/rag/questions.csv"] == (HEAD + GOOD).encode()
    assert own.render()[0] == "2 pages, 2 questions, 1 without an answer"
    [card] = own.write_pages({"owner": "@acme/port"}).values()
    assert b"`data/rag/corpus`: 2 files |\n" in card
    assert b"`data/rag/questions.csv`: 1 with a quotation, 1 without |\n" in card
    assert card.count(b"Not written yet.") == 5


def test_every_wrong_row_is_in_one_error_with_the_nearest_text(folder: Path) -> None:
    rows = (
        "Price?,fees.md,A pass costs €12 a year\nDogs?,pets/dogs.md,Dogs travel free\n"
        "Cats?,pets/dog.md,Cats\nPort?,fees.md,\n"
    )
    with pytest.raises(UserError) as refused:
        read(folder, GOOD + rows)

    assert (
        refused.value.message == f"4 rows of {folder.parent}/questions.csv must be corrected first"
    )
    assert (refused.value.hint or "").splitlines() == [
        "questions.csv:4: question 'Price?': fees.md does not have the text 'A pass costs €12 a "
        "year'; the nearest is 'A pass costs 12 a year.'",
        "questions.csv:5: question 'Dogs?': pets/dogs.md has the text 'Dogs travel free' 2 times; "
        "quote more of it",
        "questions.csv:6: question 'Cats?': there is no document 'pets/dog.md'; did you mean "
        "pets/dogs.md?",
        "questions.csv:7: question 'Port?': no quote; give both, or neither if nothing answers it",
    ]


def test_pages_that_cannot_be_taken_are_named(folder: Path) -> None:
    (folder / "scan.md").write_bytes(b"\xff\xfe")
    (folder / "away.md").symlink_to("/etc/hostname")
    with pytest.raises(UserError, match=r"some pages of .* cannot be taken") as refused:
        read(folder)
    assert [line.split()[0] for line in (refused.value.hint or "").splitlines()] == [
        "away.md",
        "scan.md",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"questions": None}, "the pages are a folder, and the questions a CSV file"),
        ({"cost_silence": 1.0}, "one cost alone does not say when to answer"),
    ],
)
def test_what_is_missing_is_said(folder: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(folder, **options)


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty has no Markdown page"):
        read(tmp_path / "empty")


def test_options_of_several_tracks_are_refused() -> None:
    answers = {"layout": "full", "tracks": ["applied", "rag"]}
    with pytest.raises(UserError, match="--target is for applied, --questions is for rag"):
        tracks.choose(answers, ["target", "questions"])
    with pytest.raises(UserError, match="this repository has several tracks: applied, rag") as none:
        tracks.choose(answers, [])
    assert "`mlcharter starter replace FOLDER --questions FILE`" in (none.value.hint or "")


def test_stated_costs_are_written_into_the_system(folder: Path) -> None:
    own = read(folder, cost_wrong_answer=5.0, cost_silence=0.5)
    template = Path(__file__).parents[2] / "template/project/src/{{ package }}/rag/system.py"
    [edit] = own.list_edits({"package": "port"})["src/port/rag/system.py"]

    edited = edit(template.read_text(encoding="utf-8"))

    assert '\nCOSTS = {"wrong": 5, "silence": 0.5}\nTHRESHOLD = COSTS["wrong"] / sum(' in edited
    assert edit(edited) == edited
    [edit] = read(folder).list_edits({"package": "port"})["src/port/rag/system.py"]
    assert edit(edited) == edited


def test_costs_are_asked_for_in_a_terminal(folder: Path) -> None:
    costs = iter([4.0, 1.0])
    assert read(folder).ask_costs(lambda text: next(costs)).costs == Costs(4, 1)
    assert read(folder).ask_costs(lambda text: 0).costs is None


def result(metric: str, value: float, where: str, n: int, against: str | None = None) -> dict:
    counted = metric in ("questions", "duplicate-chunks", "provenance-missing")
    ends = {"lower": value - 0.1, "upper": value + 0.1, "level": 0.95, "method": "bootstrap"}
    return {
        "metric": metric,
        "dataset": "corpus" if where in ("chunks", "documents") else "questions",
        "slice": where,
        "against": against,
        "value": value,
        "n": n,
        "interval": None if counted else {**ends, "unit": "document"},
    }


RESULTS = [
    result("questions", 30, "answerable", 30),
    result("questions", 10, "near", 10),
    result("duplicate-chunks", 0, "chunks", 90),
    result("provenance-missing", 12, "documents", 12),
    result("success-at-1-bm25", 0.6, "answerable", 30),
    result("success-at-5", 0.9, "answerable", 30),
    result("answer-hit", 0.7, "answerable", 30),
    result("answer-precision", 0.8, "answered", 25),
    result("abstention", 0.5, "unanswerable", 10),
    result("cost", 0.9, "all", 40),
    result("cost", -0.1, "all", 40, "silence"),
]


def report(results: list[dict]) -> format_.Report:
    run = {
        "command": "python -m evals.rag",
        "commit": None,
        "dirty": None,
        "seed": 7,
        "started_at": "2026-11-30T12:00:00+00:00",
        "cpu_seconds": 1.0,
        "python": "3.12.0",
        "packages": {},
    }
    content = {
        "version": 1,
        "track": "rag",
        "run": run,
        "datasets": [
            {"id": "corpus", "sha256": "a" * 64, "rows": 12},
            {"id": "questions", "sha256": "b" * 64, "rows": 40},
            {"id": "user-attacks", "sha256": "c" * 64, "rows": 120},
        ],
        "slices": [],
        "artifacts": [],
        "results": results,
    }
    return format_.parse(json.dumps(content).encode(), "reports/rag.json")


def gates(results: list[dict], *, with_costs: bool) -> dict[str, tuple[str, float, str]]:
    blocks = answer_proposals.propose(report(results), None, with_costs=with_costs)
    read = yaml.safe_load(blocks["gates"])
    assert {(gate["on_fail"], gate["decided_on"]) for gate in read} == {("warn", None)}
    return {gate["id"]: (gate["op"], gate["threshold"], gate["bound"]) for gate in read}


def test_thresholds_come_from_bm25_and_from_stated_costs() -> None:
    expected = {
        "duplicates": ("<=", 0, "point"),
        "success-at-5": (">=", 0.6, "lower95"),
        "answer-hit": (">=", 0.6, "lower95"),
        "answer-precision": (">=", 0.45, "lower95"),  # 0.6 of 30, among 40 questions
    }
    assert gates(RESULTS, with_costs=False) == expected
    assert gates(RESULTS, with_costs=True) == {**expected, "cost": ("<=", 0, "upper95")}
    better = [{**r, "value": 0.99} if r["metric"] == "answer-hit" else r for r in RESULTS]
    assert gates(better, with_costs=False) == expected


def test_pages_that_say_where_they_come_from_get_a_gate() -> None:
    some = [{**r, "value": 3} if r["metric"] == "provenance-missing" else r for r in RESULTS]
    assert gates(some, with_costs=False)["provenance"] == ("<=", 0, "point")


def test_what_users_try_and_what_is_measured_once_has_a_gate_only_if_it_was_measured() -> None:
    attack = {**result("user-attack-success", 0, "encoding", 16), "dataset": "user-attacks"}
    found = gates([*RESULTS, attack], with_costs=False)
    assert found["user-encoding"] == ("<=", 0.25, "upper95")
    nuggets = result("nugget-coverage", 0.7, "answerable", 30)
    assert gates([*RESULTS, nuggets], with_costs=False)["nuggets"] == (">=", 0.6, "lower95")


@pytest.mark.parametrize(("n", "gated"), [(35, False), (36, True)])
def test_a_gate_that_no_system_can_pass_is_not_proposed(n: int, gated: bool) -> None:
    traced = result("within-calls", 1.0, "all", n)
    found = gates([*RESULTS, traced], with_costs=False)
    assert found.get("trace-calls") == ((">=", 0.9, "lower95") if gated else None)
    assert (intervals.clopper_pearson(n, n, unit="trace").lower >= 0.9) == gated


@pytest.mark.parametrize(("identical", "gated"), [(1.0, False), (0.99, True)])
def test_trials_have_a_gate_only_if_they_differ(identical: float, gated: bool) -> None:
    same = {**result("trials-identical", identical, "all", 40), "interval": None}
    trials = [result("pass-hat-3", 0.5, where, 30) for where in ("all", "answerable")]
    found = gates([*RESULTS, same, *trials], with_costs=False)
    assert found.get("pass-hat-3") == ((">=", 0.6, "lower95") if gated else None)


def test_every_proposed_block_is_valid() -> None:
    attack = {**result("user-attack-success", 0, "encoding", 16), "dataset": "user-attacks"}
    given = report([*RESULTS, attack])
    blocks = answer_proposals.propose(given, "CC0-1.0", with_costs=True)

    assert set(blocks) == {"datasets", "metrics", "slices", "gates", "golden", "retrieval"}
    for kind, text in blocks.items():
        block = document.parse(f"<!-- config: {kind} -->\n```yaml\n{text}```\n").configs[0]
        assert config_entries.read(block).problems == ()


def test_a_service_keeps_the_backend_that_answers_from_the_pages(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(folder)  # writes the questions
    root = folder.parent / "system"
    words = ["new", str(root), "--defaults", "--track", "rag", "--track", "platform"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    monkeypatch.chdir(root)

    own = ["starter", "replace", str(folder), "--questions", str(folder.parent / "questions.csv")]
    done = CliRunner().invoke(cli, [*own, "--dry-run"])

    assert done.exit_code == 0, done.output
    removed = {line.split()[1] for line in done.output.splitlines() if "removed: " in line}
    assert "tests/platform/test_backend_rag.py" in removed  # asks about the starter's pages
    assert {path for path in removed if "/serving/" in path} == set()
    assert "the service answers from your pages" in done.output


def test_margins_of_retrievers_are_the_width_of_their_paired_intervals() -> None:
    def compared(lower: float, upper: float) -> dict[str, Any]:
        found = result("mrr-at-10-fused", (lower + upper) / 2, "answerable", 30, "bm25")
        return {**found, "interval": {**found["interval"], "lower": lower, "upper": upper}}

    margins = [
        gates([*RESULTS, compared(*ends)], with_costs=False).get("dense-leg")
        for ends in ((-0.02, 0.01), (0.01, 0.04), (-0.3, 0.1), (0.0, 0.0))
    ]
    assert margins == [
        *((">=", -0.03, "lower95"), (">=", -0.03, "lower95")),  # whoever is better
        (">=", -0.05, "lower95"),
        None,
    ]


def test_such_a_margin_passes_what_changes_nothing_and_fails_what_takes_it_away() -> None:
    random = np.random.default_rng(5)

    def measure(effect: float) -> intervals.Estimate:
        differences = random.normal(effect, 0.1, 150)
        how: dict[str, Any] = {"method": "percentile", "resamples": 200}
        return intervals.mean(differences, unit="question", seed=1, **how)

    passed = {"nothing": 0, "the margin": 0}
    for _ in range(200):
        first = measure(0.0)
        margin = first.upper - first.lower
        passed["nothing"] += measure(0.0).lower >= -margin
        passed["the margin"] += measure(-margin).lower >= -margin
    assert passed["nothing"] > 0.93 * 200 and passed["the margin"] < 0.07 * 200
