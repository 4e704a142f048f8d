"""The rules of Prometheus that are derived from SLOs, budgets and alerts, run by promtool."""

import datetime
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.charter.charter import Charter
from mlcharter.check import engine
from mlcharter.commands.export import command
from mlcharter.export.kinds import prometheus
from mlcharter.formats import promql
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Overlay

ROOT = Path(__file__).parents[2]
PROMTOOL = shutil.which("promtool", path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
ANSWERS = """\
_commit: v0.1.0
_src_path: https://git.acme.example/charter.git
layout: documents
owner: '@acme/ops'
project_name: Watch
tier: production
tracks: [platform]
"""
SLO = """\
- {name: ready, service: watch, description: it answers, timeWindow: 28d,
   ratioMetric: {good: 'sum(rate(asked_total{code!~"5.."}[5m]))',
     total: 'sum(rate(asked_total[5m]))'},
   budgetingMethod: Occurrences, target: 0.995, alertPolicies: [burn]}
"""
METRIC = """\
- {id: spend, expr: "sum(increase(cost_total[1d]))", unit: EUR, otel: null, focus: []}
"""
BUDGET = """\
- {id: day, metric: spend, amount: 1000, currency: EUR, period: day, owner: "@acme/ops",
   alert: spent, warn_at: [0.5, 0.8, 1.0], hard: true}
"""
ALERTS = """\
- {id: burn, subject: slo/ready, owner: "@acme/ops", runbook: "#burn"}
- {id: spent, subject: budget/day, owner: "@acme/ops", runbook: "#spent"}
- {id: breaker, subject: drift/backend, expr: "breaker_state > 0", wait: 2m, severity: ticket,
   owner: "@acme/ops", runbook: "#breaker"}
"""


def block(kind: str, text: str) -> str:
    return f"<!-- config: {kind} -->\n```yaml\n{text}```\n\n"


def files(
    slos: str = SLO,
    metrics: str = METRIC,
    budgets: str = BUDGET,
    alerts: str = ALERTS,
    more: str = "",
) -> dict[str, str]:
    return {
        ".copier-answers.yml": ANSWERS,
        "ops/runbook.md": "# Watch\n\n" + block("slos", slos) + block("alerts", alerts) + more,
        "cost/cost_dashboard_spec.md": "# Cost\n\n"
        + block("unit_metrics", metrics)
        + block("budgets", budgets),
    }


@contextmanager
def open_charter(root: Path, texts: dict[str, str]) -> Iterator[Charter]:
    tree = Overlay(Folder(root), {path: text.encode() for path, text in texts.items()})
    charter = engine.open_charter(tree, datetime.date(2026, 12, 1))
    try:
        yield charter
    finally:
        charter.close()


def derive(root: Path, texts: dict[str, str]) -> dict[str, str]:
    with open_charter(root, texts) as charter:
        return prometheus.render(charter)


def render(root: Path, texts: dict[str, str]) -> str | None:
    return derive(root, texts).get(prometheus.RULES)


def rules(text: str) -> list[dict[str, object]]:
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


FINE = {'asked_total{code="200"}': "0+1000x360", "cost_total": "0+0.1x360"}
ALL_BURNS = {"ready-burn-1h", "ready-burn-6h", "ready-burn-1d", "ready-burn-3d"}
SERIES = {
    "all is well": (FINE, set()),
    "no traffic at all is no error": ({**FINE, 'asked_total{code="200"}': "5+0x360"}, set()),
    "every answer fails, and none was ever good": (
        {"cost_total": "0x360", 'asked_total{code="500"}': "0+1000x360"},
        ALL_BURNS,
    ),
    "a burn of 10 pages by the longer windows only": (
        {**FINE, 'asked_total{code="500"}': "0+52x360"},
        ALL_BURNS - {"ready-burn-1h"},
    ),
    "a slow burn of 5.5 is a ticket": (
        {**FINE, 'asked_total{code="500"}': "0+28x360"},
        {"ready-burn-1d", "ready-burn-3d"},
    ),
    "the slowest burn, of 1, is a ticket": (
        {**FINE, 'asked_total{code="500"}': "0+5x360"},
        {"ready-burn-3d"},
    ),
    "a burn that ended is over": (
        {**FINE, 'asked_total{code="500"}': "0+150x100 15000x260"},
        {"ready-burn-3d"},
    ),
    "all series are stale": (
        {'asked_total{code="200"}': "0+1000x60 stale", "cost_total": "0+0.1x60 stale"},
        {"ready-absent"},
    ),
    "there never was a series": ({"other": "1x360"}, {"ready-absent", "day-absent"}),
    "half of a budget is spent": ({**FINE, "cost_total": "0+1.7x360"}, {"day-spent-50"}),
    "80 % of a budget is spent": (
        {**FINE, "cost_total": "0+2.5x360"},
        {"day-spent-50", "day-spent-80"},
    ),
    "a budget is exceeded": (
        {**FINE, "cost_total": "0+3x360"},
        {"day-spent-50", "day-spent-80", "day-spent-100"},
    ),
    "an alert of the runbook is copied": ({**FINE, "breaker_state": "1x360"}, {"breaker"}),
}


def run_promtool(folder: Path, tests: str) -> "subprocess.CompletedProcess[str]":
    if PROMTOOL is None:
        pytest.skip("promtool is not here; install Prometheus")
    command = [PROMTOOL, "test", "rules", tests]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("case", SERIES)
def test_exactly_the_promised_alerts_fire(tmp_path: Path, case: str) -> None:
    series, firing = SERIES[case]
    text = render(tmp_path, files())
    assert text is not None
    (tmp_path / "rules.yml").write_text(text)
    names = [str(rule["alert"]) for rule in rules(text) if "alert" in rule]
    # ALERTS at the end of the series, by name: promtool compares labels, so they are aggregated.
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(firing)]
    expr = 'count by (alertname) (ALERTS{alertstate="firing"})'
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": n, "values": v} for n, v in series.items()],
                "promql_expr_test": [{"expr": expr, "eval_time": "6h", "exp_samples": expected}],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test))

    done = run_promtool(tmp_path, "test.yml")

    assert firing <= set(names)
    assert done.returncode == 0, done.stdout + done.stderr


def test_factors_come_from_the_window_and_the_target(tmp_path: Path) -> None:
    text = render(tmp_path, files(slos=SLO.replace("28d", "30d").replace("0.995", "0.999")))

    assert text is not None
    budget = re.findall(r"\) / \(1 - (\S+)\)\n", text)
    limits = re.findall(r'window="(\w+)"\} > (\S+)', text)
    assert budget == ["0.999"] * 7
    assert limits[::2] == [("1h", "14.4"), ("6h", "6.0"), ("1d", "3.0"), ("3d", "1.0")]


def test_a_low_target_has_only_alerts_that_can_fire(tmp_path: Path) -> None:
    text = render(tmp_path, files(slos=SLO.replace("0.995", "0.9")))

    assert text is not None
    names = [rule["alert"] for rule in rules(text) if "alert" in rule]
    assert [name for name in names if "burn" in str(name)] == [
        "ready-burn-6h",
        "ready-burn-1d",
        "ready-burn-3d",
    ]


def test_an_expression_of_the_team_about_an_slo_stays_an_alert(tmp_path: Path) -> None:
    own = """\
- {id: old-burn, subject: slo/ready, expr: "vector(0) > 1", wait: 2m, severity: page,
   owner: "@acme/ops", runbook: "#burn"}
"""
    text = render(tmp_path, files(alerts=ALERTS + own))

    assert text is not None
    assert {"old-burn", "ready-burn-1h"} <= {str(rule.get("alert")) for rule in rules(text)}


def test_an_alert_that_is_not_derived_needs_an_expression(tmp_path: Path) -> None:
    own = '- {id: own, subject: risk/queue, owner: "@acme/ops", runbook: "#burn"}\n'

    with pytest.raises(UserError, match='`alerts` "own" has no `expr`'):
        render(tmp_path, files(alerts=ALERTS + own))


def test_each_alert_names_its_entry_and_its_playbook(tmp_path: Path) -> None:
    text = render(tmp_path, files())

    assert text is not None
    assert text.count("{severity: page, owner: '@acme/ops', alert_policy: burn}") == 3
    assert text.count("{severity: ticket, owner: '@acme/ops', alert_policy: burn}") == 2
    assert "runbook: ops/runbook.md#burn}" in text


def test_an_expression_that_closes_a_parenthesis_is_refused(tmp_path: Path) -> None:
    texts = files(slos=SLO.replace("sum(rate(asked_total[5m]))", "sum(a[5m]) or (b"))

    with pytest.raises(UserError, match=r'an expression of `slos` "ready" is not valid'):
        render(tmp_path, texts)


def test_two_windows_are_refused(tmp_path: Path) -> None:
    good = "sum(rate(asked_total[5m]))"
    texts = files(slos=SLO.replace(good, f"{good} + sum(rate(b_total[1h]))"))

    with pytest.raises(UserError, match="needs one window in `good` and in `total`"):
        render(tmp_path, texts)


HOSTILE = st.lists(
    st.sampled_from(
        [
            "{{",
            "}}",
            "$labels",
            "#",
            "\n",
            '"',
            "'",
            "`",
            "\\",
            ")",
            "(",
            "[1h]",
            " or ",
            "- ",
            ": ",
        ]
        + ["alert: x", "a", "\u2028", "\x00"]
    ),
    max_size=12,
).map("".join)


@settings(deadline=None)
@given(label=HOSTILE, note=HOSTILE)
def test_hostile_text_stays_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, label: str, note: str
) -> None:
    quoted = label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    total = f'sum(rate(asked_total{{path="{quoted}"}}[5m])) # {note}'
    alert = f'up{{path="{quoted}"}} > 0 # {note}'
    if promql.read(total).problem or promql.read(alert).problem:
        return
    slo = yaml.safe_load(SLO)
    slo[0]["ratioMetric"] = {"good": total, "total": total}
    alerts = yaml.safe_load(ALERTS)
    alerts[0]["owner"] = "{{printf`x`}}@acme.example"
    alerts[2]["expr"] = alert
    root = tmp_path_factory.mktemp("hostile", numbered=True)

    texts = files(slos=yaml.safe_dump(slo), alerts=yaml.safe_dump(alerts))
    text = render(root, texts)
    plain = render(root, files())

    assert text is not None and plain is not None
    assert [(rule.get("alert"), rule.get("record")) for rule in rules(text)] == [
        (rule.get("alert"), rule.get("record")) for rule in rules(plain)
    ]
    for rule in rules(text):
        assert not promql.read(str(rule["expr"])).problem
    assert '{{"{{"}}printf`x`}}@acme.example' in text


def test_check_fails_when_a_block_changed_and_names_the_command(tmp_path: Path) -> None:
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(command, ["-C", str(tmp_path), "--no-cache", *options])
        lines = result.output.splitlines(keepends=True)
        return result.exit_code, "".join(line for line in lines if "prometheus" in line)

    path, tests = "ops/prometheus/rules.yml", "ops/prometheus/tests.yml"
    mend = "run `mlcharter export prometheus`"
    never = "".join(f"{path}: never written; {mend}\n" for path in (path, tests))
    missing = "".join(f"{path}: missing; {mend}\n" for path in (path, tests))
    # Limits of burn rates do not depend on the target.
    differ = f"{path}: differs from the config blocks; {mend}\n{tests}: current\n"
    answers = tmp_path / ".copier-answers.yml"
    answers.write_text(ANSWERS.replace("production", "prototype"))
    assert run("--check") == (0, never)
    assert run("--check", "prometheus") == (1, missing)
    answers.write_text(ANSWERS)
    assert run("--check") == (1, missing)
    assert run() == (0, f"{path}: written\n{tests}: written\n")
    assert run("--check") == (0, f"{path}: current\n{tests}: current\n")
    runbook = tmp_path / "ops/runbook.md"
    runbook.write_text(runbook.read_text().replace("0.995", "0.999"))
    assert run("--check") == (1, differ)
    for document in ("ops/runbook.md", "cost/cost_dashboard_spec.md"):
        (tmp_path / document).write_text("# Nothing\n")
    obsolete = "is derived from nothing; delete the file, or fill in `slos`, `budgets`, `alerts`\n"
    assert run() == (1, f"{path}: {obsolete}{tests}: {obsolete}")
    (tmp_path / path).unlink()
    (tmp_path / tests).unlink()
    empty = "prometheus: nothing to write; fill in `slos`, `budgets`, `alerts`\n"
    assert run("prometheus") == (0, empty)


def test_documents_alone_need_their_alerts_and_the_kinds_that_they_have_begun(
    tmp_path: Path,
) -> None:
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    run = ["-C", str(tmp_path), "--no-cache"]
    assert CliRunner().invoke(command, [*run, "prometheus"]).exit_code == 0

    def check() -> tuple[int, list[str]]:
        result = CliRunner().invoke(command, [*run, "--check"])
        return result.exit_code, [line for line in result.output.splitlines() if "grafana" in line]

    never = "never written; run `mlcharter export grafana`"
    slos, cost = "ops/grafana/slos.json", "ops/grafana/cost.json"
    assert check() == (0, [f"{slos}: {never}", f"{cost}: {never}"])
    (tmp_path / "ops/grafana").mkdir()
    (tmp_path / slos).write_text("{}")
    differs = "differs from the config blocks; run `mlcharter export grafana`"
    missing = "missing; run `mlcharter export grafana`"
    assert check() == (1, [f"{slos}: {differs}", f"{cost}: {missing}"])
    (tmp_path / ".copier-answers.yml").write_text(ANSWERS.replace("documents", "full"))
    (tmp_path / slos).unlink()
    assert check() == (1, [f"{slos}: {missing}", f"{cost}: {missing}"])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("target: 0.995", "target: 1", '`slos` "ready" has `1` as `target`; '),
        ("target: 0.995", "target: [", "`slos`: "),
    ],
)
def test_an_alert_is_not_lost_silently_when_its_block_is_mistyped(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    """Whoever exports and does not check would have no alert, and a green `--check`."""
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text.replace(old, new))

    for options in ((), ("--check",)):
        shown = CliRunner().invoke(
            command, ["-C", str(tmp_path), "--no-cache", *options, "prometheus"]
        )
        assert shown.exit_code == 1, shown.output
        assert re.search(rf"ops/runbook\.md:\d+: left out, since {re.escape(why)}", shown.output)


def nothing_to_write(root: Path, answers: str) -> str:
    (root / ".copier-answers.yml").write_text(answers)
    result = CliRunner().invoke(command, ["-C", str(root), "--no-cache"])
    assert result.exit_code == 0
    return result.output


def test_an_export_names_the_config_blocks_that_are_not_filled_in(tmp_path: Path) -> None:
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops/runbook.md").write_text(
        "# Runbook\n\n<!-- config: slos -->\n```yaml\n- name: null\n  target: null\n```\n"
    )

    assert nothing_to_write(tmp_path, ANSWERS) == (
        "nothing to write; files are derived from config blocks that are not filled in yet:\n"
        "  `slos` in ops/runbook.md, for grafana, openslo, prometheus\n"
        "next: fill in one; `mlcharter explain slos` shows an example\n"
    )


def test_an_export_says_that_a_higher_tier_brings_the_config_blocks(tmp_path: Path) -> None:
    prototype = ANSWERS.replace("production", "prototype")

    assert nothing_to_write(tmp_path, prototype) == (
        "nothing to write; files are derived from config blocks that no document has yet\n"
        "next: nothing at this tier; `mlcharter update --data tier=production` adds them\n"
    )
