"""The tests of promtool that are written beside the rules, and what they notice."""

from pathlib import Path

import pytest
import yaml
from test_prometheus import ALERTS, block, derive, files, rules, run_promtool

from mlcharter.export.kinds import prometheus
from mlcharter.support.errors import UserError

EVALS = block(
    "slices",
    "- {id: night, dataset: harbour, where: night, min_n: 50, protected: true, alert: worse}\n",
) + block(
    "gates",
    """\
- {id: recall-night, metric: recall, dataset: harbour, slice: night, op: ">=", threshold: 0.9,
   bound: lower95, min_n: 50, on_fail: block, decided_on: 2026-11-01, rationale: agreed}
- {id: brier-night, metric: brier, dataset: harbour, slice: night, op: "<=", threshold: 0.12,
   bound: upper95, min_n: 50, on_fail: block, decided_on: 2026-11-01, rationale: agreed}
- {id: uplift-night, metric: recall, dataset: harbour, slice: night, against: last-release,
   op: ">=", threshold: -0.02, bound: lower95, min_n: 50, on_fail: block, decided_on: 2026-11-01,
   rationale: agreed}
""",
)
ROLLOUT = block(
    "rl_rollout",
    """\
{steps: [{weight: 5, bake: 1d, abort_alert: violations}, {weight: 100, bake: 7d,
   abort_alert: violations}], exploration_max: 0.3, violation_ceiling: 0.05, alpha: 0.05,
 test: e-process, kill_switch: {command: make rollback, max_delay_episodes: 150}, taxonomy: [fell]}
""",
)
VENDORS = block(
    "vendors",
    """\
- {id: quay-ai, role: answers, fallback: baseline, ceiling: 900, currency: EUR, period: month,
   requests_per_minute: 600, tokens_per_minute: 90000, cut_over: {alert: quota, after_failures: 3},
   evidence: reports/cut-over.log}
""",
)
DERIVED = """\
- {id: outage, subject: probe/watch, owner: "@acme/ops", runbook: "#outage"}
- {id: worse, subject: slice/night, owner: "@acme/ops", runbook: "#slice"}
- {id: scores, subject: drift/score, owner: "@acme/ops", runbook: "#drift"}
- {id: quota, subject: vendor/quay-ai, owner: "@acme/ops", runbook: "#vendor"}
- {id: violations, subject: policy/violations, owner: "@acme/ops", runbook: "#policy"}
- {id: exploring, subject: policy/exploration, owner: "@acme/ops", runbook: "#policy"}
"""


@pytest.fixture
def derived(tmp_path: Path) -> dict[str, str]:
    return derive(tmp_path, files(alerts=ALERTS + DERIVED, more=EVALS + ROLLOUT + VENDORS))


def test_alerts_are_derived_from_gates_quotas_rollouts_and_probes(derived: dict[str, str]) -> None:
    found = {r["alert"]: r["expr"] for r in rules(derived[prometheus.RULES]) if "alert" in r}
    night = 'eval_metric{metric="recall",slice="night",bound="lower95"}'
    usage = 'gen_ai_client_token_usage_sum{gen_ai_provider_name="quay-ai"}'
    wealth, tripped = "policy_violation_log_wealth", "policy_switch_tripped"

    assert found["watch-unreachable"] == 'max(probe_success{service="watch"}) < 1'
    assert found["watch-unprobed"] == 'absent(probe_success{service="watch"})'
    assert found["worse-recall-night"] == f"{night} < 0.9"
    assert found["scores"] == 'input_psi{column="score"} > 0.2'
    assert found["quota-tokens"] == f"60 * sum(rate({usage}[5m])) > 0.8 * 90000.0"
    assert found["violations"] == f"max by (release) ({wealth}) >= 2.99573 or max({tripped}) > 0"
    assert found["exploring"] == "max by (release) (policy_exploration_ratio) > 0.3"
    assert "worse-uplift-night" not in found


def test_each_derived_alert_fires_and_stays_silent_on_the_generated_series(
    tmp_path: Path, derived: dict[str, str]
) -> None:
    for path, text in derived.items():
        (tmp_path / Path(path).name).write_text(text)
    expected = [
        [sample["labels"].split('"')[1] for sample in case["exp_samples"]]
        for test in yaml.safe_load(derived[prometheus.TESTS])["tests"]
        for case in test["promql_expr_test"]
    ]
    names = {r["alert"] for r in rules(derived[prometheus.RULES]) if "alert" in r} - {"breaker"}

    done = run_promtool(tmp_path, "tests.yml")

    assert done.returncode == 0, done.stdout + done.stderr
    assert {name for fires in expected for name in fires} == names
    assert all(any(name not in fires for fires in expected) for name in names)


LIMITS = [
    ("13.44", "14.4", {"ready-burn-1h"}),
    ("0.9333", "0.8", {"ready-burn-3d"}),
    ('window="30m"', 'window="6h"', {"ready-burn-6h"}),
    ("0.8 * 1000", "0.85 * 1000", {"day-spent-80"}),
    ("> 1.5 * max", "> 1.3 * max", {"day-anomaly"}),
    ("> 0.5 * 1000.0 / 1", "> 0.3 * 1000.0 / 1", {"day-anomaly"}),
    ("offset 7d >= 0", "offset 1d >= 0", {"day-anomaly"}),
    ("< 0.9", "< 0.8", {"worse-recall-night"}),
    ("> 0.2", "> 0.3", {"scores"}),
    (">= 2.99573", ">= 2.5", {"violations"}),
    ("> 0.3", "> 0.5", {"exploring"}),
    ("* 90000.0", "* 80000.0", {"quota-tokens"}),
    ("max(probe", "min(probe", {"watch-unreachable"}),
    ("absent_over_time(input_psi", "present_over_time(input_psi", {"scores-absent"}),
]


@pytest.mark.parametrize(("before", "after", "alerts"), LIMITS)
def test_the_generated_series_notice_a_changed_limit(
    tmp_path: Path, derived: dict[str, str], before: str, after: str, alerts: set[str]
) -> None:
    text = derived[prometheus.RULES]
    head, mark, alerting = text.partition("  - alert:")
    assert before in alerting
    (tmp_path / "rules.yml").write_text(head + mark + alerting.replace(before, after))
    tests = yaml.safe_load(derived[prometheus.TESTS])
    tests["tests"] = [t for t in tests["tests"] if any(a in str(t) for a in alerts)]
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))

    done = run_promtool(tmp_path, "tests.yml")

    assert done.returncode == 1
    assert any(f'alertname="{name}"' in done.stdout + done.stderr for name in alerts)


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        ("slice/day", "no gate of `gates` is on the slice `day` itself"),
        ("vendor/other", "the vendor `other` has no quota in `vendors`"),
        ("policy/violations", "`rl_rollout` is not filled in"),
    ],
)
def test_what_cannot_be_derived_says_what_is_missing(
    tmp_path: Path, alert: str, reason: str
) -> None:
    own = f'- {{id: own, subject: {alert}, owner: "@acme/ops", runbook: "#burn"}}\n'

    with pytest.raises(UserError, match=f"cannot be derived; {reason}"):
        derive(tmp_path, files(alerts=ALERTS + own, more=EVALS))


def test_a_slice_with_a_hostile_name_gives_no_rule(tmp_path: Path) -> None:
    own = (
        """- {id: own, subject: 'slice/"} or vector(1)', owner: "@acme/ops", runbook: "#burn"}\n"""
    )

    text = derive(tmp_path, files(alerts=ALERTS + own, more=EVALS))[prometheus.RULES]

    assert "vector" not in text
    assert 'slice/"' not in text
