"""The hosts that code may reach, and the policy of the network for them."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner
from test_prometheus import ANSWERS, block, files, open_charter

from conftest import ROOT
from mlcharter.commands.export import command
from mlcharter.export.kinds import allowed, network

KUBERNETES = "1.31"
ON_KUBERNETES = ANSWERS + "package: s3_watch_\nplatform_serving: kubernetes\n"
WHO = 'methods: [GET], reason: x, owner: "@acme/ops", used_by: vendor'
TIDES = f"- {{host: tides.acme.example, port: 443, {WHO}}}\n"
ADDRESS = f"- {{host: 10.1.2.3, port: 5432, {WHO}}}\n"


def charter_files(egress: str, answers: str = ON_KUBERNETES) -> dict[str, str]:
    return files(more=block("egress", egress)) | {".copier-answers.yml": answers}


def render(root: Path, kind: Any, *blocks: str, **more: str) -> str | None:
    with open_charter(root, charter_files(*blocks, **more)) as charter:
        text: str | None = kind.render(charter).get(kind.PATHS[0])
        return text


@pytest.fixture
def load() -> Any:
    """The class of the template that reads the file at run time."""
    [path] = (ROOT / "template/project/src").glob("*/rag/allowed.py")
    spec = importlib.util.spec_from_file_location("allowed_at_run_time", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Allowed.read


def test_code_may_reach_the_hosts_of_the_config_block(tmp_path: Path, load: Any) -> None:
    text = render(tmp_path / "charter", allowed, TIDES)
    assert text is not None
    (tmp_path / "allowed.json").write_text(text)

    assert load(tmp_path / "allowed.json").hosts == {("tides.acme.example", 443)}


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/v1",
        "https://tides.acme.example:8443/v1",
        "http://tides.acme.example/v1",
        "https://tides.acme.example@elsewhere.example/v1",
        "tides.acme.example",
    ],
)
def test_a_url_of_another_host_or_port_is_refused(tmp_path: Path, load: Any, url: str) -> None:
    text = render(tmp_path / "charter", allowed, TIDES)
    assert text is not None
    (tmp_path / "allowed.json").write_text(text)
    read = load(tmp_path / "allowed.json")
    read.check("https://tides.acme.example/v1")

    with pytest.raises(PermissionError, match=r"is not in safety/allowed\.json"):
        read.check(url)


def test_without_the_file_nothing_is_allowed(tmp_path: Path, load: Any) -> None:
    assert load(tmp_path / "allowed.json").hosts == frozenset()


def test_a_file_that_is_damaged_allows_nothing(tmp_path: Path, load: Any) -> None:
    (tmp_path / "allowed.json").write_text('{"hosts": [')

    with pytest.raises(ValueError, match="Expecting value"):
        load(tmp_path / "allowed.json")


def test_an_invalid_entry_is_not_allowed(tmp_path: Path) -> None:
    text = render(
        tmp_path, allowed, TIDES + TIDES.replace("tides.acme.example", '"*.acme.example"')
    )

    assert text is not None
    assert [one["host"] for one in json.loads(text)["hosts"]] == ["tides.acme.example"]


@pytest.mark.parametrize("kind", [allowed, network], ids=["allowed", "network"])
def test_the_host_of_a_starter_is_not_let_out(tmp_path: Path, kind: Any) -> None:
    """It does not exist, and a new repository would lack the files from its first day on."""
    assert render(tmp_path, kind, TIDES.replace("host:", "starter: true, host:")) is None


@pytest.mark.parametrize("kind", [allowed, network], ids=["allowed", "network"])
def test_empty_config_blocks_give_no_file(tmp_path: Path, kind: Any) -> None:
    assert render(tmp_path, kind, "[]\n") is None


def rules(text: str) -> list[dict[str, Any]]:
    policy = yaml.safe_load(text)
    kubernetes_validate.validate(policy, KUBERNETES, strict=True)
    assert policy["metadata"]["name"] == "s3-watch-egress"
    assert policy["spec"]["podSelector"] == {"matchLabels": {"app": "s3-watch"}}
    found: list[dict[str, Any]] = policy["spec"]["egress"]
    return found


def test_the_network_lets_out_look_ups_and_the_ports_of_named_hosts(tmp_path: Path) -> None:
    text = render(tmp_path, network, TIDES)

    assert text is not None
    dns, public = rules(text)
    assert {one["port"] for one in dns["ports"]} == {53}
    assert public["ports"] == [{"protocol": "TCP", "port": 443}]
    excepted = {cidr for one in public["to"] for cidr in one["ipBlock"]["except"]}
    assert {"169.254.0.0/16", "10.0.0.0/8"} <= excepted
    assert "#   tides.acme.example:443\n" in text


def test_an_address_is_let_out_alone_without_look_ups(tmp_path: Path) -> None:
    text = render(tmp_path, network, ADDRESS)

    assert text is not None
    [rule] = rules(text)
    assert rule["to"] == [{"ipBlock": {"cidr": "10.1.2.3/32"}}]
    assert rule["ports"] == [{"protocol": "TCP", "port": 5432}]


def test_a_key_that_kubernetes_does_not_know_would_be_seen(tmp_path: Path) -> None:
    text = render(tmp_path, network, TIDES)

    assert text is not None
    with pytest.raises(kubernetes_validate.ValidationError, match="podSelektor"):
        rules(text.replace("podSelector", "podSelektor"))


def test_hostile_answers_stay_in_their_place(tmp_path: Path) -> None:
    evil = ON_KUBERNETES.replace("s3_watch_", '"x, y: [\\n- z]"')

    text = render(tmp_path, network, TIDES, answers=evil)

    assert text is not None
    assert yaml.safe_load(text)["metadata"] == {"name": "x, y: [\n- z]-egress"}


def test_a_service_elsewhere_gets_no_policy_and_is_told_why(tmp_path: Path) -> None:
    texts = charter_files(TIDES, answers=ON_KUBERNETES.replace("kubernetes", "vm"))
    with open_charter(tmp_path, texts) as charter:
        assert network.render(charter) == {}
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    result = CliRunner().invoke(command, ["-C", str(tmp_path), "--no-cache", "network"])

    assert result.output == (
        "network: nothing to write; "
        "fill in `egress`, in a repository that is served by Kubernetes\n"
    )
