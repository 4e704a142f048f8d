"""SLOs as OpenSLO, judged by a schema that is written from its specification."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from openslo_schema import SCHEMA
from test_prometheus import SLO, files, open_charter

from mlcharter.export.kinds import openslo

SLICED = SLO.replace("Occurrences", "Timeslices, timeSliceWindow: 5m, timeSliceTarget: 0.95")


def objects(root: Path, slos: str) -> list[dict[str, Any]]:
    with open_charter(root, files(slos=slos)) as charter:
        text = openslo.render(charter)[openslo.PATHS[0]]
    return list(yaml.safe_load_all(text))


@pytest.mark.parametrize("slos", [SLO, SLICED])
def test_each_object_meets_the_specification(tmp_path: Path, slos: str) -> None:
    found = objects(tmp_path, slos)

    for each in found:
        jsonschema.validate(each, SCHEMA)
    assert [(each["kind"], each["metadata"]["name"]) for each in found] == [
        ("Service", "watch"),
        ("SLO", "ready"),
        ("AlertNotificationTarget", "burn"),
    ]


def test_an_slo_has_the_numbers_of_its_config_block(tmp_path: Path) -> None:
    slo = objects(tmp_path, SLICED)[1]["spec"]

    good = slo["indicator"]["spec"]["ratioMetric"]["good"]["metricSource"]["spec"]["query"]
    assert good == 'sum(rate(asked_total{code!~"5.."}[5m]))'
    assert slo["timeWindow"] == [{"duration": "28d", "isRolling": True}]
    assert slo["objectives"] == [
        {
            "displayName": "ready",
            "target": 0.995,
            "timeSliceTarget": 0.95,
            "timeSliceWindow": "5m",
        }
    ]
    conditions = [policy["spec"]["conditions"][0]["spec"] for policy in slo["alertPolicies"]]
    assert [(c["severity"], c["condition"]["threshold"]) for c in conditions] == [
        ("page", 13.44),
        ("page", 5.6),
        ("ticket", 2.8),
        ("ticket", 0.9333),
    ]


def test_the_schema_refuses_an_unknown_key_and_a_missing_slice(tmp_path: Path) -> None:
    slo = objects(tmp_path, SLICED)[1]
    for change in (
        lambda s: s["spec"].update(owner="me"),
        lambda s: s["spec"]["objectives"][0].pop("timeSliceWindow"),
        lambda s: s["spec"]["alertPolicies"][0]["spec"].pop("conditions"),
    ):
        broken = yaml.safe_load(yaml.safe_dump(slo))
        change(broken)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    evil = "x\n---\nkind: Service"
    slo = yaml.safe_load(SLO)
    slo[0]["description"] = evil

    found = objects(tmp_path, yaml.safe_dump(slo))

    assert len(found) == 3
    assert found[1]["spec"]["description"] == evil
