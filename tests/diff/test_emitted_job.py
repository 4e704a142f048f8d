"""The step of emitted CI that judges a change, run as GitHub does, with a stub of `gh`."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from test_untrusted_emitted import SOURCE, Runner

from conftest import Render

GH = """#!/bin/sh
case "$*" in *reviews*) cat "$REVIEWS";; *) cat "$PULL";; esac
"""
PACK = "docs/eval_pack.md"
WEAKENED = """\
| weakens | gates "auc-overall" threshold | 0.95 → 0.01 | docs/eval\\_pack.md:74 | \
needs the approval of \\@&#8203;acme/harbour |
"""


@pytest.fixture
def runner(tmp_path: Path, render: Render) -> Runner:
    made = Runner(tmp_path, render(tracks=["applied"], ci="github"))
    gh = tmp_path / "bin/gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    return made


def change(runner: Runner) -> tuple[str, str]:
    """Lower a threshold of the eval pack; return the commits of base and head."""
    runner.pin(SOURCE, "v1.0.0")
    text = re.sub(r"\n  starter: true$", "", (runner.root / PACK).read_text(), flags=re.M)
    runner.write(PACK, text)
    base = runner.commit()
    lower = re.sub(r"(op: \">=\"\n  threshold: )0\.\d+", r"\g<1>0.01", text, count=1)
    assert lower != text
    runner.write(PACK, lower)
    return base, runner.commit()


def judge(runner: Runner, event: dict[str, Any], reviews: object, **more: str) -> tuple[int, str]:
    """Return the exit code of the step, and the summary that it writes."""
    (step,) = [s for s in runner.job["steps"] if s.get("name", "").startswith("Judge the change")]
    pull = event.get("pull_request") or PULL_OF_GROUP
    files = {"event.json": event, "pull.json": pull, "reviews.json": reviews}
    for name, content in files.items():
        (runner.temp.parent / name).write_text(json.dumps(content))
    folder = runner.temp.parent
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=runner.root,
        env={
            **os.environ,
            "PATH": runner.path,
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": "acme/watch",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_WORKSPACE": str(runner.root),
            "MLCHARTER": f"git+{SOURCE}@v1.0.0",
            "PULL": str(folder / "pull.json"),
            "REVIEWS": str(folder / "reviews.json"),
            "RUNNER_TEMP": str(runner.temp),
            **more,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    summary = folder / "summary.md"
    return done.returncode, summary.read_text() if summary.exists() else done.stderr


PULL_OF_GROUP: dict[str, Any] = {}


def pull_request(base: str, head: str) -> dict[str, Any]:
    heads = {"head": {"sha": head}, "base": {"sha": base}, "commits": 1}
    return {"pull_request": {"number": 7, "user": {"login": "mallory"}, **heads}}


def approval(who: str, commit: str) -> list[dict[str, Any]]:
    return [{"user": {"login": who}, "state": "APPROVED", "commit_id": commit}]


def test_a_lowered_threshold_fails_until_an_owner_at_the_base_approves(runner: Runner) -> None:
    settings = (runner.root / ".mlcharter.yml").read_text()
    runner.write(".mlcharter.yml", f'{settings}teams:\n  "@acme/harbour": ["@ada"]\n')
    base, head = change(runner)
    event = pull_request(base, head)

    code, summary = judge(runner, event, approval("mallory", head), NUMBER="7", GROUP="")
    assert (code, WEAKENED in summary) == (1, True), summary

    code, summary = judge(runner, event, approval("ada", base), NUMBER="7", GROUP="")
    assert code == 1  # of an older commit

    code, _ = judge(runner, event, approval("ada", head), NUMBER="7", GROUP="")
    assert code == 0


def test_a_merge_group_is_judged_by_the_reviews_of_its_pull_request(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = (runner.root / ".mlcharter.yml").read_text()
    runner.write(".mlcharter.yml", f'{settings}teams:\n  "@acme/harbour": ["@ada"]\n')
    base, head = change(runner)
    monkeypatch.setitem(globals(), "PULL_OF_GROUP", pull_request(base, head)["pull_request"])
    group = {"base_sha": base, "head_sha": head, "head_ref": "refs/heads/queue/main/pr-7-ab"}
    event = {"merge_group": group}

    code, summary = judge(runner, event, [], NUMBER="", GROUP=group["head_ref"])
    assert (code, WEAKENED in summary) == (1, True), summary

    code, _ = judge(runner, event, approval("ada", head), NUMBER="", GROUP=group["head_ref"])
    assert code == 0
