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


def test_new_says_which_level_the_standard_asks_for_and_what_to_do(
    tmp_path: Path, standard: Path
) -> None:
    root = tmp_path / "harbour"
    printed = run("new", root, "--defaults", "--standard", standard)

    checked = CliRunner().invoke(cli, ["check", str(root)])
    open_ = re.search(r"^complete: (\d+) findings", checked.output, re.M)
    assert checked.exit_code == 1 and open_, checked.output
    assert (
        "\n\nthe standard asks for level complete, so `mlcharter check` fails until the documents "
        f"are filled in: {open_[1]} findings are open\n"
        "`mlcharter status` shows what to write first; `mlcharter check --write-baseline` records "
        "the open ones, so that only others fail\n"
    ) in printed
    run("check", root, "--write-baseline")
    run("check", root)


def test_the_readme_promises_green_at_draft_only(tmp_path: Path, standard: Path) -> None:
    run("new", tmp_path / "harbour", "--defaults", "--no-git", "--standard", standard)

    promise = "At level `draft`, all of it passes on day one."
    assert promise in (tmp_path / "harbour/README.md").read_text()


@pytest.mark.parametrize("key", ["exclude: [docs/eval_pack.md]", "exclude: [ci-gates]"])
def test_a_repository_without_an_eval_pack_has_no_gates(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme.yml").write_text(f"{key}\n")
    root = tmp_path / "harbour"
    run("new", root, "--defaults", "--no-git", "--standard", tmp_path / "acme.yml")
    (root / "reports").mkdir(exist_ok=True)
    (root / "reports/applied.json").write_text("{}")
    monkeypatch.chdir(root)

    for words in ("gate", "gate reports/applied.json", "gate --pin", "prove", "prove --check"):
        printed = run(*words.split())
        assert printed.startswith("no gates: the settings leave them out"), words


def test_what_a_standard_excludes_is_named_nowhere(tmp_path: Path) -> None:
    (tmp_path / "acme.yml").write_text("exclude: [docs/eval_pack.md, ops/runbook.md]\n")
    root = tmp_path / "harbour"
    printed = run("new", root, "--defaults", "--no-git", "--standard", tmp_path / "acme.yml")

    assert "docs/eval_pack.md" not in printed and "ops/runbook.md" not in printed
    template = (root / ".github/pull_request_template.md").read_text()
    assert "`docs/design_doc.md`, `safety/safety_checklist.md`, `cost/" in template
    status = run("status", root)
    assert "\nexcluded by the organisation: 2 (docs/eval_pack.md, ops/runbook.md)\n" in status


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("exclude: [probelm]", "`probelm`; did you mean `problem`?"),
        ("exclude: [docs/evl_pack.md]", "`docs/evl_pack.md`; did you mean `docs/eval_pack.md`?"),
        (
            "provided_elsewhere: {docs/design_dok.md: 'https://acme.example/d'}",
            "`docs/design_dok.md`; did you mean `docs/design_doc.md`?",
        ),
    ],
)
def test_a_name_in_a_standard_that_no_charter_has_is_a_finding(
    tmp_path: Path, text: str, finding: str
) -> None:
    (tmp_path / "acme.yml").write_text(f"{text}\n")
    root = tmp_path / "harbour"
    run("new", root, "--defaults", "--no-git", "--standard", tmp_path / "acme.yml")

    found = CliRunner().invoke(cli, ["check", str(root), "--level", "draft"]).output
    assert f"there is no document, section or item {finding}" in found
    assert "[not-applicable-unknown]" in found


def test_a_standard_may_name_parts_of_other_tracks_tiers_and_layouts(tmp_path: Path) -> None:
    (tmp_path / "acme.yml").write_text(
        "exclude: [golden-questions, docs/reward_spec.md, canary, docs/adr/template.md]\n"
        "provided_elsewhere: {docs/cards/data_handbook.md: 'https://acme.example/d'}\n"
    )
    root = tmp_path / "harbour"
    words = ("--standard", tmp_path / "acme.yml", "--data", "layout=documents")
    run("new", root, "--defaults", "--no-git", *words)

    assert "draft: no findings" in run("check", root, "--level", "draft")


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


def test_adopt_says_which_level_the_standard_asks_for(code: Path, standard: Path) -> None:
    printed = run("adopt", code, "--yes", "--track", "applied", "--standard", standard)

    assert "the standard asks for level complete, so `mlcharter check` fails" in printed
    assert "existing documents" not in printed


def test_adopt_under_a_standard_is_green_at_draft(code: Path, standard: Path) -> None:
    run("adopt", code, "--yes", "--standard", standard)

    assert "draft: no findings" in run("check", code, "--level", "draft")
    assert (code / "docs/privacy.md").is_file() and not (code / "ops/dr_drill.md").exists()
