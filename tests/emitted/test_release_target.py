"""`make release` keeps and pins what a release rests on, and once that is committed, signs it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

MAKE = ("make", "--silent", "release", "RUN=./python", "MLCHARTER=./python", "UV=./python")


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A repository whose programs print what they are asked to do."""
    shutil.copy(ROOT / "template/project/Makefile", tmp_path)
    (tmp_path / "python").write_text('#!/bin/sh\necho "$*"\n')
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def release(system: Path, *words: str) -> str:
    return subprocess.run([*MAKE, *words], cwd=system, capture_output=True, text=True).stdout


def test_what_was_measured_is_frozen_and_pinned(system: Path) -> None:
    shown = release(system, "NAME=2026-11", "APPROVED_BY=@acme/a @acme/b", "EXTRAS=minilm")

    assert shown.splitlines() == [
        "pip install --quiet --python ./python --constraints constraints.txt --group sbom",
        "-m mlcharter.evals.sbom minilm",
        "release freeze 2026-11 --approved-by @acme/a --approved-by @acme/b --group minilm",
        "export trust ml-bom",
        "Review and commit that; `make release` then signs it.",
    ]


def test_a_name_is_one_word(system: Path) -> None:
    assert "release freeze 2026-11';ls\n" in release(system, "NAME=2026-11';ls")


def test_what_is_committed_is_signed(system: Path) -> None:
    kept = system / "reports/released/2026-11-gates.json"
    kept.parent.mkdir(parents=True)
    kept.touch()
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    for words in (
        ("init", "-q"),
        ("add", "--force", "."),
        (*who, "commit", "-q", "-m", "Describe"),
    ):
        subprocess.run(["git", *words], cwd=system, check=True)

    shown = release(system, "NAME=2026-11")

    assert shown == "release create --key versioning/keys/demo.pem\n"
