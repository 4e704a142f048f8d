"""What the digits are, what the interface promises, and what the manifests limit."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from httpx import ASGITransport, AsyncClient, Response

from slip_reader.digests import sha256
from slip_reader.serving import scorer, scoring
from slip_reader.serving.app import create
from slip_reader.serving.canary import Rollout
from slip_reader.serving.service import Service

from evals import _platform_load as load
from evals._platform_names import config_entries

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "docs/eval_pack.md"


def app() -> Any:
    backend, _ = scoring.loaded({scoring.REF: scorer.exported()})
    service = Service("release-2026-11", {scorer.NAME: backend})
    service.ready = True
    return create(Rollout(service), {scorer.NAME: scorer.Question})


def ask(question: dict[str, Any]) -> Response:
    async def work() -> Response:
        async with AsyncClient(transport=ASGITransport(app()), base_url="http://test") as client:
            return await client.post("/v1/scorer", json=question)

    return asyncio.run(work())


def test_the_digits_have_their_shape_range_digest_and_licence() -> None:
    pixels, shown = scorer.rows()
    [entry] = [one for one in config_entries(PACK, "datasets") if one["id"] == "digits"]
    rules = (ROOT / "safety/safety_checklist.md").read_text(encoding="utf-8")
    [allowed] = [line for line in rules.splitlines() if line.startswith("allow: [")]
    assert pixels.shape == (entry["rows"], 64)
    assert (pixels.min(), pixels.max()) == (0, 16)
    assert set(shown.tolist()) == set(range(10))
    assert scorer.dataset_digest() == entry["sha256"]
    assert entry["licence"] in allowed


def test_no_dataset_has_personal_data_and_the_generated_ones_say_so() -> None:
    mapped = config_entries(ROOT / "safety/safety_checklist.md", "pii_map")
    known = {one["id"]: one for one in config_entries(PACK, "datasets")}
    assert {one["dataset"] for one in mapped} == known.keys()
    assert {one["category"] for one in mapped} == {"none"}
    assert {name for name, one in known.items() if one["synthetic"]} == {"traffic", "drills"}


def test_the_test_rows_do_not_drift_from_the_training_rows() -> None:
    """Shares of the ten digits differ by less than 0.03, and the mean ink by less than 2 %."""
    pixels, shown = scorer.rows()
    test = scorer.is_test(len(shown))
    shares = [np.bincount(shown[rows], minlength=10) / rows.sum() for rows in (test, ~test)]
    assert np.abs(shares[0] - shares[1]).max() < 0.03
    assert abs(pixels[test].mean() / pixels[~test].mean() - 1) < 0.02


def test_no_picture_is_there_twice() -> None:
    pixels, _ = scorer.rows()
    assert len(np.unique(pixels, axis=0)) == len(pixels)


def test_the_test_rows_are_the_frozen_ones() -> None:
    [entry] = [one for one in config_entries(PACK, "datasets") if one["id"] == "digits"]
    rows = np.flatnonzero(scorer.is_test(entry["rows"])).tolist()
    assert sha256(rows) == entry["split"]["sha256"]


def test_other_test_rows_give_the_same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    before = scorer.exported()
    pixels, shown = scorer.rows()
    changed = pixels.copy()
    changed[scorer.is_test(len(shown))] = 0.0
    monkeypatch.setattr(scorer, "rows", lambda: (changed, shown))
    assert scorer.exported() == before


def test_the_generated_traffic_has_the_mean_work_that_the_capacity_assumes() -> None:
    work = [seconds for trace in load.traces(7) for _, seconds in trace]
    assert len(work) == 16_000
    assert abs(sum(work) / len(work) / load.MEAN_WORK - 1) < 0.02
    assert load.CAPACITY == 200


def test_the_schema_of_requests_and_responses_is_the_one_that_was_frozen() -> None:
    """A change is a new file, and a new version of the path if it breaks a consumer."""
    frozen = json.loads((ROOT / "evidence/openapi-2026-11.json").read_text(encoding="utf-8"))
    given = app().openapi()
    assert given["paths"] == frozen


def test_an_answer_and_its_log_line_carry_the_release(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="serving")
    answer = ask(scoring.SMOKE)
    [line] = [json.loads(r.getMessage()) for r in caplog.records if r.name == "serving"]
    assert answer.json()["release"] == line["release"] == "release-2026-11"


def test_no_log_line_has_a_field_that_holds_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="serving")
    ask({"pixels": [3.25] * 64})
    [line] = [json.loads(r.getMessage()) for r in caplog.records if r.name == "serving"]
    assert set(line) == FIELDS
    assert "3.25" not in json.dumps(line)


FIELDS = {"route", "status", "release", "degraded", "seconds", "trace_id"}


def test_the_ingress_limits_each_caller_and_wants_its_certificate() -> None:
    text = (ROOT / "deploy/kubernetes/ingress.yaml").read_text(encoding="utf-8")
    notes = {
        name.rpartition("/")[2]: value
        for name, value in yaml.safe_load(text)["metadata"]["annotations"].items()
    }
    assert 0 < int(notes["limit-rps"]) < load.CAPACITY
    assert notes["auth-tls-verify-client"] == "on"
    assert notes["auth-tls-secret"]


def test_the_network_lets_in_labelled_namespaces_only() -> None:
    text = (ROOT / "deploy/kubernetes/network.yaml").read_text(encoding="utf-8")
    [rule] = yaml.safe_load(text)["spec"]["ingress"]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"may-ask": "slip-reader"}}}]


def test_the_series_of_the_costs_try_every_unit_metric_of_the_month() -> None:
    text = (ROOT / "tests/platform/costs.yml").read_text(encoding="utf-8")
    tried = {
        case["expr"] for test in yaml.safe_load(text)["tests"] for case in test["promql_expr_test"]
    }
    units = config_entries(ROOT / "cost/cost_dashboard_spec.md", "unit_metrics")
    assert {one["expr"] for one in units if one["id"] != "spend-per-thousand"} == tried
