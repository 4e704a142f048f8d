"""`mlcharter explain`: every name has a page, and a mistyped one a suggestion."""

from typing import get_args

import pytest
from click.testing import CliRunner, Result

from conftest import ROOT, TRACKS, Render
from mlcharter.charter import config_entries
from mlcharter.check import rule
from mlcharter.cli import cli
from mlcharter.explain import pages
from mlcharter.formats import model_errors, yamlblock
from mlcharter.gate.verdict import Outcome, Reason
from mlcharter.template import specification
from mlcharter.template.specification import Specification

DEMANDS = specification.read(ROOT, {"tracks": list(TRACKS), "layout": "documents"})


def explain(*args: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *args])


def test_the_page_of_an_item_shows_evidence_and_waiver() -> None:
    assert explain("gates-can-fail").output == (
        "gates-can-fail: Each gate has a proof in proofs.json: it fails on a system that was "
        "really broken.\n"
        "\n"
        "An item of `ci-gates` in docs/eval_pack.md, required from prototype on.\n"
        "\n"
        "Tick it and link its evidence, or waive it:\n"
        "\n"
        "    - [x] `gates-can-fail` … Evidence: [report](../reports/released/….json) (sha256:…)\n"
        "    - [ ] `gates-can-fail` … Waived until 2027-01-31 by @lead: why it can wait\n"
    )


@pytest.mark.parametrize("name", rule.names())
def test_the_page_of_a_rule_has_its_reason_and_examples(name: str) -> None:
    described = rule.describe(name)
    page = explain(name).output

    assert page.startswith(f"{name}: {described.title}\n\n{described.reason}\n")
    for example in described.examples:
        first = example.text.strip().splitlines()[0]
        assert f"\n{example.kind}:\n\n    {first}\n" in page


@pytest.mark.parametrize("kind", config_entries.kinds())
def test_the_page_of_a_config_block_has_a_block_to_copy(kind: str) -> None:
    page = explain(kind).output
    block = page.partition(f"<!-- config: {kind} -->\n```yaml\n")[2].partition("```\n")[0]
    tree = yamlblock.parse(block)

    assert tree.problem is None
    assert config_entries.is_blank(tree.value)
    (entry,) = tree.value if config_entries.is_list(kind) else [tree.value]
    model = config_entries.entry_model(kind)
    assert list(entry) == list(model_errors.describe_keys(model))
    for name, inner in entry.items():
        held = inner[0] if isinstance(inner, list) else inner
        keys = model_errors.describe_keys(model, name) if name != "waived" else ()
        assert list(held or ()) == list(keys)
    assert f"It is in {place(kind)}" in page


def place(kind: str) -> str:
    """Return the first section that has a config block of a kind."""
    for document in DEMANDS.documents:
        for section in document.sections:
            if kind in section.configs:
                return f"{document.path}, section `{section.id}`."
    raise AssertionError(f"no document has the config block {kind}")


def test_the_page_of_a_config_block_has_a_filled_in_one() -> None:
    assert explain("error_budget_policy").output.endswith(
        "Filled in, from an example:\n"
        "\n"
        "# from examples/applied/ops/runbook.md\n"
        "window: 28d\n"
        "actions:\n"
        "  - {spent: 0.5, action: review}\n"
        "  - {spent: 1.0, action: freeze}\n"
        'override_by: "@northbank/quality"\n'
    )


def test_every_item_and_section_has_a_page() -> None:
    for item in DEMANDS.items.values():
        assert f"{item.id}: {item.sentence}\n" in pages.explain(item.id)
    for section in DEMANDS.sections:
        assert f"\n\nA section of {path(section.id)}.\n" in pages.explain(section.id)


def path(section: str) -> str:
    return next(d.path for d in DEMANDS.documents if section in d.section_ids)


def test_pages_with_one_name_are_shown_together() -> None:
    page = explain("datasets").output

    assert page.startswith("datasets: The datasets of the evals, each with")
    assert "\n\ndatasets: Datasets\n\nA section of docs/eval_pack.md.\n" in page


@pytest.mark.parametrize(
    "name", ["error_budget_policy", "error-budget-policy", "Error-Budget-Policy"]
)
def test_hyphens_underscores_and_capitals_make_no_difference(name: str) -> None:
    assert explain(name).output.startswith("error_budget_policy: ")


@pytest.mark.parametrize(
    "name", ["[link-broken]", "`link-broken`:", " Link-Broken,", "(link-broken)"]
)
def test_punctuation_copied_with_a_name_is_ignored(name: str) -> None:
    assert explain(name).output == explain("link-broken").output


def test_the_page_of_a_document_lists_its_parts() -> None:
    page = explain("versioning/registries.md").output

    assert page.startswith(
        "versioning/registries.md: a standard document; with every track it has:\n"
        "\n"
        "- `registered-kinds` What is registered\n"
        "  - item `"
    )
    assert "\n  - config block `joint_release`\n" in page
    assert "supporting document" in explain("docs/cards/model.md").output


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_verdict_is_explained(outcome: str) -> None:
    assert f"{outcome}: a verdict of `mlcharter gate`. " in explain(outcome).output


def test_a_gate_of_the_repository_is_explained_by_its_entry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "is called `auc-over-one-column`" in explain("auc-over-one-column").output

    monkeypatch.chdir(ROOT / "examples/applied")
    page = explain("auc-over-one-column").output

    assert page.startswith("auc-over-one-column: a gate of this repository, in docs/eval_pack.md")
    assert (
        "It passes if lower95 of `auc` on wdbc, slice wdbc-test, against one-column, is >= -0.01 "
        "with 200 cases or more.\n\n    - id: auc-over-one-column\n      metric: auc\n" in page
    )
    assert page.count("rationale:") == 1


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_of_a_verdict_is_explained(reason: str) -> None:
    assert f"{reason}: a reason of a verdict of `mlcharter gate`. " in explain(reason).output


def test_levels_tiers_and_tracks_are_explained() -> None:
    assert explain("release").output.endswith(
        "\n\nrelease: every item that the tier requires has evidence or a waiver.\n"
        "\n"
        "Rules that fail from release on:\n"
        "\n" + "".join(f"    {r.name:{width('release')}}  {r.title}\n" for r in rules("release"))
    )
    assert "- `launch-guardrails` A guardrail that gets worse" in explain("critical").output
    assert "- docs/design_doc.md, section `decision-process`: Decision process\n" in (
        explain("rl").output
    )
    assert "`problem`" not in explain("rl").output


def rules(level: str) -> list[rule.Rule]:
    return [r for r in map(rule.describe, rule.names()) if r.level == level]


def width(level: str) -> int:
    return max(len(r.name) for r in rules(level))


@pytest.mark.field(26, "`explain` judges by the repository's tracks")
def test_in_a_repository_a_page_is_about_its_tracks(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = explain("docs/eval_pack.md").output
    monkeypatch.chdir(render(tracks=["rl"]) / "docs")

    page = explain("docs/eval_pack.md").output
    assert page.startswith(
        "docs/eval_pack.md: a standard document; in this repository (rl) it has:\n"
    )
    assert len(page.splitlines()) < len(everywhere.splitlines())
    assert " items of this repository (rl) are required " in explain("prototype").output
    alone = next(id for id, item in DEMANDS.items.items() if f"item:{id}" not in only("rl").ids)
    assert explain(alone).output.startswith(
        f"not in this repository: its tracks are rl\n\n{alone}: "
    )
    assert explain("gates-can-fail").output.startswith("gates-can-fail: Each gate has ")


def only(track: str) -> Specification:
    return specification.read(ROOT, {"tracks": [track], "layout": "documents"})


def test_without_a_name_each_rule_is_listed_once() -> None:
    listed = explain().output

    assert [name for name in rule.names() if listed.count(f"\n  {name} ") != 1] == []


def test_an_unknown_name_gets_the_nearest_as_a_hint() -> None:
    result = explain("slicegates")

    assert result.exit_code == 2
    assert result.stderr == (
        "error: no term, rule, item, section, document, config block, gate, verdict, level, tier, "
        "track or crosswalk is called `slicegates`\n"
        "  hint: did you mean `slice-gates` or `slices` or `slice-alerts`?\n"
    )
    far = explain("xyzzy\x1b[2J")
    assert far.exit_code == 2
    assert far.stderr.endswith("  hint: `mlcharter explain` lists terms and rules\n")
    assert "\x1b" not in far.stderr
