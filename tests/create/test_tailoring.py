"""`--standard` and `adopt --only`: what is written fits what the charter needs here."""

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from test_update import _cache, commit, git  # noqa: F401

from mlcharter.cli import cli

STANDARD = """\
locked: true
tier: production
level: complete
review_days: 90
exclude: [docs/ninety_day_plan.md, canary, buy-or-build]
provided_elsewhere: {ops/dr_drill.md: "https://wiki.acme.example/dr"}
require:
  - path: docs/privacy.md
    sections: [{id: purpose, items: [{id: purpose-agreed, text: Counsel agreed.}]}]
  - path: docs/design_doc.md
    sections: [{id: acme-approval}]
"""


def run(*words: object) -> str:
    result = CliRunner().invoke(cli, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: object) -> str:
    result = CliRunner().invoke(cli, [str(word) for word in words])
    assert result.exit_code == 2, result.output
    return result.output


@pytest.fixture
def standard(tmp_path: Path) -> Path:
    (tmp_path / "acme.yml").write_text(STANDARD)
    return tmp_path / "acme.yml"


def dead_links(root: Path) -> list[str]:
    """Return the relative links of documents to files that do not exist."""
    return [
        f"{path.relative_to(root)}: {target}"
        for path in root.rglob("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text())
        if ":" not in target and not (path.parent / target).exists()
    ]


@pytest.mark.parametrize("layout", ["full", "documents"])
def test_new_under_a_locked_standard_is_green_at_draft(
    tmp_path: Path, standard: Path, layout: str
) -> None:
    root = tmp_path / "harbour"
    run("new", root, "--defaults", "--no-git", "--standard", standard, "--data", f"layout={layout}")

    assert "draft: no findings" in run("check", root, "--level", "draft")
    assert (root / ".mlcharter.yml").read_text().startswith("extends: .mlcharter-standard.yml\n")
    assert (root / ".mlcharter-standard.yml").read_text() == STANDARD
    assert yaml.safe_load((root / ".copier-answers.yml").read_text())["tier"] == "production"
    assert "`purpose-agreed` Counsel agreed." in (root / "docs/privacy.md").read_text()
    assert "<!-- section: acme-approval -->" in (root / "docs/design_doc.md").read_text()
    assert "buy-or-build" not in (root / "docs/design_doc.md").read_text()
    assert "<!-- section: canary -->" not in (root / "ops/runbook.md").read_text()
    assert not (root / "docs/ninety_day_plan.md").exists()
    assert not (root / "ops/dr_drill.md").exists()
    assert dead_links(root) == []


def test_a_standard_that_cannot_be_met_is_refused_before_anything_is_written(
    tmp_path: Path, standard: Path
) -> None:
    words = ("new", tmp_path / "x", "--defaults", "--standard", standard)
    assert refused(*words, "--tier", "prototype") == (
        "error: the standard requires tier production, not prototype\n"
        "  hint: leave out the tier, or choose a higher one\n"
    )
    standard.write_text("template: https://git.acme.example/charter.git\n")
    assert "error: the standard can't be met: " in refused(*words)
    standard.write_text("levle: draft\n")
    assert "has no key `levle`" in refused(*words)
    missing = ("new", tmp_path / "x", "--defaults", "--standard", tmp_path / "none.yml")
    assert "error: the standard " in refused(*missing)
    unpinned = ("new", tmp_path / "x", "--defaults", "--standard", "https://acme.example/a.yml")
    assert "is not pinned" in refused(*unpinned)

    assert not (tmp_path / "x").exists()


@pytest.fixture
def code(tmp_path: Path) -> Path:
    root = tmp_path / "berths"
    root.mkdir()
    (root / "train.py").write_text("import sklearn\n")
    git(tmp_path, "init", "--quiet", str(root))
    commit(root)
    return root


@pytest.mark.parametrize("tier", ["prototype", "critical"])
def test_adopt_only_writes_just_these_documents_without_dead_links(code: Path, tier: str) -> None:
    only = "docs/eval_pack.md,ops/runbook.md"
    run("adopt", code, "--yes", "--only", only, "--tier", tier, "--track", "rl")

    assert git(code, "status", "--short", "--untracked-files=all").splitlines() == [
        "?? .copier-answers.yml",
        "?? docs/eval_pack.md",
        "?? ops/runbook.md",
    ]
    assert dead_links(code) == []
    assert "draft: no findings in 2 documents" in run("check", code, "--level", "draft")
    findings = CliRunner().invoke(cli, ["check", str(code), "--level", "complete"]).output
    rules = set(re.findall(r"\[([a-z-]+)\]$", findings, re.M))
    assert rules <= {"section-unfilled", "config-unfilled", "field-empty", "decided-after-results"}


def test_an_update_after_adopt_only_brings_no_other_document(code: Path) -> None:
    run("adopt", code, "--yes", "--only", "ops/runbook.md")
    commit(code)
    run("update", code, "--tier", "production", "--defaults")

    assert [str(path.relative_to(code)) for path in code.rglob("*.md")] == ["ops/runbook.md"]
    assert "<!-- section: rollback -->" in (code / "ops/runbook.md").read_text()
    assert "draft: no findings" in run("check", code, "--level", "draft")


def test_adopt_only_names_a_path_that_the_template_does_not_have(code: Path) -> None:
    assert refused("adopt", code, "--yes", "--only", "docs/evals.md").startswith(
        "error: the template has no docs/evals.md for these answers\n"
    )


def test_adopt_under_a_standard_is_green_at_draft(code: Path, standard: Path) -> None:
    run("adopt", code, "--yes", "--standard", standard)

    assert "draft: no findings" in run("check", code, "--level", "draft")
    assert (code / "docs/privacy.md").is_file() and not (code / "ops/dr_drill.md").exists()
