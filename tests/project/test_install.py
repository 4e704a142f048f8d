"""The first command of the README, with a mirror of this repository in the place of its address."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import ROOT

ADDRESS = "https://github.com/mlcharter/mlcharter"


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
