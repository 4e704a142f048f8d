"""The report of the shipped run: what moves together is named by its digest."""

import json
from importlib import import_module
from pathlib import Path

from quay_dispatch.digests import sha256
from quay_dispatch.rl import policies, rewards, shield
from quay_dispatch.rl.environment import Quay, quay
from quay_dispatch.rl.limits import EVAL_PACK
from quay_dispatch.rl.logs import collect, halves

ROOT = Path(__file__).parents[2]
REPORT = json.loads((ROOT / "reports/rl.json").read_text(encoding="utf-8"))
DIGESTS = {a["kind"]: a["sha256"] for a in REPORT["artifacts"]}


def test_the_policy_in_the_repository_is_the_one_that_was_evaluated() -> None:
    policy = json.loads((ROOT / "reports/rl/policy.json").read_text(encoding="utf-8"))
    assert sha256(policy) == DIGESTS["policy"]


def test_the_environment_and_the_reward_in_the_code_are_those_that_were_evaluated() -> None:
    assert sha256(quay().content()) == DIGESTS["environment"]
    assert rewards.digest(quay()) == DIGESTS["reward"]
    assert sha256(quay(wind=0.02).content()) != DIGESTS["environment"]


def test_the_split_in_the_document_is_the_one_that_was_made() -> None:
    """The digest in the eval pack is of the sorted ids of the episodes that were judged."""
    evals = import_module("evals.rl")
    table = quay()
    driver = policies.operator(shield.allowed(table), evals.CARE)
    log = collect(Quay(table), driver, 2 * evals.EPISODES, seed=evals.SEED)
    assert log.digest() == DIGESTS["experience"]
    late = sha256(sorted(halves(log)[1].episodes.tolist()))
    assert f"key: episode, sha256: {late}}}" in (ROOT / EVAL_PACK).read_text(encoding="utf-8")


def test_the_log_is_both_a_dataset_and_a_registered_experience() -> None:
    [log] = [d["sha256"] for d in REPORT["datasets"] if d["id"] == "quay-log"]
    assert log == DIGESTS["experience"]
