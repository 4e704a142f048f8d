"""`mlcharter starter replace`: a CSV file becomes code, a card and config blocks."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mlcharter.charter import config_entries
from mlcharter.cli import cli
from mlcharter.evals import probes, supervised
from mlcharter.evals.metrics import METRICS
from mlcharter.evals.supervised import ERROR, SCORE
from mlcharter.formats import report as format_
from mlcharter.gate import eval_programs
from mlcharter.gate.eval_programs import EvalError
from mlcharter.markdown import document
from mlcharter.starter import documents, page, profile, proposals, tracks
from mlcharter.starter.profile import Column, Costs, Profile, Request
from mlcharter.starter.tracks import applied
from mlcharter.starter.tracks.applied import Table
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
        ("race", {"costs": Costs(5, 1), "kind": "multi-class"}, "not binary, so", "leave out the"),
        ("income", {"kind": "binary"}, "`income` has 3 values", "leave out --kind"),
        (
            "deny",
            {"positive": "yes", "time": "income"},
            "`income` for --time is empty in 1",
            "fill",
        ),
        (
            "deny",
            {"positive": "yes", "time": "person"},
            "--time has no dates; its first value is 1",
            "such as 2026-11-30",
        ),
        (
            "deny",
            {"positive": "yes", "time": "note"},
            "`note` for --time has no dates",
            "leave out",
        ),
        (
            "deny",
            {"positive": "yes", "entity": "purpose"},
            "`purpose` for --entity is empty in 1 of 3",
            "leave those rows out",
        ),
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


def test_costs_are_on_the_page_with_the_threshold_that_follows(loans: Path) -> None:
    written = page.write(read(loans, positive="yes", costs=Costs(5, 1)))

    line = 'COSTS = {"false_negative": 5, "false_positive": 1}  # so 1 is decided from p = 0.167 on'
    assert line in written.splitlines()
    assert "COSTS" not in page.write(read(loans, positive="yes"))


def test_a_group_has_no_more_values_than_the_eval_takes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = "".join(f"{n % 21},{n % 20},{n % 2}\n" for n in range(60))
    path.write_text(f"many,few,y\n{rows}")

    read(path, "y", groups=["few"])
    with pytest.raises(UserError, match="the column `many` for --group has 21 values"):
        read(path, "y", groups=["many"])
    assert profile.MOST_VALUES == supervised.MOST_SLICES


def test_another_delimiter_is_suspected_by_the_header(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a;y\n1;0\n2;1\n")
    with pytest.raises(UserError, match="has no column `y` for --target") as refused:
        read(path, "y")
    assert (refused.value.hint or "").startswith("is its delimiter `;`?")


def test_a_missing_file_has_the_nearest_name(loans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(loans.parent)

    assert run("starter", "replace", "Loans 206.csv", "--target", "deny") == (
        2,
        "",
        "error: there is no file or folder Loans 206.csv\n  hint: did you mean `Loans 2026.csv`?\n",
    )


@pytest.mark.parametrize("cost", [0, -1, float("nan"), float("inf")])
def test_a_cost_is_a_number_above_0(cost: float) -> None:
    with pytest.raises(UserError, match="a cost is a number above 0"):
        Costs(cost, 1)


def test_parquet_becomes_the_csv_file_that_the_page_loads(loans: Path, tmp_path: Path) -> None:
    parquet = tmp_path / "Loans 2026.parquet"
    pd.read_csv(loans).to_parquet(parquet)

    found = read(parquet, positive="yes", groups=["race"])

    assert found.columns == read(loans, positive="yes", groups=["race"]).columns
    assert found.content.decode() == pd.read_csv(loans).to_csv(index=False)


def test_without_pyarrow_the_message_has_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 and more")
    with pytest.raises(UserError, match=r"x\.parquet is no valid Parquet: .*"):
        read(path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match="and pyarrow, which reads it, is not inst") as refused:
        read(path)
    assert "uv pip install --python .venv/bin/python pyarrow" in (refused.value.hint or "")


def test_without_a_target_the_columns_are_listed(
    tmp_path: Path, loans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", str(tmp_path / "system"), "--defaults", "--track", "applied")
    monkeypatch.chdir(tmp_path / "system")

    assert run("starter", "replace", str(loans)) == (
        2,
        "",
        "error: --target is missing\n"
        f"  hint: name the column that is predicted with --target; {loans} has `income`, `race`, "
        "`purpose`, `person`, `asked`, `deny`, `note`\n",
    )


def test_what_is_left_out_of_the_model_is_said_with_the_reason(loans: Path) -> None:
    assert read(loans, positive="yes", entity="person").list_notes() == [
        "left out of the model: `asked` (dates), `note` (free text, or ids), `person` (--entity)",
        "`asked` has dates: `--time asked` makes the newest rows the test set",
    ]
    assert read(loans, positive="yes", time="asked").list_notes() == [
        "left out of the model: `asked` (--time), `note` (free text, or ids)"
    ]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2026-11-30", True),
        ("2026-11-30T08:00:00Z", True),
        ("30.11.2026", True),
        ("11/30/26", True),
        ("2026-11", True),
        ("10.1.2.3", False),
        ("v2026-11-30", False),
    ],
)
def test_a_column_of_dates_is_recognised(tmp_path: Path, text: str, dates: bool) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"when,y\n{text},0\n{text},1\n")

    assert [column.dates for column in read(path, "y").columns] == [dates]


def test_a_dry_run_says_that_uncommitted_changes_would_be_refused(
    tmp_path: Path, loans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", str(tmp_path / "system"), "--defaults", "--track", "applied")
    monkeypatch.chdir(tmp_path / "system")
    Path("README.md").write_text("# Loans\n")
    command = ["starter", "replace", str(loans), "--target", "deny", "--positive", "yes"]
    reason = "there are uncommitted changes: README.md; commit or stash them"

    code, shown, _ = run(*command, "--dry-run")

    assert code == 0
    assert f"note: writing would be refused: {reason}" in shown
    assert run(*command)[0] == 2


def test_the_placeholder_of_an_empty_repository_is_replaced(
    tmp_path: Path, loans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", str(tmp_path / "system"), "--defaults", "--track", "applied", "--no-starter")
    monkeypatch.chdir(tmp_path / "system")
    command = ["starter", "replace", str(loans), "--target", "deny", "--positive", "yes"]

    code, shown, _ = run(*command, "--dry-run")

    assert code == 0
    assert "  replaced: src/system/applied/system.py\n" in shown

    Path("src/system/applied/system.py").write_text("# ours\n")
    subprocess.run(["git", "commit", "--quiet", "--all", "--message=ours"], check=True)

    code, _, refused = run(*command, "--dry-run")

    assert code == 2
    assert "src/system/applied/system.py is there already, and is yours" in refused


FAILED = """\
error: `python -m evals.applied` failed with exit code 1; before that, these files were written: \
data/loans.csv, src/system/applied/system.py, docs/cards/data_loans.md and {others} more
  hint: its last lines:
        ValueError: no model
    to go on, correct the file that is at fault, commit, and run the same command again: it keeps \
your changes
    to go back, run `mlcharter update --abort` before you commit
"""


def measure_loans(root: Path, name: str, limit: int) -> str:
    """Write a report as the eval would; it has found a column that tells all."""
    leak = {**result("best-column-score", 1.0), "interval": None}
    (root / "reports").mkdir(exist_ok=True)
    (root / "reports/applied.json").write_bytes(content(result("brier", 0.11), leak))
    return "column 'note' alone tells 'deny'\n"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A repository with an eval that runs without packages, and the command that replaces."""
    run("new", str(tmp_path / "system"), "--defaults", "--track", "applied")
    monkeypatch.chdir(tmp_path / "system")
    monkeypatch.setattr(eval_programs, "measure", measure_loans)
    monkeypatch.setattr(eval_programs, "require_setup", lambda root, package: None)
    data = tmp_path / "loans.csv"
    data.write_text(LOANS)
    return ["starter", "replace", str(data), "--target", "deny", "--positive", "yes"]


def test_what_replace_wrote_itself_is_no_later_edit(empty: list[str]) -> None:
    code, shown, _ = run(*empty)
    assert code == 0
    assert "column 'note' alone tells 'deny'\n" in shown
    assert "1 gates are proposed" in shown
    assert "no-column-tells-all" in Path("docs/eval_pack.md").read_text()

    assert "later edits" not in run("update", "--abort")[1]
    assert git("status", "--porcelain", "--", ":!reports") == ""


def test_a_second_call_counts_new_gates_and_names_the_options_that_have_no_effect(
    empty: list[str],
) -> None:
    run(*empty)
    git("add", "-A")
    git("commit", "-qm", "Put our loans in")

    code, shown, _ = run(*empty, "--group", "race", "--time", "asked")

    assert code == 0
    assert (
        "src/system/applied/system.py is kept as it is, and differs from the options in GROUPS, "
        "TIME: edit it there\n"
    ) in shown
    assert "no gate is new in docs/eval_pack.md; those that are there stay as they are\n" in shown
    assert "proposed" not in shown


def test_private_data_stay_out_of_git_and_are_pinned_by_their_digest(empty: list[str]) -> None:
    code, shown, _ = run(*empty, "--private")

    assert code == 0
    note = "data/loans.csv is in .gitignore; CI must put that file there before `make eval`\n"
    assert note in shown
    assert "these columns look like identifiers or personal data: `note` (another text" in shown
    assert Path("data/loans.csv").read_text() == LOANS
    git("add", "-A")
    assert "loans.csv" not in git("ls-files", "data")
    pack = Path("docs/eval_pack.md").read_text()
    assert 'uri: "outside-git:data/loans.csv#labelled"' in pack and f"sha256: {'a' * 64}" in pack
    Path("data/loans.csv").unlink()
    assert "outside-git" not in run("check", "--no-cache")[1]


def test_data_that_would_go_into_git_are_announced(empty: list[str]) -> None:
    shown = run(*empty, "--dry-run")[1]

    assert "data/loans.csv is a copy of the data, and goes into Git with your next commit" in shown
    assert "loans: 4 rows, 1 of them left out for want of `deny`; a binary target\n" in shown


def test_before_the_first_commit_nothing_is_written(
    empty: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", str(tmp_path / "fresh"), "--defaults", "--track", "applied", "--no-git")
    monkeypatch.chdir(tmp_path / "fresh")
    git("init", "--quiet")

    assert "writing would be refused: there is no commit yet" in run(*empty, "--dry-run")[1]
    code, _, refused = run(*empty)

    assert (code, refused.splitlines()[1]) == (
        2,
        "  hint: commit first: `git add -A`, then `git commit`",
    )
    assert not Path("data/loans.csv").exists()


def test_from_the_folder_above_the_repository_is_named(
    empty: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("..")
    assert run(*empty)[2].endswith("  hint: there is one in system; run it there\n")


def test_without_setup_nothing_is_written_and_setup_is_named(
    tmp_path: Path, loans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", str(tmp_path / "system"), "--defaults", "--track", "applied")
    monkeypatch.chdir(tmp_path / "system")

    assert run("starter", "replace", str(loans), "--target", "deny", "--positive", "yes") == (
        2,
        "",
        "error: the packages of this repository are not installed\n"
        "  hint: run `make setup`, then the same command again\n",
    )
    assert git("status", "--porcelain") == ""


def test_after_an_eval_that_fails_one_can_go_on_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(root: Path, name: str, limit: int) -> None:
        reason = "`python -m evals.applied` failed with exit code 1"
        raise EvalError(reason, "its last lines:\n    ValueError: no model")

    data = tmp_path / "loans.csv"
    data.write_text(LOANS)
    run("new", str(tmp_path / "system"), "--defaults", "--track", "applied")
    monkeypatch.chdir(tmp_path / "system")
    monkeypatch.setattr(eval_programs, "measure", fail)
    monkeypatch.setattr(eval_programs, "require_setup", lambda root, package: None)
    replacement = ["starter", "replace", str(data), "--target", "deny", "--positive", "yes"]

    code, _, message = run(*replacement)
    others = re.search(r"and (\d+) more", message)
    assert others
    assert (code, message) == (2, FAILED.format(others=others[1]))

    system = Path("src/system/applied/system.py")
    corrected = system.read_text().replace("max_iter=1000", "max_iter=2000")
    system.write_text(corrected)
    git("add", "-A")
    git("commit", "-qm", "Correct the model")
    assert run(*replacement)[0] == 2
    assert system.read_text() == corrected
    assert git("status", "--porcelain") == ""

    git("reset", "-q", "--hard", "HEAD~1")
    assert run(*replacement)[0] == 2
    assert run("update", "--abort")[0] == 0
    assert git("status", "--porcelain") == ""


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, words)
    return done.exit_code, done.stdout, done.stderr


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], check=True, capture_output=True, text=True)
    return done.stdout


def test_costs_are_asked_for_in_a_terminal(loans: Path) -> None:
    asked: list[str] = []
    answers = iter([5.0, 1.0])

    def ask(text: str) -> float:
        asked.append(text)
        return next(answers)

    with_costs = Table(read(loans, positive="yes")).ask_costs(ask)

    assert with_costs.profile.request.costs == Costs(5, 1)
    assert with_costs.ask_costs(ask) == with_costs
    assert asked == [
        "Cost of a false negative, a case of deny = yes that is missed",
        "Cost of a false positive",
    ]


def test_a_cost_that_nobody_knows_yet_is_left_out(loans: Path) -> None:
    table = Table(read(loans, positive="yes"))
    assert table.ask_costs(lambda text: 0) == table


def test_one_cost_alone_is_refused(loans: Path) -> None:
    options = {"target": "deny", "cost_false_negative": 5.0, "cost_false_positive": None}
    with pytest.raises(UserError, match="one cost alone chooses no threshold") as refused:
        applied.read(loans, options)
    assert refused.value.hint == "give both --cost-false-negative and --cost-false-positive"


@pytest.mark.parametrize(
    ("tracks_", "given", "expected"),
    [
        (["applied"], [], "applied"),
        (["applied", "platform"], ["licence", "target"], "applied"),
        (["platform"], [], "this repository has no starter that data of your own can replace"),
        (
            ["platform"],
            ["groups"],
            "--group is for the track applied, which has no code in this repository",
        ),
    ],
)
def test_the_track_follows_from_the_options_and_the_repository(
    tracks_: list[str], given: list[str], expected: str
) -> None:
    answers = {"layout": "full", "tracks": tracks_}
    try:
        found = tracks.choose(answers, given).__name__.rpartition(".")[2]
    except UserError as error:
        found = error.message
    assert found == expected


def test_the_card_has_what_the_file_shows(loans: Path) -> None:
    card = applied.card(read(loans, positive="yes", licence="CC0-1.0"), "@acme/loans")

    assert "Owner: @acme/loans\n" in card
    assert (
        "| rows, columns, period | 4 rows, 7 columns; from when to when is not written yet |"
        in card
    )
    dated = applied.card(read(loans, positive="yes", time="asked"), "@acme/loans")
    assert "| 4 rows, 7 columns; 2026-01-01 to 2026-01-03 in `asked` |" in dated
    assert "| `asked` | dates | 0 |\n" in dated
    assert "| `income` | 14 to 77 | 1 |\n| `race` | `black`, `white` | 1 |\n" in card
    assert "The target is `deny`, 1 where it is `yes`. 1 rows have none and are left out." in card
    assert card.count("Not written yet.") == 4


def ask_about_personal_data(loans: Path, answer: str) -> dict[str, tuple[str | None, str | None]]:
    """Return category and redaction by field, as they are written into the safety checklist."""
    own = Table(read(loans, positive="yes", groups=["race"], entity="person"))
    [edit] = own.list_edits({"personal_data": answer})[documents.SAFETY]
    block = "<!-- config: pii_map -->\n```yaml\n- dataset: null\n```\n"
    edited = edit(block)
    assert edit(edited) == edited
    entries = yaml.safe_load(edited.split("```")[1].removeprefix("yaml\n"))
    return {entry["field"]: (entry["category"], entry["redaction"]) for entry in entries}


def test_only_columns_that_may_single_out_a_person_are_asked_about_by_name(loans: Path) -> None:
    """The file is put in as it is, so no redaction is a fact; a category is for a person to say."""
    fields = ["race", "person", "asked", "note", "*"]
    assert ask_about_personal_data(loans, "unassessed") == dict.fromkeys(fields, (None, "none"))


def test_without_personal_data_no_column_is_asked_about(loans: Path) -> None:
    assert ask_about_personal_data(loans, "none") == {"*": ("none", "none")}


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
    metric: str,
    value: float,
    against: str | None = None,
    slice: str = "loans-test",
    n: int = 40,
    width: float = 0.02,
) -> dict:
    ends = {"lower": value - width, "upper": value + width}
    interval = {**ends, "level": 0.95, "unit": "person"}
    return {
        "metric": metric,
        "dataset": "loans",
        "slice": slice,
        "against": against,
        "value": value,
        "n": n,
        "interval": {**interval, "method": "bootstrap"},
    }


def report(*results: dict) -> format_.Report:
    return format_.parse(content(*results), "reports/applied.json")


def content(*results: dict) -> bytes:
    found = {
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
            {"dataset": "loans", "slice": "race-missing", "unit": "person", "n": 11},
        ],
        "artifacts": [{"kind": "split", "name": "loans", "sha256": "b" * 64, "path": None}],
        "results": list(results),
    }
    return json.dumps(found).encode()


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
        result("cost", 0.31),
        result("cost", -0.11, "constant"),
        result("brier", 0.15, slice="race-black"),
        result("brier", -0.05, "constant", slice="race-black"),
        result("brier", 0.16, slice="race-missing"),
        result("brier", 0.01, "constant", slice="race-missing"),
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
        "cost-overall": ("<=", 0.42, "upper95"),
        "brier-race-black": ("<=", 0.2, "upper95"),
        "brier-race-missing": ("<=", 0.15, "upper95"),
    }
    assert gates["brier-race-black"]["rationale"] == (
        "the same prediction for every row has 0.2 in this slice"
    )
    assert {(gate["on_fail"], gate["decided_on"]) for gate in gates.values()} == {("warn", None)}
    slices = yaml.safe_load(blocks["slices"])
    assert [each["where"] for each in slices[1:]] == ["race is black", "race is missing"]
    for kind, text in blocks.items():
        block = document.parse(f"<!-- config: {kind} -->\n```yaml\n{text}```\n").configs[0]
        assert config_entries.read(block).problems == ()


def test_a_service_keeps_the_backend_of_the_model_and_its_test(
    loans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "system"
    words = ["new", str(root), "--defaults", "--track", "applied", "--track", "platform"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    monkeypatch.chdir(root)

    own = ["starter", "replace", str(loans), "--target", "deny", "--positive", "yes", "--dry-run"]
    done = CliRunner().invoke(cli, own)

    assert done.exit_code == 0, done.output
    removed = {line.split()[1] for line in done.output.splitlines() if "removed: " in line}
    assert removed == {"docs/cards/data_wdbc.md", "docs/cards/data_digits.md"}
    assert "the service serves your model" in done.output


@pytest.mark.parametrize(
    ("n", "width", "against", "left_out"),
    [
        (40, 0.02, None, []),
        (29, 0.02, None, ["brier-overall"]),
        (400, 0.09, None, ["brier-overall"]),
        (400, 0.01, "boosted", []),
        (400, 0.03, "boosted", ["auc-beside-boosted"]),
    ],
)
@pytest.mark.parametrize("candidate", [0.05, 0.4])
def test_a_gate_that_so_few_cases_cannot_decide_is_left_out_whatever_the_candidate_has(
    n: int, width: float, against: str | None, left_out: list[str], candidate: float, loans: Path
) -> None:
    if against:
        results = [result("auc", candidate, against, n=n, width=width)]
    else:
        beside = result("brier", candidate - 0.24, "constant", n=n)
        results = [result("brier", candidate, n=n, width=width), beside]
    found = report(*results)

    written = yaml.safe_load(proposals.propose(found, read(loans, positive="yes"))["gates"]) or []

    assert len(written) == 1 - len(left_out)
    shown = ", ".join(f"{id_} (n {n})" for id_ in left_out)
    lines = [f"no gate, since so few cases cannot decide it: {shown}"] if left_out else []
    assert proposals.comment(found)[:-1] == lines
    assert "which slices are `protected` (now false)" in proposals.comment(found)[-1]


def test_no_threshold_comes_from_a_column_that_tells_the_target_alone(loans: Path) -> None:
    leak = {**result("best-column-score", 0.99), "interval": None}
    found = report(result("auc", 1.0), result("auc", 0.0, "one-column"), leak)

    gates = yaml.safe_load(proposals.propose(found, read(loans, positive="yes"))["gates"])

    assert [gate["id"] for gate in gates] == ["no-column-tells-all"]
    assert proposals.comment(found)[0].startswith("no gate compares with the best single column")
    assert proposals.TELLS_ALL == probes.TELLS_ALL


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("customer_id", "1 2 2", "the name has `id`"),
        ("emailAddress", "a b b", "the name has `address`"),
        ("name", "a b b", "the name has `name`"),
        ("first_name", "a b b", "the name has `name`"),
        ("customerName", "a b b", "the name has `name`"),
        ("studyName", "a b b", None),
        ("file_name", "a b b", None),
        ("remark", "a b c", "another text in each row"),
        ("valid", "a b b", None),
        ("income", "1 2 3", None),
        ("asked", "2026-01-01 2026-01-02 2026-01-03", None),
    ],
)
def test_columns_that_identify_someone_are_named(
    tmp_path: Path, name: str, values: str, reason: str | None
) -> None:
    path = tmp_path / "x.csv"
    rows = "".join(f"{value},{n % 2}\n" for n, value in enumerate(values.split()))
    path.write_text(f"{name},y\n{rows}")

    assert read(path, "y").list_personal() == ({name: reason} if reason else {})
