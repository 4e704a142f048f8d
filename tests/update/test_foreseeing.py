"""`diff` tells what an update of the template does from what its author does beside it.

The template has two versions. The second runs fewer commands in CI, moves a section with alerts to
another document, and asks for less in an alert that the first one wrote.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from test_update import _cache, commit, edit, fresh, git, update  # noqa: F401

from conftest import ROOT
from mlcharter.cli import cli
from mlcharter.template import allowed_folders

CI, RUNBOOK, SERVICE = ".github/workflows/ci.yml", "ops/runbook.md", "ops/service.md"
STEP = "      - run: .venv/bin/mlcharter prove --check\n"
GATE = "      - run: .venv/bin/mlcharter gate reports/ours.json\n"  # of the team
REFUSALS = "[5m])) > 0.01\n  wait: 5m"
SECTION = "alert-safety-or-security"
BY_UPDATE = "; the update of the template to v2.0.0 does it"
EXPR = "sum(rate(degraded_requests_total{mode=~"
PROJECT, ALERTS = "template/project", "template/tracks/platform/runbook/service-alerts.md"


def version_two(root: Path) -> None:
    edit(root / PROJECT / f"{CI}.jinja", (STEP, ""))
    edit(root / ALERTS, (REFUSALS, "[5m])) > 0.05\n  wait: 30m"))
    text = (root / PROJECT / f"{RUNBOOK}.jinja").read_text()
    start, end = text.index("## Alert: safety"), text.index('{{- shared("runbook/alert-slice"')
    (root / PROJECT / f"{RUNBOOK}.jinja").write_text(text[:start] + text[end:])
    service = root / PROJECT / f"{SERVICE}.jinja"
    section = text[start:end].strip().replace(" <!-- from production -->", "")
    head, mark, tail = service.read_text().rpartition("\n## ")
    service.write_text(f"{head}\n{section}\n{mark}{tail}")


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("versions")
    shutil.copy(ROOT / "copier.yml", root)
    shutil.copytree(ROOT / "template", root / "template")
    for place in ("src", "data", "evals", "reports", "tests"):
        shutil.rmtree(root / "template/project" / place, ignore_errors=True)
    git(root, "init", "--quiet")
    commit(root, "v1.0.0")
    version_two(root)
    commit(root, "v2.0.0")
    edit(root / PROJECT / f"{CI}.jinja", ("      - run: make check\n", ""))
    commit(root)  # is no release
    return root


@pytest.fixture(scope="module")
def made(versions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of v1.0.0 that a team has filled in, committed, then updated to v2.0.0."""
    root = tmp_path_factory.mktemp("made") / "repository"
    fresh(versions, "v1.0.0", root, ci="github", tracks=["platform"])
    (root / "CODEOWNERS").write_text("* @acme/fraud\n/ops/runbook.md @acme/ops\n")
    edit(root / CI, (STEP, GATE + STEP))
    edit(
        root / RUNBOOK,
        ("  wait: 2m\n", "  wait: 1m\n"),
        ("- [ ] `slo-agreed`", "- [x] `slo-agreed`"),
    )
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    commit(root)
    assert update(root, "--to", "v2.0.0").exit_code == 0
    return root


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "repository")


def diff(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["diff", "HEAD", "-C", str(root), *words])


def weakening(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if ": weakens: " in line]


def test_what_an_update_of_the_template_weakens_needs_a_person(repository: Path) -> None:
    result = diff(repository)

    assert (result.exit_code, weakening(result)) == (0, []), result.output
    assert by_update(result) == BY_TEMPLATE


BY_TEMPLATE = [
    "`mlcharter prove` in CI",
    'alerts "requests-refused" expr',
    'alerts "requests-refused" wait',
    "owners of section `alert-safety-or-security`",
]


def by_update(result: Result) -> list[str]:
    lines = [line for line in result.output.splitlines() if line.endswith(BY_UPDATE)]
    return [line.partition(": needs a person: ")[2].partition(": ")[0] for line in lines]


def drop_our_gate(root: Path) -> None:
    edit(root / CI, (GATE, ""))


def lower_our_alert(root: Path) -> None:
    edit(root / RUNBOOK, ("  wait: 1m\n", "  wait: 9m\n"))


def lower_the_alert_of_the_update_more(root: Path) -> None:
    edit(root / RUNBOOK, ("> 0.05\n", "> 0.5\n"))


def drop_another_check(root: Path) -> None:
    edit(root / CI, ("      - run: make check\n", ""))


def take_the_owner_away(root: Path) -> None:
    edit(root / "CODEOWNERS", ("/ops/runbook.md @acme/ops\n", ""))


# What a change does beside the update, what weakens then, and which of the update's is not its own.
BESIDE = [
    (drop_our_gate, ["`mlcharter gate` in CI: 3 times → 2 times"], []),
    (lower_our_alert, ['alerts "breaker-open" wait: 1m → 9m'], []),
    (lower_the_alert_of_the_update_more, [f'alerts "requests-refused" expr: {EXPR}'], [1]),
    (
        drop_another_check,
        [
            "`mlcharter check` in CI: 2 times → 1 time",
            "`mlcharter gate` in CI: 3 times → 2 times",
        ],
        [],
    ),
    (
        take_the_owner_away,
        [
            "owners of ops/runbook.md: @acme/ops → @acme/fraud",
            "owners of section `alert-safety-or-security`: @acme/ops → @acme/fraud",
        ],
        [3],
    ),
]


@pytest.mark.parametrize(("step", "expected", "shared"), BESIDE)
def test_what_a_change_weakens_beside_an_update_needs_an_owner(
    repository: Path, step: Callable[[Path], None], expected: list[str], shared: list[int]
) -> None:
    step(repository)

    result = diff(repository)

    found = [line.partition(": weakens: ")[2].partition(";")[0] for line in weakening(result)]
    pairs = zip(found, expected, strict=True)
    assert all(line.startswith(start) for line, start in pairs), found
    assert by_update(result) == [line for n, line in enumerate(BY_TEMPLATE) if n not in shared]
    assert result.exit_code == 1


UNKNOWN = "it is not known what the update of the template to "


def record(root: Path, version: str) -> None:
    path = root / ".copier-answers.yml"
    path.write_text(path.read_text().replace("_commit: v2.0.0", f"_commit: {version}"))


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("v0.1.0", "v0.1.0 is not newer than v1.0.0"),
        ("v9.0.0", "version v9.0.0 of the template is no longer in"),
        ("main", "'main' is not a release of the template"),
        ("v2.0.0-1-g1234567", "'v2.0.0-1-g1234567' is not a release of the template"),
    ],
)
def test_only_a_newer_release_of_the_source_explains_a_change(
    repository: Path, version: str, why: str
) -> None:
    record(repository, version)

    result = diff(repository)

    assert result.exit_code == 1
    assert f"{UNKNOWN}{version} changes: {why}" in result.output


def test_another_source_explains_nothing(repository: Path) -> None:
    path = repository / ".copier-answers.yml"
    answers = yaml.safe_load(path.read_text())
    path.write_text(
        path.read_text().replace(answers["_src_path"], "https://git.evil.example/t.git")
    )

    result = diff(repository)

    assert result.exit_code == 1
    assert (
        f"{UNKNOWN}v2.0.0 changes: the change names another source of the template" in result.output
    )


def test_a_template_that_is_not_in_the_cache_is_fetched_only_on_request(
    repository: Path, versions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    allowed_folders.record(versions)

    result = diff(repository)
    assert result.exit_code == 1
    assert f"{UNKNOWN}v2.0.0 changes: " in result.output
    assert "`mlcharter diff --trust-source` fetches it" in result.output

    assert diff(repository, "--trust-source").exit_code == 0
