"""The manifests: pods that are probed, limited and may do little."""

from pathlib import Path
from typing import Any

import yaml

from slip_reader.serving.service import Settings

from evals._platform_names import config_entries

ROOT = Path(__file__).resolve().parents[2]


def manifests() -> dict[str, Any]:
    paths = (ROOT / "deploy/kubernetes").glob("*.yaml")
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
    return {manifest["kind"]: manifest for manifest in found}


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifests()["Deployment"]["spec"]["template"]["spec"]
    return spec


def test_a_pod_is_probed_limited_and_locked_down() -> None:
    [container] = pod()["containers"]
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    assert container["resources"]["limits"]["memory"]
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["automountServiceAccountToken"] is False


def test_a_pod_has_longer_to_stop_than_its_work_takes() -> None:
    [container] = pod()["containers"]
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pause + Settings().grace < pod()["terminationGracePeriodSeconds"]


def test_readiness_and_not_liveness_depends_on_the_release() -> None:
    [container] = pod()["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_nothing_gets_out_that_the_contract_does_not_list() -> None:
    text = (ROOT / "deploy/kubernetes/network.yaml").read_text(encoding="utf-8")
    policy = yaml.safe_load(text)["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert policy["egress"] == []
    egress = config_entries(ROOT / "safety/safety_checklist.md", "egress")
    listed = [entry for entry in egress if not entry.get("starter")]
    assert (ROOT / "deploy/kubernetes/egress.yaml").exists() is (listed != [])


def test_a_drain_of_nodes_leaves_instances() -> None:
    assert manifests()["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1
    assert manifests()["Deployment"]["spec"]["replicas"] > 1
