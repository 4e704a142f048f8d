"""Before an update to other instruments, the gates that they may move are named."""

import copy
import json
from pathlib import Path

import pytest
from test_gate import EVAL_PACK, REPORT

from mlcharter.evals import METHODS
from mlcharter.formats import report as report_format
from mlcharter.gate import methods
from mlcharter.support.files import Folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a report whose instruments all have the version 0."""
    for folder in ("docs", "reports"):
        (tmp_path / folder).mkdir()
    (tmp_path / "docs/eval_pack.md").write_text(EVAL_PACK)
    (tmp_path / ".copier-answers.yml").write_text("layout: full\n")
    write_report(tmp_path)
    return tmp_path


def write_report(root: Path, **interval: str) -> None:
    content = copy.deepcopy(REPORT)
    content["methods"] = {"bca": "0", "calibration": "0", "wilson": "0"}
    for result in content["results"]:
        if result["interval"]:
            result["interval"] |= interval
    (root / "reports/applied.json").write_text(json.dumps(content))


def describe(root: Path, **new: str) -> list[str]:
    return methods.describe_changes(Folder(root), new)


def test_a_gate_on_an_interval_of_the_instrument_is_named_with_its_bound(repository: Path) -> None:
    assert describe(repository, bca="1") == [
        "`bca` 0 → 1 gives other numbers; gates: auc-overall (lower95 0.967158); "
        "run `make setup eval` to see the new bounds"
    ]


def test_the_same_versions_and_unknown_instruments_say_nothing(repository: Path) -> None:
    assert describe(repository, bca="0", wilson="0", others="5") == []


def test_another_method_moves_no_gate(repository: Path) -> None:
    write_report(repository, method="wilson")
    assert describe(repository, bca="1") == [
        "`bca` 0 → 1 gives other numbers; gates: none; run `make setup eval` to see the new bounds"
    ]


def test_a_module_may_move_every_gate_of_its_report(repository: Path) -> None:
    assert describe(repository, calibration="1") == [
        "`calibration` 0 → 1 gives other numbers; gates: auc-overall (lower95 0.967158), "
        "no-twins (point 0); run `make setup eval` to see the new bounds"
    ]


def test_a_new_bound_is_computed_where_the_report_has_what_it_needs(repository: Path) -> None:
    write_report(repository, method="wilson")
    assert describe(repository, wilson=METHODS["wilson"]) == [
        "`wilson` 0 → 1 gives other numbers; gates: auc-overall (lower95 0.967158 → 0.960974); "
        "run `make setup eval` to see the new bounds"
    ]
    [other] = describe(repository, wilson="9")
    assert "→ 0." not in other, "this mlcharter does not have that version"


def test_files_that_are_no_report_are_left_out(repository: Path) -> None:
    (repository / "reports/applied.json").write_text("{")
    (repository / "reports/notes.txt").write_text("none")
    assert describe(repository, bca="1") == []
    assert methods.describe_changes(Folder(repository / "docs"), {"bca": "1"}) == []


def test_the_versions_of_a_template_are_read_as_data(tmp_path: Path) -> None:
    assert methods.read(tmp_path) == {}
    (tmp_path / "template").mkdir()
    text = '# a comment\nbca: "2"\nwilson: !!python/object "x"\n"odd": "3"\nsplits: "1"\n'
    (tmp_path / "template/methods.yml").write_text(text)
    assert methods.read(tmp_path) == {"bca": "2", "splits": "1"}


def test_a_report_without_methods_is_read() -> None:
    read = report_format.parse(json.dumps(REPORT).encode(), "x")
    assert read.methods == {}
