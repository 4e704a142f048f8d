"""The newest frozen file counts, by the date at the start of its name."""

from pathlib import Path

import pytest

import examples
from mlcharter.check import eval_reports, rule
from mlcharter.gate import loading
from mlcharter.support.files import Folder

REPORT = examples.files(rule.describe("verdict-differs").examples[0].text)[
    "reports/released/2026-11-applied.json"
]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2026-10", "2026-11"),
        ("2026-11", "2026-11-23"),
        ("2026-11", "2026-11b"),
        ("2026-11-23", "2026-11b"),
        ("2026-11-23", "2026-11-23b"),
    ],
)
def test_the_newest_frozen_file_counts(tmp_path: Path, older: str, newer: str) -> None:
    kept = [f"reports/released/{day}-applied.json" for day in (newer, older)]
    text = "".join(f"--- {path}\n{REPORT}" for path in kept)
    charter = examples.charter(tmp_path, text)

    assert charter.frozen("-applied.json") == kept[0]
    assert list(eval_reports.reports(charter)) == [kept[0]]
    (tmp_path / kept[1]).write_text("{}")
    assert loading.read_released(Folder(tmp_path), ["applied"], []).keys() == {"applied"}


@pytest.mark.parametrize("suffix", ["-gates.json", "-tests.xml"])
def test_an_unreadable_frozen_file_has_one_remedy(tmp_path: Path, suffix: str) -> None:
    charter = examples.charter(tmp_path, "")
    (tmp_path / f"reports/released/2026-11{suffix}").mkdir(parents=True)

    read = (
        eval_reports.test_run(charter)
        if suffix == "-tests.xml"
        else eval_reports.kept_verdicts(charter)
    )

    assert read == f"`reports/released/2026-11{suffix}` is not a regular file"
