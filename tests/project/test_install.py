"""The first command of the README, with a mirror of this repository in the place of its address."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from mlcharter import __version__

ADDRESS = "https://github.com/mlcharter/mlcharter"


@pytest.fixture(scope="module")
def index(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a package index with this project alone, as PEP 503 describes it."""
    folder = tmp_path_factory.mktemp("simple") / "mlcharter"
    folder.mkdir()
    shutil.copy(wheel, folder)
    (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return folder.parent.as_uri()


@pytest.mark.journey
@pytest.mark.parametrize(
    "command",
    [
        "uvx --index {index} mlcharter",
        "uv tool install --quiet --index {index} mlcharter && bin/mlcharter",
        "uvx pipx install --quiet --pip-args=--extra-index-url={index} mlcharter && bin/mlcharter",
    ],
    ids=["uvx", "uv tool", "pipx"],
)
def test_an_installation_from_an_index_runs(command: str, index: str, tmp_path: Path) -> None:
    """The index has mlcharter; its dependencies and pipx come from uv's own index."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    places = {name: str(tmp_path / name) for name in ("UV_TOOL_DIR", "PIPX_HOME", "PIPX_MAN_DIR")}
    bins = {"UV_TOOL_BIN_DIR": str(tmp_path / "bin"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    line = f"{command.format(index=index)} --version"

    done = subprocess.run(
        line,
        shell=True,
        cwd=tmp_path,
        env=os.environ | places | bins | {"PATH": programs},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    version, template = done.stdout.splitlines()[-2:]
    assert version == f"mlcharter {__version__}"
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", "copier.yml", "template"],
        cwd=ROOT,
        capture_output=True,
    ).stdout
    assert changed or re.fullmatch(r"template (v[\d.]+|[0-9a-f]{40})", template)


@pytest.mark.journey
def test_uvx_installs_from_git_and_creates_a_repository(tmp_path: Path) -> None:
    """The last commit of this checkout is installed; its dependencies come from uv's own index."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [command] = re.findall(rf"(?m)^uvx --from git\+{ADDRESS} mlcharter new my-project", readme)
    mirror = tmp_path / "mirror.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(ROOT), str(mirror)], check=True)
    config = tmp_path / "gitconfig"
    users = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    config.write_text(f'{users}[url "file://{mirror}"]\n insteadOf = {ADDRESS}\n')
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        f"{command} --defaults --track rag",
        shell=True,
        cwd=tmp_path,
        env=os.environ | {"GIT_CONFIG_GLOBAL": str(config), "PATH": programs},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    answers = yaml.safe_load((tmp_path / "my-project/.copier-answers.yml").read_text())
    recorded = (f"{answers['_commit']}^{{commit}}", "HEAD")
    commits = ["git", "-C", str(mirror), "rev-parse", *recorded]
    found = subprocess.run(commits, capture_output=True, text=True, check=True).stdout.split()
    assert len(set(found)) == 1
    assert answers["_src_path"].startswith(ADDRESS)
