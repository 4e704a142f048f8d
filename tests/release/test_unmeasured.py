"""What no frozen report measured is not released, whatever the registry says of it."""

import hashlib
import json
import re
from collections.abc import Callable

import pytest
from shop import Shop
from test_creating import MODEL, REGISTRIES, refusal

from conftest import ROOT

EVIL = "evil.json"
DIGEST = "05b15ee7ce547649e94a9b1ab3f1184ec18a19c33d1b1dfe3fda14ff61341fcc"  # of dataset/wdbc
REPORT = "reports/released/2026-11-applied.json"


def add_member(shop: Shop, name: str, digest: str, path: str, kind: str | None = None) -> str:
    """Register a file, pin it, and return its reference."""
    ref = f"{name}@sha256:{digest}"
    entry = f"""\
- ref: {ref}
  kind: {kind or name.partition("/")[0]}
  path: {path}
  format: json
  licence: Apache-2.0
  card: docs/cards/model.md
  datasets: ["dataset/wdbc@sha256:{DIGEST}"]
  embedder: null
  stage: released
  owner: "@northbank/cytology-ml"
"""
    registries = shop.root / REGISTRIES
    text = registries.read_text().replace(
        "<!-- config: registry -->\n```yaml\n", f"<!-- config: registry -->\n```yaml\n{entry}"
    )
    text = text.replace("members:\n", f"members:\n  - {ref}\n")
    found = re.sub(r"required: \[(.*)\]", rf"required: [\1, {ref.partition('/')[0]}]", text)
    registries.write_text(found)
    return ref


def add_evil(shop: Shop, name: str = "reranker/evil", kind: str | None = None) -> str:
    """Add a file that no report names as a member, and return its reference."""
    data = b'{"weights": [666]}'
    (shop.root / EVIL).write_bytes(data)
    return add_member(shop, name, hashlib.sha256(data).hexdigest(), EVIL, kind)


def edit_model(shop: Shop, old: str, new: str) -> None:
    """Change a line of the model's entry in `registry`."""
    head, mark, rest = (shop.root / REGISTRIES).read_text().partition(f"path: {MODEL}\n")
    (shop.root / REGISTRIES).write_text(head + mark + rest.replace(old, new, 1))


def name_in_datasets(shop: Shop) -> None:
    edit_model(shop, "datasets: [", f'datasets: ["{add_evil(shop)}", ')
    (shop.root / ".mlcharter.yml").write_text("ignore: ['*']\n")


def name_as_embedder(shop: Shop) -> None:
    ref = add_evil(shop, "model/evil")
    edit_model(shop, "embedder: null", f"embedder: {ref}")


def register_what_the_eval_read(shop: Shop) -> None:
    """As a reranker, a file of code whose bytes are in the report's list of inputs."""
    report = json.loads((shop.root / REPORT).read_text())
    [digest] = [d for p, d in report["inputs"]["files"].items() if p == "evals/applied.py"]
    add_member(shop, "reranker/evil", digest, "reports/released/copy.json")


def measure_another_version(shop: Shop) -> None:
    """A second report has gates on another version of the model."""
    report = json.loads((shop.root / REPORT).read_text())
    report["track"] = "fairness"
    for artifact in report["artifacts"]:
        artifact["sha256"] = "f5" * 32
    (shop.root / "reports/released/2026-11-fairness.json").write_text(json.dumps(report))


def call_a_model_a_reward(shop: Shop) -> None:
    add_evil(shop, "reward/evil", kind="model")


ATTACKS: dict[str, tuple[Callable[[Shop], None], str]] = {
    "a model that is called data of what was measured": (
        name_in_datasets,
        "`reranker/evil`: no frozen report measured these bytes",
    ),
    "a model that is called the embedder of what was measured": (
        name_as_embedder,
        "`model/evil`: no frozen report measured these bytes",
    ),
    "another file that the eval read": (
        register_what_the_eval_read,
        "`reranker/evil`: no frozen report measured these bytes",
    ),
    "a model that a second report measured in another version": (
        measure_another_version,
        "`model/applied`: `reports/released/2026-11-fairness.json` measured other bytes",
    ),
    "a model that is called a reward": (
        call_a_model_a_reward,
        "`reward/evil` is registered with the kind `model`",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_not_released(new_shop: Shop, attack: str) -> None:
    spoil, reason = ATTACKS[attack]
    spoil(new_shop)
    new_shop.commit()

    assert reason in refusal(new_shop.create)


def test_a_reward_needs_no_report_and_no_service_loads_it(new_shop: Shop) -> None:
    """It trained a policy, whose own bytes must be measured; a service looks up no reward."""
    add_evil(new_shop, "reward/paid")
    new_shop.commit()

    assert not [one for one in refusal(new_shop.create) if "measured" in one]
    backends = (ROOT / "template/project/src").glob("*/serving/backends/*")
    texts = [path.read_text() for path in backends]
    assert len(texts) >= 4
    assert not [text for text in texts if "reward/" in text]
