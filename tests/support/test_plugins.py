"""Modules in a package are found and imported as plug-ins."""

import sys
from pathlib import Path

import pytest

from mlcharter.support import plugins
from mlcharter.support.finding import Finding


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "some_rules"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "no_owner.py").write_text("LEVEL = 'draft'\n")
    (folder / "broken_link.py").write_text("LEVEL = 'complete'\n")
    (folder / "links").mkdir()
    (folder / "links/broken_anchor.py").write_text("LEVEL = 'draft'\n")
    (folder / "_shared.py").write_text("raise RuntimeError('a helper is not loaded')\n")
    (folder / "notes.txt").touch()
    monkeypatch.syspath_prepend(tmp_path)
    plugins._modules.cache_clear()
    for name in [name for name in sys.modules if name.startswith("some_rules")]:
        monkeypatch.delitem(sys.modules, name)
    return "some_rules"


def test_modules_in_a_folder_and_its_subfolders_are_entries(package: str) -> None:
    found = plugins.load(package)
    assert {name: module.LEVEL for name, module in found.items()} == {
        "broken-anchor": "draft",
        "broken-link": "complete",
        "no-owner": "draft",
    }
    assert list(found) == ["broken-anchor", "broken-link", "no-owner"]


def test_names_are_found_without_importing(package: str) -> None:
    assert plugins.names(package) == ["broken-anchor", "broken-link", "no-owner"]
    assert f"{package}.no_owner" not in sys.modules
    assert plugins.load_one(package, "no-owner").LEVEL == "draft"


def test_an_error_in_an_import_is_not_hidden(package: str, tmp_path: Path) -> None:
    (tmp_path / package / "bad.py").write_text("import no_such_module\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        plugins.load(package)


def test_findings_are_sorted_by_path_and_place() -> None:
    findings = [
        Finding("b.md", 1, 1, "a", ""),
        Finding("a.md", 10, 1, "a", ""),
        Finding("a.md", 9, 7, "a", ""),
        Finding("a.md", 9, 7, "Z", ""),
    ]
    assert sorted(findings) == findings[::-1]
