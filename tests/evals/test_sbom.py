"""The SBOM of an emitted repository: what is installed, names, licences, differences."""

from importlib import metadata
from pathlib import Path

import pytest

from conftest import ROOT
from mlcharter.evals import sbom

ALLOW = {"MIT", "Apache-2.0", "BSD-3-Clause", "LicenseRef-Proprietary"}


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("MIT License", "MIT"),
        ("BSD License", "BSD-3-Clause"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT License; Apache Software License", "(MIT) AND (Apache-2.0)"),
    ],
)
def test_what_packages_write_becomes_spdx(written: str, expression: str) -> None:
    assert sbom.spdx(written) == expression


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("LicenseRef-Proprietary", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", True),
        ("GPL-3.0-only", False),
        ("UNKNOWN", False),
        ("Apache", False),
        ("", False),
        ("MIT AND", False),
    ],
)
def test_of_or_one_side_is_enough_and_of_and_both_must_hold(expression: str, allowed: bool) -> None:
    assert sbom.allowed(expression, ALLOW) is allowed


def test_a_package_that_one_list_lacks_is_told() -> None:
    whole = {("a", "1"), ("b", "2")}
    assert sbom.differences(whole, whole, whole) == []
    assert sbom.differences({("a", "1")}, whole, whole) == ["b 2 is not in the SBOM"]
    assert sbom.differences(whole, whole, {("a", "1"), ("b", "3")}) == [
        "b 3 is not in the SBOM",
        "b 3 is not in the licences",
        "b 2 is not in what is installed",
    ]


def test_names_are_compared_as_installers_do() -> None:
    assert sbom.key("ruamel.Yaml_x", "1") == ("ruamel-yaml-x", "1")


def test_the_config_block_of_the_document_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "examples/applied")
    assert "MIT" in sbom.config_block()["allow"]


def test_a_member_of_a_release_is_a_component() -> None:
    made = sbom.component({"kind": "model", "name": "m", "sha256": "a" * 64})
    assert (made["type"], made["hashes"][0]["content"]) == ("machine-learning-model", "a" * 64)


def test_what_a_need_needs_is_found_too() -> None:
    found = sbom.find_needed(["pytest"])
    assert found["pytest"] == metadata.version("pytest")
    assert found["pluggy"] == metadata.version("pluggy")
    assert "mypy" not in found


def test_a_need_of_another_system_is_left_out() -> None:
    assert sbom.find_needed(["pytest; sys_platform == 'nowhere'"]) == {}


def test_an_extra_brings_what_it_needs() -> None:
    assert "pytest" not in sbom.find_needed(["hypothesis"])
    assert "pytest" in sbom.find_needed(["hypothesis[pytest]"])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = '[project]\ndependencies = ["click"]\n[dependency-groups]\ndev = ["pytest"]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_group_that_is_not_there_is_refused(project: Path) -> None:
    with pytest.raises(SystemExit, match="has no group onnx; it has dev"):
        sbom.list_installed(["onnx"])


def test_the_tools_of_development_are_not_installed_where_it_runs(project: Path) -> None:
    assert "pytest" not in sbom.list_installed()
