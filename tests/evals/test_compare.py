"""`make reproduce` sees what differs."""

import json
from pathlib import Path

import pytest

from mlcharter.evals.reports.compare import differences


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    kept, made = tmp_path / "kept", tmp_path / "made"
    for folder, run in ((kept, 1), (made, 2)):
        folder.mkdir()
        (folder / "a.json").write_text(json.dumps({"run": run, "results": [0.5]}))
        (folder / "a.svg").write_text("<svg/>")
    return kept, made


def test_when_and_where_a_run_was_may_differ(folders: tuple[Path, Path]) -> None:
    assert differences(*folders) == []


def test_numbers_and_pictures_may_not(folders: tuple[Path, Path]) -> None:
    kept, made = folders
    (made / "a.json").write_text(json.dumps({"run": 2, "results": [0.6], "new": None}))
    (made / "a.svg").write_text("<svg />")
    (made / "b.svg").write_text("<svg/>")
    assert differences(kept, made) == [
        "a.json: new differs",
        "a.json: results differs",
        "a.svg: differs",
        f"b.svg: is not in {kept}",
    ]
