"""Files of members come from MLflow by their digest; what MLflow says about them decides nothing.

`mlflow/mlruns` is what mlflow 3.17.2 wrote, see mlflow/record.py: version 1 has the model of the
release; version 2 has other bytes, the alias `live`, and a tag that says it is the same.
"""

import shutil
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from shop import FIRST, Shop
from test_release_command import run

MODEL = "reports/released/2026-11-model.json"
TREE = Path(__file__).parent / "mlflow/mlruns"
ONE = "264803387696427916/ad13698fb4e54ce8834d667c9e28a3ae/artifacts/model/model.json"
OTHER = "264803387696427916/ee362eddcb744b9aabfea081eb159cd7/artifacts/model/model.json"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TREE, tmp_path / "mlruns"))


@pytest.fixture
def lacking(new_shop: Shop) -> Shop:
    """The repository before its first release, without the file of its model."""
    (new_shop.root / MODEL).unlink()
    return new_shop


def test_the_recorded_tree_has_a_tag_that_lies_and_an_alias_that_was_moved() -> None:
    tags = [(TREE / f"models/applied/version-{n}/tags/mlcharter.ref").read_text() for n in (1, 2)]

    assert tags[0] == tags[1]
    assert (TREE / "models/applied/aliases/live").read_text() == "2"
    assert (TREE / ONE).read_bytes() != (TREE / OTHER).read_bytes()


def test_a_member_is_found_by_its_digest(lacking: Shop, runs: Path) -> None:
    (true,) = [path for path in (ONE, OTHER) if (runs / path).read_bytes() == signed(lacking)]

    shown = run(lacking, "fetch", str(runs))

    assert (shown.exit_code, shown.output) == (0, f"model/applied: {MODEL} from {true}\n")
    assert (lacking.root / MODEL).read_bytes() == signed(lacking)
    assert lacking.create().live
    again = run(lacking, "fetch", str(runs))
    assert again.output == f"model/applied: {MODEL} was there\n"


def signed(shop: Shop) -> bytes:
    return shop.git("show", f"HEAD:{MODEL}").encode()


def change_bytes(runs: Path) -> None:
    for path in (ONE, OTHER):
        data = bytearray((runs / path).read_bytes())
        data[-20] ^= 1
        (runs / path).write_bytes(data)


def keep_the_lying_version_only(runs: Path) -> None:
    """Its tag has the reference of the model, and `live` leads to it."""
    text = (runs / "models/applied/version-1/meta.yaml").read_text()
    (true,) = [path for path in (ONE, OTHER) if path.split("/")[1] in text]
    (runs / true).unlink()


def link_out(runs: Path) -> None:
    for path in (ONE, OTHER):
        shutil.move(runs / path, runs.parent / path.split("/")[1])
        (runs / path).symlink_to(runs.parent / path.split("/")[1])


@pytest.mark.parametrize("attack", [change_bytes, keep_the_lying_version_only, link_out])
def test_other_bytes_are_not_fetched_whatever_tags_and_aliases_say(
    lacking: Shop, runs: Path, attack: Callable[[Path], None]
) -> None:
    attack(runs)

    shown = run(lacking, "fetch", str(runs))

    assert shown.exit_code == 1
    assert shown.stderr.startswith(f"refused: {FIRST}: `model/applied`: none of 1")
    assert not (lacking.root / MODEL).exists()


def test_the_alias_and_the_tags_may_say_anything(lacking: Shop, runs: Path) -> None:
    (runs / "models/applied/aliases/live").write_text("\x1b[31m99")
    for tag in runs.rglob("mlcharter.ref"):
        tag.write_text("model/applied@sha256:" + "0" * 64)

    assert run(lacking, "fetch", str(runs)).exit_code == 0
    assert (lacking.root / MODEL).read_bytes() == signed(lacking)


def test_too_many_files_are_not_searched(lacking: Shop, runs: Path) -> None:
    for n in range(10_001):
        (runs / f"{n}").touch()

    shown = run(lacking, "fetch", str(runs))

    assert (shown.exit_code, shown.stderr) == (
        2,
        "error: there are more than 10000 files\n"
        "  hint: name the folder or the version with the member\n",
    )


def test_a_uri_is_downloaded_with_the_mlflow_of_the_team(
    lacking: Shop, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(artifact_uri: str, dst_path: str) -> None:
        if artifact_uri != "models:/applied/1":
            raise ValueError("RESOURCE_DOES_NOT_EXIST: \x1b[31mno such model\nmore")
        shutil.copytree(runs, dst_path, dirs_exist_ok=True)

    mlflow = types.ModuleType("mlflow")
    mlflow.artifacts = types.SimpleNamespace(download_artifacts=download)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)

    shown = run(lacking, "fetch", "models:/applied/2")
    assert (shown.exit_code, shown.stderr) == (
        2,
        "error: models:/applied/2 can't be fetched: RESOURCE_DOES_NOT_EXIST: "
        "\\x1b[31mno such model\n"
        "  hint: check the address and MLFLOW_TRACKING_URI\n",
    )
    assert run(lacking, "fetch", "models:/applied/1").exit_code == 0
    assert (lacking.root / MODEL).read_bytes() == signed(lacking)


def test_without_mlflow_a_uri_is_refused(lacking: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)

    shown = run(lacking, "fetch", "models:/applied/1")

    assert (shown.exit_code, shown.stderr) == (
        2,
        "error: models:/applied/1 is fetched with MLflow, which is missing\n"
        "  hint: install it here: `pip install mlflow-skinny`; or name a folder\n",
    )
