"""Our own files for GitHub: workflows and issue forms are valid."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from mlcharter.template import answers
from validators import validate, validate_workflows

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
PINNED = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_our_workflows_are_valid_and_safe() -> None:
    validate_workflows(ROOT)
    validate("vendor.dependabot", GITHUB / "dependabot.yml")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_says_that_it_has_never_run(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# This workflow has never run")


def test_every_action_is_one_commit_with_its_version_beside_it() -> None:
    lines = [
        line.strip().removeprefix("- ")
        for path in (*WORKFLOWS, ROOT / "action.yml", ROOT / "engines/fleet.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line and "uses: ./" not in line
    ]
    pins = [PINNED.fullmatch(line) for line in lines]

    assert [line for line, pin in zip(lines, pins, strict=True) if pin is None] == []
    assert len({pin[1] for pin in pins if pin}) == len({pin.groups() for pin in pins if pin})


def test_ci_runs_the_commands_of_the_readme_on_the_oldest_and_the_newest_python() -> None:
    job = read(GITHUB / "workflows/ci.yml")["jobs"]["test"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [re.fullmatch(r".* :: (3\.\d+)", line) for line in project["classifiers"]]
    versions = [match[1] for match in named if match]

    assert project["requires-python"] == f">={versions[0]}"
    assert job["strategy"]["matrix"] == {
        "os": ["ubuntu-latest", "macos-latest"],
        "python": [versions[0], versions[-1]],
    }
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == ["make test", "make journeys", "make demo"]
    ours = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert re.findall(r"^make \w+$", ours, re.MULTILINE) == commands[:2]


def test_a_release_is_built_once_and_published_by_a_job_that_runs_no_code_of_ours() -> None:
    jobs = read(GITHUB / "workflows/release.yml")["jobs"]
    builds = [name for name, job in jobs.items() if "make dist" in str(job["steps"])]
    writes = {
        name: sorted(key for key, right in job["permissions"].items() if right == "write")
        for name, job in jobs.items()
    }
    checkouts = [name for name, job in jobs.items() if "actions/checkout@" in str(job["steps"])]
    needs = {name: job["needs"] for name, job in jobs.items() if "needs" in job}

    assert builds == ["build"]
    assert checkouts == ["test", "build"]
    assert writes == {
        "test": [],
        "build": [],
        "attest": ["attestations", "id-token"],
        "publish": ["id-token"],
        "announce": ["contents"],
    }
    assert needs == {"attest": ["test", "build"], "publish": ["attest"], "announce": ["publish"]}
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert [step for step in jobs["publish"]["steps"] if "run" in step] == []


def test_the_forms_of_issues_are_valid() -> None:
    validate("vendor.github-issue-forms", *FORMS)
    validate("vendor.github-issue-config", GITHUB / "ISSUE_TEMPLATE/config.yml")

    assert [path.stem for path in FORMS] == ["bug", "feature", "question", "rule"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_has_each_id_and_label_once(path: Path) -> None:
    """GitHub refuses such a form, which its schema does not express."""
    fields = [field for field in read(path)["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    labels = [field["attributes"]["label"] for field in fields]

    assert len(set(ids)) == len(ids)
    assert len(set(labels)) == len(labels)


def test_the_bug_form_asks_for_what_is_needed_to_reproduce_it() -> None:
    fields = {field["id"]: field for field in read(GITHUB / "ISSUE_TEMPLATE/bug.yml")["body"][1:]}
    asked = {name: field["attributes"].get("description", "") for name, field in fields.items()}
    required = [name for name, field in fields.items() if field.get("validations")]

    assert required == ["versions", "command", "expected"]
    assert "`mlcharter --version`" in asked["versions"]
    assert "everything that it printed" in asked["command"]
    assert all(f"`{name}`" in asked["answers"] for name in answers.FILES)
