"""What a release consists of, who must sign it, and what forbids it."""

import datetime
import hashlib
import json
import os
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from shop import FIRST, NOW, SECOND, Shop, describe_release

from mlcharter.release import evidence, live
from mlcharter.release.refusal import RefusedError
from mlcharter.release.store import TITLE
from mlcharter.support.files import Folder

DIGEST = "e5fc086b1c7018ed623a2f55cc7d943facb02a659d20bed49f2f84bb71c1d8ed"
MODEL = "reports/released/2026-11-model.json"
REGISTRIES, EVAL_PACK = "versioning/registries.md", "docs/eval_pack.md"
GATE = 'slice: wdbc-test\n  op: ">="\n  threshold: 0.95\n'


def refusal(action: Callable[[], object]) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        action()
    return list(caught.value.reasons)


def test_a_release_has_members_cards_evidence_and_the_ml_bom(shop: Shop) -> None:
    verified = shop.verify(FIRST)

    assert sorted(file.annotations[TITLE] for file in verified.files) == [
        "docs/cards/data_wdbc.md",
        "docs/cards/model.md",
        "docs/eval_pack.md",
        "ml-bom.json",
        "model/applied.json",
        "proofs.json",
        "reports/released/2026-11-applied.json",
        "reports/released/2026-11-gates.json",
        "reports/released/2026-11-installed.txt",
        "reports/released/2026-11-tests.xml",
        "versioning/registries.md",
    ]
    assert [member.name for member in verified.statement.members] == [
        "model/applied",
        "dataset/wdbc",
        "eval/applied",
    ]
    assert verified.signers == ("northbank-2026",)


def test_the_ml_bom_is_valid_and_has_the_numbers_of_the_model(shop: Shop) -> None:
    files = {file.annotations[TITLE]: file for file in shop.verify(FIRST).files}
    text = shop.store.get(files["ml-bom.json"], FIRST).decode()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    model = json.loads(text)["components"][0]
    metrics = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert model["name"] == "model/applied"
    assert metrics[0] == {
        "confidenceInterval": {"lowerBound": "0.99032", "upperBound": "0.9999"},
        "slice": "wdbc, wdbc-test",
        "type": "auc",
        "value": "0.997801",
    }


def test_the_same_commit_gives_the_same_release(new_shop: Shop) -> None:
    first = new_shop.create()
    files = {p: p.read_bytes() for p in new_shop.root.rglob("*") if p.is_file()}
    again = new_shop.create()

    assert again == first
    assert {p: p.read_bytes() for p in new_shop.root.rglob("*") if p.is_file()} == files


def test_the_working_tree_does_not_count(new_shop: Shop) -> None:
    """A member is found by its digest; all else is read from the commit."""
    manifest = new_shop.draft().statement.manifest
    new_shop.edit(EVAL_PACK, "# Biopsy triage: evaluation pack", "# Something else")

    assert new_shop.draft().statement.manifest == manifest


def test_it_is_live_only_after_enough_people_have_signed(new_shop: Shop) -> None:
    new_shop.add_key("second-2026", "@northbank/privacy")
    new_shop.edit(REGISTRIES, "threshold: 1", "threshold: 2")
    commit = new_shop.commit()

    first = new_shop.create("northbank-2026")
    assert (first.signatures, first.needed, first.live) == (1, 2, False)
    assert live.read(Folder(new_shop.root)) is None
    assert refusal(lambda: new_shop.verify(FIRST)) == [
        "1 of 2 signatures by different keys of `signing`"
    ]

    new_shop.commit("Sign")
    second = new_shop.create("second-2026", commit=commit)
    assert second.live
    assert new_shop.verify(FIRST).signers == ("northbank-2026", "second-2026")


def test_the_tier_critical_needs_two_signatures(shop: Shop) -> None:
    shop.edit(".copier-answers.yml", "tier: production", "tier: critical")

    assert refusal(shop.verify) == ["1 of 2 signatures by different keys of `signing`"]


def test_a_pickle_is_not_released_although_every_digest_fits(
    new_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if reports had measured it: only the format is left to refuse it."""
    data = pickle.dumps({"weights": [1.0]})
    (new_shop.root / MODEL).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    path = new_shop.root / REGISTRIES
    path.write_text(path.read_text().replace(DIGEST, digest))
    new_shop.commit("Register a pickle as JSON")
    monkeypatch.setattr(evidence, "find_problems", lambda *_: [])

    assert refusal(new_shop.create) == [f"`model/applied`: {MODEL}: its content is not `json`"]


def test_what_is_live_is_on_the_disk_before_it_is_named(
    new_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power failure, the new name leads to whole files, or it is the old one."""
    events: list[str] = []
    fsync, rename = os.fsync, os.rename

    def flush(number: int) -> None:
        events.append("flush")
        fsync(number)

    def name(old: str, new: str, **folders: Any) -> None:
        events.append(new)
        rename(old, new, **folders)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(os, "rename", name)
    new_shop.create()

    named = [n for n, event in enumerate(events) if event != "flush"]
    assert all(events[n - 1] == events[n + 1] == "flush" for n in named)
    order = [events[n] for n in named]
    blobs = [n for n, one in enumerate(order) if len(one) == 64]
    assert order[-1] == "live.json"
    assert len(blobs) > 10 and max(blobs) < order.index("index.json")


def edit(path: str, old: str, new: str) -> Callable[[Shop], None]:
    return lambda shop: shop.edit(path, old, new)


FORBIDDEN: dict[str, tuple[Callable[[Shop], None], str]] = {
    "a gate that fails": (
        edit(EVAL_PACK, GATE, GATE.replace("0.95", "0.999")),
        r"gate `auc-overall`: fail, ",
    ),
    "code that changed after the eval": (
        edit("src/biopsy_triage/worklist.py", "import math\n", "import math\nimport re\n"),
        r"`reports/released/2026-11-applied.json` is stale: `src/biopsy_triage/worklist.py` ch",
    ),
    "a gate that changed after its proof": (
        edit(EVAL_PACK, GATE, GATE.replace("0.95", "0.96")),
        r"docs/eval_pack.md:\d+: `gates` .auc-overall. or what .* changed since the gate was",
    ),
    "an incomplete set": (
        edit(REGISTRIES, "required: [model, ", "required: [model, prompt, "),
        r"it pins no prompt, which is required",
    ),
    "a member that is revoked": (
        edit(REGISTRIES, "revoked: []", f"revoked: [model/applied@sha256:{DIGEST}]"),
        r"`model/applied` is revoked",
    ),
    "an expired key only": (
        edit(REGISTRIES, "not_after: 2027-08-31", "not_after: 2026-10-31"),
        r"versioning/registries.md:\d+: .*\[signing-key-unusable\]",
    ),
    "no proofs": (
        lambda shop: (shop.root / "proofs.json").unlink(),
        r"docs/eval_pack.md:\d+: `gates` .auc-overall. and 10 more have no proof",
    ),
    "no report": (
        lambda shop: (shop.root / "reports/released/2026-11-applied.json").unlink(),
        r"there is no eval report in reports/released; run `make release`, or save one there",
    ),
    "a model that no report measured": (
        edit(REGISTRIES, "\n  - model/applied@sha256:e5", "\n  - model/applied@sha256:f5"),
        r"`model/applied`: no frozen report measured these bytes",
    ),
    "a sequence below the least": (
        edit(REGISTRIES, "min_sequence: 1", "min_sequence: 3"),
        r"its sequence is 2, and `signing` accepts none below 3",
    ),
    "a sequence that is taken": (
        lambda shop: describe_release(shop, "release-2026-11b", 1, "release-2026-10"),
        r"its sequence 1 is not above that of release-2026-10, 1",
    ),
    "a finding of check": (
        edit("docs/design_doc.md", "Owner: ", "Keeper: "),
        r"docs/design_doc.md:1: the `Owner:` line is missing; .* \[field-empty\]",
    ),
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_it_is_not_made_with(new_shop: Shop, case: str) -> None:
    spoil, reason = FORBIDDEN[case]
    spoil(new_shop)
    new_shop.commit()

    reasons = refusal(new_shop.create)

    assert any(re.match(reason, one) for one in reasons), reasons
    assert not new_shop.store.folder.exists()
    assert live.read(Folder(new_shop.root)) is None


def test_settings_cannot_let_a_failing_gate_through(new_shop: Shop) -> None:
    (new_shop.root / ".mlcharter.yml").write_text("ignore: ['*']\n")
    new_shop.edit(EVAL_PACK, GATE, GATE.replace("0.95", "0.999"))
    new_shop.commit()

    assert any(one.startswith("gate `auc-overall`: fail") for one in refusal(new_shop.create))


def test_bytes_of_a_member_that_changed_are_not_released(new_shop: Shop) -> None:
    """The file of a member may be too large for Git, so it is read from the working tree."""
    (new_shop.root / MODEL).write_text("{}")

    assert refusal(new_shop.create) == [
        f"`model/applied`: {MODEL} has other bytes than those that are registered"
    ]


def test_a_commit_of_the_future_is_not_released(new_shop: Shop) -> None:
    """No machine with a correct clock would verify it."""
    early = NOW - datetime.timedelta(days=10)

    assert refusal(lambda: new_shop.create(now=early)) == [
        "the clock says 2026-11-20, but a release is of 2026-11-24; correct the clock"
    ]
    assert not new_shop.store.folder.exists()


def test_an_id_is_released_once(shop: Shop) -> None:
    shop.commit("Go on")

    assert refusal(shop.create) == [
        f"versioning/releases/{SECOND}.dsse.json is of another release with this id; "
        "take a new id, since a release never changes"
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            'owner: "@northbank/lab-it", purpose: release',
            'owner: "@northbank/lab-it", purpose: demo',
            "`northbank-2026` is a demo key, which counts at tier prototype only",
        ),
        (
            'owner: "@northbank/lab-it", purpose: release',
            "purpose: release",
            "the key `northbank-2026` has no `owner` in `signing`",
        ),
        (
            'owner: "@northbank/lab-it", purpose: release',
            'owner: "@northbank/quality", purpose: release',
            "@northbank/quality approved the release and has the key `northbank-2026`",
        ),
    ],
)
def test_a_signature_that_does_not_count(shop: Shop, old: str, new: str, reason: str) -> None:
    shop.edit(REGISTRIES, old, new)

    assert refusal(shop.verify) == ["0 of 1 signatures by different keys of `signing`", reason]


def test_a_demo_key_counts_in_a_prototype(shop: Shop) -> None:
    shop.edit(REGISTRIES, "purpose: release", "purpose: demo")
    shop.edit(".copier-answers.yml", "tier: production", "tier: prototype")

    assert shop.verify().signers == ("northbank-2026",)
