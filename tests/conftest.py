"""Fixtures: a rendered repository, and golden files that `pytest --accept` rewrites."""

import itertools
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcharter.template import questionnaire, rendering
from mlcharter.template.template import Template, embedded_root

pytest_plugins = ["field", "hostile", "shop", "small_charter"]

# These run in a generated repository: test_day_one.py.
collect_ignore = ["emitted/acting", "emitted/answering", "emitted/serving"]
ROOT = embedded_root()
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/docs"))
SOURCE = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Template"]
QUESTIONS = questionnaire.load(ROOT)
TRACKS = QUESTIONS["tracks"].choices
COMBINATIONS = [
    picked for n in range(1, len(TRACKS) + 1) for picked in itertools.combinations(TRACKS, n)
]
ANSWERS = {
    "project_name": "Harbour watch",
    "owner": "@acme/harbour",
    "author": "Acme",
    "year": "2026",
    "tier": "production",
}
LAYOUTS = QUESTIONS["layout"].choices
TIERS = QUESTIONS["tier"].choices

Case = tuple[tuple[str, ...], str, str]  # tracks, tier, layout


def _pairs(case: Case) -> set[tuple[object, object]]:
    """Every two choices that a case makes; whether a track is there is a choice each."""
    tracks, tier, layout = case
    choices = [*((track, track in tracks) for track in TRACKS), ("tier", tier), ("layout", layout)]
    return set(itertools.combinations(choices, 2))


def _pick_pairwise(cases: list[Case]) -> list[Case]:
    """The few cases that have every pair of choices of all of them, greedily."""
    missing = set().union(*map(_pairs, cases))
    picked = []
    while missing:
        picked.append(max(cases, key=lambda case: len(missing & _pairs(case))))
        missing -= _pairs(picked[-1])
    return picked


CASES: list[Case] = list(itertools.product(COMBINATIONS, TIERS, LAYOUTS))
PAIRWISE = _pick_pairwise(CASES)

# The repositories of day one, by their answers; together they hold all code that is ever emitted.
DAY_ONE: list[dict[str, Any]] = [
    *({"tracks": [track]} for track in TRACKS),
    {"tracks": ["applied"], "applied_kind": "regression"},
    {"tracks": ["rl"], "rl_setting": "bandit", "rl_learned_reward": True},
    *({"tracks": [track], "starter": False} for track in TRACKS),
    {
        "tracks": list(TRACKS),
        "applied_kind": "multi-class",
        "platform_serving": "vm",
        "rl_setting": "several-agents",
        "rag_tools": True,
    },
]

Render = Callable[..., Path]


def name_case(answers: dict[str, Any]) -> str:
    return "-".join(answers["tracks"]) + ("" if answers.get("starter", True) else "-empty")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite the golden files")


def pytest_configure(config: pytest.Config) -> None:
    journey = "journey: takes minutes, or repeats a test in more combinations; `make journeys`"
    config.addinivalue_line("markers", journey)


@pytest.fixture(autouse=True, scope="session")
def _quiet_git(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests commit as someone, whatever this machine's configuration says."""
    config = tmp_path_factory.mktemp("git") / "config"
    config.write_text(
        "[user]\n name = Ada\n email = ada@acme.example\n[init]\n defaultBranch = main\n"
        '[protocol "file"]\n allow = always\n'
    )
    os.environ["GIT_CONFIG_GLOBAL"] = str(config)
    os.environ["GIT_CONFIG_NOSYSTEM"] = "1"
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def plain_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The template of this checkout, uncommitted changes included, outside any Git repository."""
    root = tmp_path_factory.mktemp("template")
    shutil.copy(ROOT / "copier.yml", root)
    shutil.copytree(ROOT / "template", root / "template")
    return Template(root, SOURCE, "v1.0.0")


def uvx(folder: Path) -> Path:
    """Write a `uvx` into a folder that runs this checkout's mlcharter, and return the folder."""
    folder.mkdir()
    words = f'while test "$1" != mlcharter; do shift; done; exec {sys.executable} -m "$@"'
    (folder / "uvx").write_text(f"#!/bin/sh\n{words}\n")
    (folder / "uvx").chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a package, which `make setup` of a generated repository installs."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def render(plain_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Render a repository with these answers; the same answers give the same folder."""
    done: dict[str, Path] = {}

    def render(**answers: Any) -> Path:
        key = repr(sorted(answers.items()))
        if key not in done:
            into = tmp_path_factory.mktemp("rendered") / "harbour-watch"
            given = ANSWERS | answers
            rendering.render(plain_template, into, answers=given, suggestions={})
            done[key] = into
        return done[key]

    return render


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with tests/golden/<name>; `pytest --accept` writes it instead."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; run `pytest --accept` and read what it wrote"
        assert text == path.read_text(encoding="utf-8")

    return compare
