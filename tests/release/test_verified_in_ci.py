"""CI of a generated repository verifies what is live, where it has the store."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from shop import Shop

Render = Callable[..., Path]
MAKE = """#!/bin/sh
echo "make $*"
"""
MLCHARTER = """#!/bin/sh
echo "mlcharter $*"
exit 1
"""
UNVERIFIED = "releases/ is not here, so what is live was not verified\n"


def read_script(render: Render, ci: str) -> str:
    """Return the one script of the job of CI that is about releases."""
    root = render(tracks=["platform"], tier="production", ci=ci)
    if ci == "github":
        steps = yaml.safe_load((root / ".github/workflows/ci.yml").read_text())["jobs"]["check"]
        scripts = [step.get("run", "") for step in steps["steps"]]
    else:
        scripts = yaml.safe_load((root / ".gitlab-ci.yml").read_text())["check"]["script"]
    (script,) = [script for script in scripts if "release" in script]
    return str(script)


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_ci_verifies_a_store_warns_without_one_and_passes_before_the_first_release(
    shop: Shop, render: Render, tmp_path: Path, ci: str
) -> None:
    script = read_script(render, ci)
    for path, text in ((tmp_path / "make", MAKE), (shop.root / ".venv/bin/mlcharter", MLCHARTER)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run() -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=shop.root,
            env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    assert run() == (1, "make setup EXTRAS=release\nmlcharter release verify\n")
    (shop.root / "releases").rename(tmp_path / "elsewhere")
    assert run() == (0, f"::warning::{UNVERIFIED}" if ci == "github" else UNVERIFIED)
    (shop.root / "versioning/live.json").unlink()
    assert run() == (0, "")
