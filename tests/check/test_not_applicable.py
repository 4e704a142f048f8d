"""A part that does not apply is not required, and stays out of every finding."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import Render
from mlcharter.cli import cli

SETTINGS = """\
not_applicable:
  docs/ninety_day_plan.md: {by: "@ada", reason: the system is old, reviewed: 2026-11-01}
  canary: {by: "@ada", reason: the model runs once a month}
  buy-or-build: {by: "@ada", reason: the law names the method}
"""


@pytest.fixture
def root(tmp_path: Path, render: Render) -> Path:
    into = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), into)
    (into / ".mlcharter.yml").write_text(SETTINGS)
    (into / "docs/ninety_day_plan.md").unlink()
    return into


def check(root: Path, *words: str) -> list[str]:
    output = CliRunner().invoke(cli, ["check", str(root), "--no-cache", *words]).output
    return [line.replace(f"{root}/", "") for line in output.splitlines() if line.endswith("]")]


def test_what_does_not_apply_is_not_required_and_links_into_it_are_not_broken(root: Path) -> None:
    assert "(ninety_day_plan.md)" in (root / "docs/design_doc.md").read_text()
    assert check(root) == []
    found = "\n".join(check(root, "--level", "release"))
    assert "`canary`" not in found and "canary-first" not in found
    assert "buy-or-build" not in found and "ninety_day_plan" not in found
    assert "`problem`" in found and "baseline-first" in found


def test_a_part_that_is_deleted_may_be_named_in_links(root: Path) -> None:
    runbook = root / "ops/runbook.md"
    text = runbook.read_text()
    start, end = text.index("## Canary"), text.index("## Rollback")
    runbook.write_text(f"{text[:start]}See [Canary](#canary).\n\n{text[end:]}")

    assert check(root) == []


def test_status_counts_what_does_not_apply(root: Path) -> None:
    shown = CliRunner().invoke(cli, ["status", str(root)]).output

    assert "not applicable: 3 (docs/ninety_day_plan.md, canary, buy-or-build)\n" in shown


WRONG = {
    "an unknown name": (
        'not_applicable: {verificaton: {by: "@ada", reason: none}}',
        ".mlcharter.yml:1:18: there is no document, section or item `verificaton`; did you mean "
        "`verification`? [not-applicable-unknown]",
    ),
    "no owner": (
        "not_applicable: {canary: {reason: none}}",
        ".mlcharter.yml:1:18: the settings file has no `by` in `not_applicable.canary`; give a "
        "handle such as `@fraud-team`, or an e-mail address [settings-invalid]",
    ),
    "an exclusion without an owner": (
        "exclude: [canary]",
        ".mlcharter.yml:1:11: only an organisation can exclude `canary`; write it under "
        "`not_applicable` with `by` and `reason` [settings-invalid]",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_entry_is_a_finding(root: Path, name: str) -> None:
    text, finding = WRONG[name]
    shutil.rmtree(root / "docs/adr")
    (root / ".mlcharter.yml").write_text(text + "\n")

    assert finding in check(root, "--select", finding.rpartition("[")[2].rstrip("]"))


def test_what_a_locked_standard_requires_always_applies(root: Path, tmp_path: Path) -> None:
    standard = tmp_path / "acme.yml"
    standard.write_text(
        "locked: true\nrequire: [{path: ops/runbook.md, sections: [{id: canary}]}]\n"
    )

    assert check(root, "--standard", str(standard)) == [
        ".mlcharter.yml:3:3: `canary` is required by the organisation, whose standard is locked; "
        "remove it [settings-invalid]"
    ]


def test_a_decision_about_a_deleted_document_is_reviewed(root: Path) -> None:
    old = SETTINGS.replace("reviewed: 2026-11-01", "reviewed: 2020-01-01")
    for text, message in (
        (old, "as not applicable, 2020-01-01, is older than 180 days; review it again"),
        (SETTINGS.replace(", reviewed: 2026-11-01", ""), "has no `reviewed`; write when"),
    ):
        (root / ".mlcharter.yml").write_text(text)
        found = check(root, "--level", "complete", "--select", "review-overdue")
        assert len(found) == 1 and message in found[0]
