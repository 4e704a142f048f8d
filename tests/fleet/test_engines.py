"""The files for engines of others: valid for each engine, and their scripts do what they say.

No engine runs here, so that the steps of a workflow are run in a shell, with stand-ins for what a
runner of the host brings.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from test_update import EVALS, Found, _cache, commit, edit, fill, found, git, history

from conftest import ROOT, SOURCE, Render, uvx
from mlcharter.check.outputs import text
from mlcharter.check.result import Judged, Result
from mlcharter.support.finding import Finding
from mlcharter.template import answers
from validators import run, validate

__all__ = ["_cache", "found", "history"]  # fixtures

ENGINES = ROOT / "engines"
ACTION, WORKFLOW = ROOT / "action.yml", ROOT / ".github/workflows/charter.yml"
COMPONENT, FLEET = ROOT / "templates/charter.yml", ENGINES / "fleet.yml"
RENOVATE = json.loads((ENGINES / "renovate.json").read_text())


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass
class Runner:
    """A machine of a host: a folder for the work, and the programs that the host brings."""

    folder: Path
    env: dict[str, str]

    def run(
        self, step: dict[str, Any], cwd: Path, values: dict[str, str], **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a step of GitHub Actions as its shell does; an expression without a value fails."""

        def fill(text: str) -> str:
            return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text)

        given = {name: fill(value) for name, value in step.get("env", {}).items()}
        return self.shell(fill(step["run"]), cwd, **given, **env)

    def shell(self, script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(words, cwd=cwd, env=self.env | env, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    programs = uvx(tmp_path / "bin")
    scripts = {
        "python": f'test "$*" = "-I -m pip install --quiet uv" || exec {sys.executable} "$@"',
        "pipx": "true",
        "gh": 'echo "$@" >> "$RUNNER_TEMP/gh.txt"\n'
        'case "$*" in */reviews) echo "[[]]" ;; "api "*) cat "$RUNNER_TEMP/pull" ;; esac',
    }
    for name, script in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    shutil.copy(os.environ["GIT_CONFIG_GLOBAL"], tmp_path / "gitconfig")
    names = {"SUMMARY": "GITHUB_STEP_SUMMARY", "EVENT": "GITHUB_EVENT_PATH"}
    env = {variable: str(tmp_path / name) for name, variable in names.items()}
    env |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
    env |= {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GITHUB_OUTPUT": f"{tmp_path}/OUTPUT"}
    return Runner(tmp_path, {**os.environ, **env, "MLCHARTER": f"git+{SOURCE}@v0.1.0"})


# Validity


def test_each_file_is_valid_for_its_engine(tmp_path: Path) -> None:
    header, jobs = COMPONENT.read_text(encoding="utf-8").split("\n---\n")
    (tmp_path / "header.yml").write_text(header)
    (tmp_path / "jobs.yml").write_text(jobs)

    validate("vendor.github-actions", ACTION)
    validate("vendor.github-workflows", WORKFLOW, FLEET)
    validate("custom.github-workflows-require-timeout", FLEET)
    validate("vendor.gitlab-ci", tmp_path / "header.yml", tmp_path / "jobs.yml")
    validate("vendor.renovate", ENGINES / "renovate.json")
    run("zizmor", "--offline", "--quiet", str(ACTION), str(FLEET))


def test_a_component_uses_the_inputs_that_it_declares() -> None:
    header, jobs = yaml.safe_load_all(COMPONENT.read_text(encoding="utf-8"))
    used = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", yaml.safe_dump(jobs)))

    assert used == set(header["spec"]["inputs"])
    assert "$[[" not in yaml.safe_dump([job["script"] for job in jobs.values()])


def test_the_workflow_gives_the_action_what_it_declares() -> None:
    [step] = (s for s in read(WORKFLOW)["jobs"]["charter"]["steps"] if s["uses"] == "./mlcharter")

    assert set(step["with"]) == set(read(ACTION)["inputs"]) - {"token"}


# What multi-gitter takes from a file, by its README: each option of `run` but the secret ones.
GITTER_OPTIONS = re.findall(
    r"[\w-]+",
    """
    assignees author-email author-name auth-type base-branch base-url branch clone-dir code-search
    commit-message concurrent conflict-strategy draft dry-run fetch-depth fork fork-owner git-type
    group include-subgroups insecure interactive labels log-file log-format log-level manual-commit
    max-reviewers max-team-reviewers org output plain-output platform pr-body pr-title project
    push-only repo repo-include repo-exclude repo-search reviewers skip-forks skip-pr skip-repo
    ssh-auth team-reviewers topic user username
""",
)


def test_the_configuration_of_multi_gitter_has_options_that_it_knows() -> None:
    assert set(read(ENGINES / "multi-gitter.yml")) <= set(GITTER_OPTIONS)


def test_nothing_runs_copier_update_or_merges_by_itself() -> None:
    files = [ACTION, WORKFLOW, COMPONENT, *ENGINES.iterdir()]
    texts = "".join(path.read_text(encoding="utf-8") for path in files)

    assert "copier update" not in texts and "--auto" not in texts
    assert RENOVATE["copier"] == {"enabled": False}
    assert [rule["automerge"] for rule in RENOVATE["packageRules"]] == [False]


# What the scripts do


def test_the_action_checks_and_judges_a_pull_request(runner: Runner, render: Render) -> None:
    root = runner.folder / "workspace/repository"
    shutil.copytree(render(tracks=["rl"], layout="documents"), root)
    git(root, "init", "--quiet")
    commit(root)
    base = git(root, "rev-parse", "HEAD")
    (root / ".mlcharter.yml").write_text("ignore: [link-broken]\n")
    commit(root)
    pull = {
        "number": 7,
        "user": {"login": "ada"},
        "head": {"sha": git(root, "rev-parse", "HEAD")},
        "base": {"sha": base},
    }
    (runner.folder / "EVENT").write_text(json.dumps({"pull_request": pull}))
    (runner.folder / "pull").write_text(json.dumps(pull))
    check, _, diff = (step for step in read(ACTION)["runs"]["steps"] if "run" in step)
    given = {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_REPOSITORY": "acme/harbour"}
    standard = "inputs.standard && format('{0}/{1}', github.workspace, inputs.standard)"
    values = {"inputs.level": "", standard: "", "inputs.token": "secret"}
    values["github.event.pull_request.number"] = "7"

    draft = runner.run(check, root, values, **given)
    complete = runner.run(check, root, values | {"inputs.level": "complete"}, **given)
    summary = runner.read("SUMMARY")
    judged = runner.run(diff, root, values, **given, GITHUB_ACTIONS="true")

    assert draft.returncode == 0, draft.stdout + draft.stderr
    assert complete.returncode == 1 and "::error file=docs/" in complete.stdout
    assert "| docs/" in summary or "docs/design_doc.md" in summary
    assert judged.returncode == 1, judged.stderr
    assert runner.read("SUMMARY").startswith(
        "**2 differences weaken the charter, 2 without approval**"
    )
    assert runner.read("gh.txt").splitlines() == [
        "api repos/acme/harbour/pulls/7",
        "api --paginate --slurp repos/acme/harbour/pulls/7/reviews",
    ]


def test_the_action_decides_gates_on_a_pattern_of_files(runner: Runner) -> None:
    root = runner.folder / "rag"
    shutil.copytree(ROOT / "examples/rag", root)
    [gates] = (s for s in read(ACTION)["runs"]["steps"] if s.get("name") == "Decide the gates")

    done = runner.run(
        gates, root, {"inputs.reports": "reports/released/2026-11-r*.json"}, GITHUB_ACTION_PATH="x"
    )

    assert done.returncode in (0, 1), done.stderr
    assert done.stdout == runner.read("SUMMARY") and "| gate |" in done.stdout


def test_the_component_checks_and_judges_a_merge_request(runner: Runner, render: Render) -> None:
    root = runner.folder / "harbour"
    shutil.copytree(render(tracks=["rl"], layout="documents"), root)
    git(root, "init", "--quiet")
    commit(root)
    base = git(root, "rev-parse", "HEAD")
    (root / ".mlcharter.yml").write_text("ignore: [link-broken]\n")
    commit(root)
    _, jobs = yaml.safe_load_all(COMPONENT.read_text(encoding="utf-8"))
    env = {"MLCHARTER": "x", "CHARTER": ".", "CI_PROJECT_DIR": str(root), "STANDARD": ""}
    env |= {"REPORTS": "", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}

    def script(job: str, **more: str) -> subprocess.CompletedProcess[str]:
        lines = [line.replace("python -m", "python -I -m") for line in jobs[job]["script"]]
        return runner.shell("\n".join(lines), root, **env, **more)

    draft, complete = script("charter", LEVEL=""), script("charter", LEVEL="complete")
    judged = script("charter-change")

    assert (draft.returncode, complete.returncode, judged.returncode) == (0, 1, 1), draft.stderr
    assert json.loads((root / "gl-code-quality-report.json").read_text())[0]["fingerprint"]
    assert "link-broken" in judged.stdout


def test_the_script_of_multi_gitter_updates_and_stops_at_conflicts(
    runner: Runner, found: Found
) -> None:
    filled, stuck = found(where="filled"), found(where="stuck")
    fill(filled)
    edit(stuck / EVALS, ("Each dataset has a card", "No dataset has a card yet, said Ada,"))
    commit(stuck)
    plain = runner.folder / "plain"
    plain.mkdir()
    (plain / "README.md").write_text("no charter\n")
    script = str(ENGINES / "update.sh")

    codes = [
        runner.shell(script, place, VERSION="v2.0.0").returncode for place in (filled, stuck, plain)
    ]

    assert codes == [0, 1, 0]
    text = (filled / EVALS).read_text()
    assert "Ours: the rule of Holm." in text and "Every dataset has a card" in text
    assert [path.name for path in plain.iterdir()] == ["README.md"]
    assert runner.shell(script, filled).returncode != 0  # without VERSION


def upgrade_as_renovate(runner: Runner, root: Path) -> list[int]:
    """Write the new version as Renovate does, run the preset's commands; return their codes."""
    file = root / answers.ANSWERS
    file.write_text(file.read_text().replace("_commit: v1.0.0", "_commit: v2.0.0"))
    values = {"packageFile": answers.ANSWERS, "packageFileDir": "", "newValue": "v2.0.0"}
    [rule] = RENOVATE["packageRules"]
    commands = [
        re.sub(r"\{\{\{(\w+)\}\}\}", lambda name: values[name[1]], command)
        for command in rule["postUpgradeTasks"]["commands"]
    ]
    return [runner.shell(command, root).returncode for command in commands]


def test_a_conflict_is_in_the_pull_request_of_renovate(runner: Runner, found: Found) -> None:
    """Renovate commits what Git calls modified, never a file that Git calls unmerged.

    A pull request with the new version alone would pass CI, and its merge would lose the update.
    """
    root = found()
    edit(root / EVALS, ("Each dataset has a card", "No dataset has a card yet, said Ada,"))
    commit(root)

    for _ in range(2):  # a clone that is kept for the next run
        assert upgrade_as_renovate(runner, root) == [0, 1, 0]

        changes = git(root, "status", "--porcelain").splitlines()
        assert f"M {EVALS}" in map(str.strip, changes)
        assert "<<<<<<<" in (root / EVALS).read_text()
        checked = runner.shell("uvx mlcharter check", root)
        assert checked.returncode == 1 and "conflict" in checked.stdout, checked.stdout
        git(root, "reset", "--quiet", "--hard")
        git(root, "clean", "--quiet", "-ffd")


def test_the_preset_finds_the_version_of_a_charter_and_updates_it(
    runner: Runner, found: Found
) -> None:
    root = found()
    fill(root)
    file = root / answers.ANSWERS
    [manager], [rule] = RENOVATE["customManagers"], RENOVATE["packageRules"]
    pattern = manager["matchStrings"][0].replace("(?<", "(?P<")
    written = re.sub("(?m)^_src_path: .*$", f"_src_path: {SOURCE}", file.read_text())
    matched = re.search(pattern, written)
    assert matched and matched.groupdict() == {"currentValue": "v1.0.0", "packageName": SOURCE}
    assert re.search(pattern, written.replace("v1.0.0", "'1.0.0'"))
    assert not re.search(pattern, written.replace(SOURCE, "https://git.evil.example/x.git"))
    [files] = (name.strip("/") for name in manager["managerFilePatterns"])
    assert re.search(files, "ml/.copier-answers.mlcharter.yml")
    assert not re.search(files, "$(date)/.copier-answers.yml")  # the name is in a command

    assert upgrade_as_renovate(runner, root) == [0, 0, 0]

    text = (root / EVALS).read_text()
    assert "Ours: the rule of Holm." in text and "Every dataset has a card" in text
    assert "_commit: v2.0.0" in file.read_text()
    assert f"git+{SOURCE}@" in rule["postUpgradeTasks"]["commands"][1]


def test_the_workflow_of_a_fleet_checks_it_and_updates_a_wave(
    runner: Runner, found: Found, tmp_path: Path
) -> None:
    host, work = tmp_path / "host", tmp_path / "work"
    rows = ["path,url,wave"]
    for number, name in enumerate(("risk", "search", "gone"), 1):
        url = host / f"{name}.git"
        rows.append(f"clones/{name},{url},{number}")
        if name != "gone":
            clone = found(where=name, layout="documents")
            git(tmp_path, "clone", "--quiet", "--bare", str(clone), str(url))
    work.mkdir()
    (work / "fleet.csv").write_text("\n".join(rows))
    jobs = read(FLEET)["jobs"]

    def step(job: str, values: dict[str, str], cwd: Path = work) -> int:
        codes = [runner.run(step, cwd, values) for step in jobs[job]["steps"] if "run" in step]
        return max(done.returncode for done in codes)

    assert step("plan", {"inputs.wave": "2"}) == 0
    plan = dict(line.split("=", 1) for line in runner.read("OUTPUT").splitlines())
    checks, updates = (json.loads(plan[name])["include"] for name in ("check", "update"))
    for number, part in enumerate(checks):
        job = work / f"results/results-{number}"
        job.mkdir(parents=True)
        secrets = {"secrets.FLEET_READ_TOKEN": "x", "matrix.list": part["list"]}
        assert step("check", secrets, job) == 0
    assert step("report", {"inputs.after": "1"}) == 0
    assert step("report", {"inputs.after": "3"}) == 1  # `gone` can't be read
    [part] = updates
    (tmp_path / "update").mkdir()
    secrets = {"secrets.FLEET_WRITE_TOKEN": "x", "matrix.list": part["list"]}
    assert step("update", secrets, tmp_path / "update") == 0

    assert len(checks) == 3
    assert "<title>Fleet on" in (work / "fleet.html").read_text()
    assert "clones/gone" in runner.read("SUMMARY")
    assert "mlcharter-update" in git(host / "search.git", "branch", "--list")
    assert "mlcharter-update" not in git(host / "risk.git", "branch", "--list")
    [created] = (line for line in runner.read("gh.txt").splitlines() if line.startswith("pr"))
    assert created.startswith("pr create --head mlcharter-update --title Update the charter to v3")
    assert "Update of the charter:" in (tmp_path / "update/text.md").read_text()


def test_the_commands_that_the_guide_allows_are_those_of_the_preset() -> None:
    guide = (ROOT / "docs/engines.md").read_text(encoding="utf-8")
    extends, allowed = map(json.loads, re.findall("```json\n(.*?)```", guide, re.DOTALL))
    values = {"packageFile": "ml/.copier-answers.yml", "packageFileDir": "ml", "newValue": "v1.2"}
    [rule] = RENOVATE["packageRules"]
    commands = [
        re.sub(r"\{\{\{(\w+)\}\}\}", lambda name: values[name[1]], command)
        for command in rule["postUpgradeTasks"]["commands"]
    ]

    assert extends["extends"][0].startswith("github>mlcharter/mlcharter//engines/renovate#")
    for pattern, command in zip(allowed["allowedCommands"], commands, strict=True):
        assert re.search(pattern, command)
        assert not re.search(pattern, f"{command}; date")


def test_the_problem_matcher_reads_what_check_prints() -> None:
    [matcher] = json.loads((ENGINES / "problem-matcher.json").read_text())["problemMatcher"]
    [pattern] = matcher["pattern"]
    finding = Finding("docs/a b.md", 7, 3, "link-broken", "`x: y` [sic] is broken; mend it")
    line, *rest = text.render([Result("", "draft", 1, (Judged(finding, "fails", "draft"),))]).split(
        "\n"
    )

    found = re.fullmatch(pattern["regexp"], click.unstyle(line))

    assert found and [
        found[pattern[name]] for name in ("file", "line", "column", "message", "code")
    ] == ["docs/a b.md", "7", "3", finding.message, "link-broken"]
    assert not any(re.fullmatch(pattern["regexp"], click.unstyle(other)) for other in rest)
    guide = (ROOT / "docs/editors.md").read_text(encoding="utf-8")
    task = json.loads(re.findall("```json\n(.*?)```", guide, re.DOTALL)[-1])["tasks"][0]
    assert task["problemMatcher"]["pattern"] == pattern


def test_the_guide_names_each_file() -> None:
    guide = (ROOT / "docs/engines.md").read_text(encoding="utf-8")
    guide += (ROOT / "docs/editors.md").read_text(encoding="utf-8")
    files = [ACTION, WORKFLOW, COMPONENT, *sorted(ENGINES.iterdir())]

    assert [p.name for p in files if f"](../{p.relative_to(ROOT)})" not in guide] == []
