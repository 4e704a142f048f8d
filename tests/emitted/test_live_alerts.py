"""Prometheus scrapes and probes an emitted service, and tells Alertmanager by its derived rules.

Windows and waiting times of the rules are `FASTER` times shorter, so that an hour passes in a
minute; a ratio over a window that is not full yet is that of the data there is. The limit of the
latency SLO is ten times longer, since a busy machine is slow without a fault.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import yaml

from conftest import ROOT
from mlcharter.formats import promql

pytestmark = pytest.mark.journey
FASTER = 60
STEP = "1s"  # between two scrapes, and between two evaluations
LIMIT, LONGER_LIMIT = 'le="0.25"', 'le="2.5"'
DEADLINE = 40  # seconds until the promised alerts must have fired
HOLD = 4  # seconds in which no other alert may follow
SERVICE = Path(__file__).with_name("faulty_service.py")
PATH = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
PROGRAMS = {
    name: shutil.which(name, path=PATH)
    for name in (
        *("prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter"),
        "promtool",
    )
}

# EUR 1 for each question to the large backend, and EUR 60 a day.
METRIC = """\
- id: spend-day
  expr: sum(increase(http_server_request_duration_seconds_count{http_route="/v1/large"}[1d]))
  unit: EUR
  otel: null
  focus: []
"""
BUDGET = """\
- {id: day, metric: spend-day, amount: 60, currency: EUR, period: day, owner: "@acme/harbour",
    alert: spend, warn_at: [0.5, 0.8, 1.0], hard: true}
"""
ALERT = '- {id: spend, subject: budget/day, owner: "@acme/harbour", runbook: "#alert-budget"}\n'
BURNS = ("1h", "6h", "1d", "3d")


@dataclass
class Scenario:
    """Questions, repeated for ever, and the alerts that they raise."""

    questions: list[tuple[str, str]]  # backend and fault
    alerts: set[str]
    each: float = 0.1  # seconds from one question to the next
    killed_after: float | None = None
    ports: list[int] = field(default_factory=list)  # of the service, and of Prometheus


FINE = ("small", "none")
SCENARIOS = {
    "healthy": Scenario([FINE] * 199 + [("small", "plain")], set()),
    "killed": Scenario(
        [FINE],
        {"availability-absent", "full-answers-absent", "latency-absent", "serving-unreachable"},
        killed_after=5,
    ),
    "slow burn": Scenario(
        [FINE] * 49 + [("small", "error")],
        {"availability-burn-1d", "availability-burn-3d"},
        each=0.04,
    ),
    "errors": Scenario(
        [FINE, ("small", "error")], {f"availability-burn-{window}" for window in BURNS}
    ),
    "degraded": Scenario(
        [FINE, FINE, ("small", "plain"), FINE, FINE], {f"full-answers-burn-{w}" for w in BURNS}
    ),
    "over budget": Scenario([("large", "none")], {"day-spent-50", "day-spent-80", "day-spent-100"}),
}


@pytest.fixture
def system(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new repository with a budget, its environment and its derived rules."""
    monkeypatch.setenv("MLCHARTER_SOURCE", str(wheel))
    words = ["--track", "platform", "--data", "tier=production", "--data", "owner=@acme/harbour"]
    run(tmp_path, sys.executable, "-m", "mlcharter", "new", "system", "--defaults", *words)
    root = tmp_path / "system"
    for path, kind, text in (
        ("cost/cost_dashboard_spec.md", "unit_metrics", METRIC),
        ("cost/cost_dashboard_spec.md", "budgets", BUDGET),
        ("ops/runbook.md", "alerts", ALERT),
    ):
        document = root / path
        pattern = rf"(<!-- config: {kind} -->\n```yaml\n)- (?:id|name): null.*?```"
        filled, count = re.subn(
            pattern, rf"\g<1>{text}```", document.read_text(), count=1, flags=re.DOTALL
        )
        assert count == 1
        document.write_text(filled)
    run(root, "make", "setup")
    run(root, "make", "export")
    return root


def run(cwd: Path, *words: str) -> None:
    hidden = ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def shorten_duration(duration: str) -> str:
    return f"{promql.to_seconds(duration) * 1000 / FASTER:.0f}ms"


def shorten_ranges(expression: str) -> str:
    def shorter(found: re.Match[str]) -> str:
        return found[1] + shorten_duration(found[2])

    return re.sub(r"(\[|offset )(\w+)", shorter, expression).replace(LIMIT, LONGER_LIMIT)


def shorten(rules: str) -> str:
    """Return the rules with ranges and waiting times shortened, and a longer limit of latency."""
    groups = yaml.safe_load(rules)["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        rule["expr"] = shorten_ranges(rule["expr"])
        if "for" in rule:
            rule["for"] = shorten_duration(rule["for"])
    return yaml.safe_dump({"groups": groups}, width=1000)


def find_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(stack: ExitStack, folder: Path, program: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start a program that is stopped at the end; its output is in a file of the folder."""
    log = stack.enter_context((folder / f"{Path(program).name}.log").open("wb"))
    words = (PROGRAMS.get(program) or program, *words)
    started = subprocess.Popen(words, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    stack.callback(started.wait)
    stack.callback(started.kill)
    return started


def read(port: int, path: str) -> Any:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return json.load(answer)


def await_ready(port: int, path: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < until, f"nothing answers on {path}"
            time.sleep(0.1)


def start_prometheus(
    stack: ExitStack, folder: Path, name: str, manager: int, prober: int
) -> "subprocess.Popen[bytes]":
    """Start the Prometheus of a scenario, without rules."""
    scenario = SCENARIOS[name]
    service = f"127.0.0.1:{scenario.ports[0]}"
    target = {"static_configs": [{"targets": [service]}]}
    probe = {
        "job_name": "probe",
        "metrics_path": "/probe",
        "params": {"module": ["http_2xx"], "target": [f"http://{service}/health/live"]},
        "static_configs": [{"targets": [f"127.0.0.1:{prober}"], "labels": {"service": "serving"}}],
    }
    config = {
        "global": {
            "scrape_interval": STEP,
            "scrape_timeout": STEP,
            "evaluation_interval": STEP,
            "external_labels": {"scenario": name},
        },
        "scrape_configs": [{"job_name": "serving", **target}, probe],
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]
        },
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    return start(
        stack,
        folder,
        *("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"),
        *("--rules.alert.resend-delay=1s", f"--web.listen-address=127.0.0.1:{scenario.ports[1]}"),
    )


def load_rules(scenario: Scenario, folder: Path, server: "subprocess.Popen[bytes]") -> None:
    """Load the rules once the service is scraped; the start of Prometheus is no outage."""
    await_ready(scenario.ports[1], "/-/ready")
    until = time.monotonic() + DEADLINE
    while query(scenario, "sum(probe_success) + count(up)") != ["3"]:
        assert time.monotonic() < until, "nothing is scraped"
        time.sleep(0.2)
    config = yaml.safe_load((folder / "prometheus.yml").read_text())
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump(config | {"rule_files": ["../rules.yml"]})
    )
    server.send_signal(signal.SIGHUP)


def query(scenario: Scenario, expression: str) -> list[str]:
    """Return the values that Prometheus has of an expression now."""
    found = read(scenario.ports[1], f"/api/v1/query?query={quote(expression)}")
    return [sample["value"][1] for sample in found["data"]["result"]]


def ask(scenario: Scenario, stop: threading.Event) -> None:
    """Ask the questions of a scenario, evenly, until told to stop or the service is gone."""
    connection = HTTPConnection("127.0.0.1", scenario.ports[0], timeout=5)
    due = time.monotonic()
    while True:
        for backend, fault in scenario.questions:
            due = max(due + scenario.each, time.monotonic() - 1)
            if stop.wait(max(0.0, due - time.monotonic())):
                return
            try:
                connection.request("POST", f"/v1/{backend}", json.dumps({"fault": fault}))
                connection.getresponse().read()
            except (OSError, HTTPException):
                connection.close()
                if scenario.killed_after is not None:
                    return


def read_alerts(manager: int) -> dict[str, set[str]]:
    """Return the names of the alerts that Alertmanager has, by scenario."""
    found: dict[str, set[str]] = {name: set() for name in SCENARIOS}
    for alert in read(manager, "/api/v2/alerts"):
        found[alert["labels"]["scenario"]].add(alert["labels"]["alertname"])
    return found


@pytest.fixture
def manager(system: Path, tmp_path: Path) -> Iterator[int]:
    """Alertmanager's port, with a service, a Prometheus and its questions for each scenario."""
    port, prober, stop = find_free_port(), find_free_port(), threading.Event()
    (tmp_path / "rules.yml").write_text(shorten((system / "ops/prometheus/rules.yml").read_text()))
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]")
    run(tmp_path, str(PROGRAMS["promtool"]), "check", "rules", "rules.yml")
    with ExitStack() as stack:
        start(
            stack,
            tmp_path,
            *("prometheus-alertmanager", "--config.file=alertmanager.yml"),
            *("--storage.path=alerts", "--cluster.listen-address="),
            f"--web.listen-address=127.0.0.1:{port}",
        )
        (tmp_path / "blackbox.yml").write_text("modules: {http_2xx: {prober: http}}")
        start(
            stack,
            tmp_path,
            *("prometheus-blackbox-exporter", "--config.file=blackbox.yml"),
            f"--web.listen-address=127.0.0.1:{prober}",
        )
        python = str(system / ".venv/bin/python")
        for name, scenario in SCENARIOS.items():
            scenario.ports[:] = [find_free_port(), find_free_port()]
            (tmp_path / name.replace(" ", "-")).mkdir()
        killed, alive = (
            [str(s.ports[0]) for s in SCENARIOS.values() if (s.killed_after is None) is lives]
            for lives in (False, True)
        )
        start(stack, tmp_path, python, str(SERVICE), "system", *alive)
        doomed = start(stack, tmp_path / "killed", python, str(SERVICE), "system", *killed)
        await_ready(port, "/-/ready")
        stack.callback(stop.set)
        started = {
            name: start_prometheus(stack, tmp_path / name.replace(" ", "-"), name, port, prober)
            for name in SCENARIOS
        }
        for scenario in SCENARIOS.values():
            await_ready(scenario.ports[0], "/health/ready")
            threading.Thread(target=ask, args=(scenario, stop), daemon=True).start()
        for name, scenario in SCENARIOS.items():
            load_rules(scenario, tmp_path / name.replace(" ", "-"), started[name])
            if scenario.killed_after is not None:
                threading.Timer(scenario.killed_after, doomed.kill).start()
        yield port


@pytest.mark.skipif(
    None in PROGRAMS.values(),
    reason=f"needs {', '.join(PROGRAMS)}; install these Debian packages",
)
def test_each_failure_raises_exactly_the_promised_alerts_and_health_none(
    manager: int, system: Path
) -> None:
    promised = {name: scenario.alerts for name, scenario in SCENARIOS.items()}
    began = time.monotonic()

    while (found := read_alerts(manager)) != promised and time.monotonic() < began + DEADLINE:
        time.sleep(0.5)
    took = time.monotonic() - began
    time.sleep(HOLD)

    assert found == promised
    assert read_alerts(manager) == promised
    print(f"all fired after {took:.0f} s")
    assert query(SCENARIOS["healthy"], "count(slo:burn_rate)") == ["21"]  # three SLOs, watched
    assert list_empty_panels(system, SCENARIOS["over budget"]) == []


def list_empty_panels(system: Path, scenario: Scenario) -> list[str]:
    """Return the panels of the dashboards whose query Prometheus has no data for."""
    boards = [json.loads(path.read_text()) for path in (system / "ops/grafana").glob("*.json")]
    panels = [panel for board in boards for panel in board["panels"]]
    assert len(panels) == 11  # two an SLO, two of the budget, three unit metrics
    return [
        panel["title"]
        for panel in panels
        for target in panel["targets"]
        if not query(scenario, shorten_ranges(target["expr"]))
    ]
