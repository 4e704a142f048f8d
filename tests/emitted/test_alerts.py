"""The alerts that a platform ships with, in Prometheus' own hands: promtool runs each rule."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import QUESTIONS, ROOT, Render

PROMTOOL = shutil.which("promtool", path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
AVAILABILITIES = QUESTIONS["platform_availability"].choices
FAST, SLOW = "availability-burn-fast", "availability-burn-slow"
LATE_FAST, LATE_SLOW = "latency-burn-fast", "latency-burn-slow"
BURN = {FAST, SLOW, LATE_FAST, LATE_SLOW}
OTHERS = {"breaker-open", "places-lost", "requests-refused", "canary-worse", "rl-violation-rate"}
CHANGES: list[tuple[dict[str, str], set[str]]] = [
    ({"> 14.4 *": "> 15.5 *", "> 6 *": "> 7.5 *"}, BURN),
    ({"> 14.4 *": "> 13.5 *", "> 6 *": "> 4.5 *"}, BURN),
    ({"[1h]": "[5m]", "[6h]": "[1h]"}, BURN),
    ({"[5m]": "[1h]", "[30m]": "[6h]"}, BURN),
    ({"5..|429": "5..", 'le="0.25"': 'le="0.5"'}, {SLOW, LATE_FAST, LATE_SLOW}),
    ({"5..|429": "4..|429", "(breaker_state": "(breaker_states"}, {FAST, "breaker-open"}),
    (
        {
            "max by (backend)": "max",
            "> 0.01": "> 0.025",
            ">= 3.5": ">= 3.7",
            "policy_switch_tripped) > 0": "policy_switch_tripped) > 1",
        },
        OTHERS,
    ),
    (
        {
            'breaker_state{role="live"}': "breaker_state",
            "wait: 5m": "wait: 1s",
            "> 0.01": "> 0.004",
            ">= 3.5": ">= 3.3",
            "policy_switch_tripped) > 0": "policy_switch_tripped) >= 0",
        },
        OTHERS,
    ),
    (
        {"too-late|draining": "answers-fall-back", "wait: 2m": "wait: 1s"},
        {*OTHERS} - {"places-lost", "canary-worse", "rl-violation-rate"},
    ),
    (
        {"#degrade-modes": "#alert-quota", "severity: ticket": "severity: page"},
        {"breaker-open", "places-lost", "requests-refused", "canary-worse"},
    ),
]
"""Changes of the runbook, and the alerts that then fire or stay silent against their series."""


def tried(root: Path, copy: Path, changes: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """`make alerts` in a copy of a repository whose runbook was changed."""
    if PROMTOOL is None:
        pytest.skip("promtool is not here; install Prometheus")
    for name in ("ops/runbook.md", "tests/platform/alerts.yml", "tools/alerts.py"):
        (copy / name).parent.mkdir(parents=True)
        shutil.copy(root / name, copy / name)
    runbook = copy / "ops/runbook.md"
    text = runbook.read_text(encoding="utf-8")
    for was, becomes in changes.items():
        assert was in text
        text = text.replace(was, becomes)
    runbook.write_text(text, encoding="utf-8")
    env = {**os.environ, "PATH": f"{Path(PROMTOOL).parent}{os.pathsep}{os.environ['PATH']}"}
    words = [sys.executable, "-m", "tools.alerts"]
    return subprocess.run(words, cwd=copy, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("availability", AVAILABILITIES)
def test_each_alert_fires_on_one_series_and_is_silent_on_another(
    render: Render, tmp_path: Path, availability: str
) -> None:
    root = render(tracks=["platform", "rl"], platform_availability=availability)

    done = tried(root, tmp_path, {})

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "build/alerts.yml: 9 rules",
        "Checking build/alerts.yml",
        "  SUCCESS: 9 rules found",
        "",
        "Unit Testing:  tests/platform/alerts.yml",
        "  SUCCESS",
        "",
    ]


@pytest.mark.parametrize(("changes", "wrong"), CHANGES, ids=[" ".join(c) for c, _ in CHANGES])
def test_a_changed_rule_is_seen(
    render: Render, tmp_path: Path, changes: dict[str, str], wrong: set[str]
) -> None:
    done = tried(render(tracks=["platform", "rl"]), tmp_path, changes)

    assert done.returncode == 1, done.stdout + done.stderr
    assert set(re.findall(r"alertname: ?([a-z-]+)", done.stdout + done.stderr)) == wrong


def test_without_promtool_the_rules_are_written_and_nothing_is_claimed(
    render: Render, tmp_path: Path
) -> None:
    root = shutil.copytree(render(tracks=["platform"]), tmp_path / "copy")
    words = [sys.executable, "-m", "tools.alerts"]

    done = subprocess.run(words, cwd=root, env={"PATH": ""}, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "build/alerts.yml: 8 rules\n")
    assert done.stderr == "not tried: there is no promtool; install your system's Prometheus\n"
    assert (root / "build/alerts.yml").exists()
