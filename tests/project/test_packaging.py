"""The metadata for PyPI, and the content of the packages. The builds need no network."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from trove_classifiers import classifiers as known_classifiers

from checkout import in_git
from conftest import ROOT
from mlcharter import __version__

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
TEMPLATE_FILES = ["copier.yml", "template"]


def hatchling(folder: Path, target: str, out: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [built] = out.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hatchling(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as file:
        return message_from_bytes(file.read(f"mlcharter-{__version__}.dist-info/METADATA"))


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in sorted(file.namelist())}


def test_pip_and_copier_require_the_same_version_of_copier() -> None:
    """Otherwise pip could install a Copier that refuses to render the template."""
    needed = {Requirement(text).name: Requirement(text) for text in PROJECT["dependencies"]}
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    [oldest] = re.findall(r'^_min_copier_version: "(.+)"$', text, re.MULTILINE)

    assert needed["copier"].specifier == SpecifierSet(f">={oldest}")


def test_a_wheel_has_the_package_and_the_template(wheel: Path) -> None:
    expected = {name.removeprefix("src/") for name in in_git("src/mlcharter")}
    expected |= {f"mlcharter/_template/{name}" for name in in_git(*TEMPLATE_FILES)}
    info = f"mlcharter-{__version__}.dist-info"
    expected |= {f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")}
    expected.add(f"{info}/licenses/LICENSE")

    assert set(contents(wheel)) - {"mlcharter/_template/COMMIT"} == expected


def test_a_source_distribution_has_what_a_wheel_is_built_from_and_no_more(sdist: Path) -> None:
    with tarfile.open(sdist) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    expected = in_git(
        "src",
        "template",
        "hooks",
        "copier.yml",
        "pyproject.toml",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
    )

    assert names - {"COMMIT"} == expected | {"PKG-INFO"}


def test_a_wheel_from_the_source_distribution_is_the_same(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    """`python -m build` and `uv build` build it this way; it must contain the commit too."""
    with tarfile.open(sdist) as file:
        file.extractall(tmp_path, filter="data")
    [unpacked] = tmp_path.iterdir()
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    assert contents(hatchling(unpacked, "wheel", tmp_path / "out")) == contents(wheel)


def test_every_link_of_the_page_on_pypi_works(metadata: Message) -> None:
    """PyPI shows the README outside the repository, so that no link may be relative."""
    page = metadata.get_payload()
    assert isinstance(page, str)
    links = set(re.findall(r'(?:href|src)="([^"]+)"', MarkdownIt("commonmark").render(page)))
    ours = f"{PROJECT['urls']['Source']}/blob/v{__version__}/"
    paths = {link.removeprefix(ours) for link in links if link.startswith(ours)}

    assert [link for link in links if not re.match("https://|#", link)] == []
    assert paths >= {"CONTRIBUTING.md", "examples/rag", "docs/merging.md"}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_metadata_is_accepted_by_pypi(metadata: Message) -> None:
    assert metadata["Metadata-Version"] == "2.4"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(PROJECT["classifiers"]) <= known_classifiers
    assert [one for one in PROJECT["classifiers"] if one.startswith("License ::")] == []


@pytest.mark.journey
def test_twine_accepts_a_release_whose_sbom_names_what_is_installed(tmp_path: Path) -> None:
    """`make dist` installs its tools from the index of this machine."""
    made = [f"RELEASE={tmp_path}/tools", f"DIST={tmp_path}/dist"]
    done = subprocess.run(["make", "dist", *made], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    sbom = json.loads((tmp_path / "dist/mlcharter.cdx.json").read_text())
    listed = {component["name"].lower() for component in sbom["components"]}
    needed = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert done.stdout.count("PASSED") == len([*(tmp_path / "dist/packages").iterdir()]) == 2
    assert needed | {"mlcharter"} <= {name.replace("_", "-") for name in listed}
    assert str(tmp_path) not in json.dumps(sbom)
