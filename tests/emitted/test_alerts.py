"""The alerts that a new repository ships with: derived from its documents, and run by promtool."""

import datetime
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import QUESTIONS, ROOT, Render
from mlcharter.check import engine
from mlcharter.export.kinds import prometheus
from mlcharter.support.files import Folder

PROMTOOL = shutil.which("promtool", path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
AVAILABILITIES = QUESTIONS["platform_availability"].choices
SERIES, RUNBOOK = "tests/platform/alerts.yml", "ops/runbook.md"
RULES, TESTS = prometheus.PATHS
# Changes of the runbook, and the alerts that then fire or stay silent against the series.
CHANGES: list[tuple[dict[str, str], set[str]]] = [
    (
        {
            '{mode=~"answers-.*"}': '{mode="none"}',
            '!~"5..|429"': '!~"5.."',
            '"200",le="0.25"': '"200",le="0.5"',
            "> 0.01": "> 0.025",
            "> 0\n": "> 2\n",
        },
        {"full-answers-burn", "availability-burn", "latency-burn", "requests-refused"}
        | {"breaker-open", "places-lost"},
    ),
    (
        {
            "target: 99.5e-2": "target: 0.95",
            '{http_response_status_code="200",le': "{le",
            "> 0.01": "> 0.008",
            ">= 3.5": ">= 3.3",
            'breaker_state{role="live"}': "breaker_state",
            "wait: 5m": "wait: 1s",
        },
        {"availability-burn", "latency-burn", "requests-refused", "canary-worse"}
        | {"breaker-open", "places-lost"},
    ),
]
ADDED = {
    "cost/cost_dashboard_spec.md": """\
<!-- config: budgets -->
```yaml
- {id: idle, metric: idle-hours, amount: 9, currency: EUR, period: month, owner: "@acme/ml",
   alert: idle, warn_at: [0.5, 1.0], hard: false}
```

<!-- config: unit_metrics -->
```yaml
- {id: idle-hours, expr: "sum(increase(idle_hours_total[30d]))", unit: EUR, otel: null, focus: []}
""",
    RUNBOOK: """\
<!-- config: alerts -->
```yaml
- {id: idle, subject: budget/idle, owner: "@acme/ml", runbook: "#alert-budget"}
""",
}


def derive(root: Path) -> str:
    charter = engine.open_charter(Folder(root), datetime.date(2026, 12, 1))
    try:
        return prometheus.render(charter)[RULES]
    finally:
        charter.close()


def run_promtool(
    root: Path, rules: str, folder: Path, *more: str
) -> "subprocess.CompletedProcess[str]":
    if PROMTOOL is None:
        pytest.skip("promtool is not here; install Prometheus")
    for path, text in ((RULES, rules), *((p, (root / p).read_text()) for p in (SERIES, *more))):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return subprocess.run(
        [PROMTOOL, "test", "rules", SERIES, *more], cwd=folder, capture_output=True, text=True
    )


@pytest.mark.parametrize("availability", [AVAILABILITIES[0], AVAILABILITIES[-1]])
def test_exactly_the_expected_alerts_fire_on_each_series(
    render: Render, tmp_path: Path, availability: str
) -> None:
    root = render(tracks=["platform", "rl"], platform_availability=availability)

    done = run_promtool(root, (root / RULES).read_text(), tmp_path, TESTS)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_budget_of_the_team_leaves_the_shipped_series_as_they_are(
    render: Render, tmp_path: Path
) -> None:
    """It has no data in them, which is a ticket; the derived tests try that."""
    root = shutil.copytree(render(tracks=["platform"]), tmp_path / "root")
    for path, block in ADDED.items():
        text = (root / path).read_text()
        name = block.splitlines()[0]
        assert name in text
        (root / path).write_text(text.replace(name, f"{block}```\n\n{name}", 1))

    rules = derive(root)
    done = run_promtool(root, rules, tmp_path / "tried")

    assert "alert: idle-absent" in rules
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("changes", "alerts"), CHANGES)
def test_a_changed_runbook_is_seen_by_the_series(
    render: Render, tmp_path: Path, changes: dict[str, str], alerts: set[str]
) -> None:
    root = shutil.copytree(render(tracks=["platform", "rl"]), tmp_path / "root")
    runbook = root / RUNBOOK
    text = runbook.read_text()
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    runbook.write_text(text)

    done = run_promtool(root, derive(root), tmp_path / "tried")

    assert done.returncode == 1, done.stdout + done.stderr
    found = re.findall(r"(?:exp|got): (.*)", done.stdout + done.stderr)
    names = [set(re.findall(r'alertname="([a-z0-9-]+)"', line)) for line in found]
    differing = {name for n in range(0, len(names), 2) for name in names[n] ^ names[n + 1]}
    assert {re.sub(r"-(1h|6h|1d|3d)$", "", name) for name in differing} == alerts
