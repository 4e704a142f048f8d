"""`mlcharter check`: what a repository was given is still there and says what it may."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import TRACKS, Render
from mlcharter.cli import cli


def check(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["check", str(root), *words])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    words = ["new", str(tmp_path / "x"), "--defaults", "--no-git"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    return tmp_path / "x"


@pytest.mark.parametrize("tracks", [*[(track,) for track in TRACKS], TRACKS], ids="-".join)
@pytest.mark.parametrize("layout", ["full", "documents"])
def test_a_new_repository_has_no_findings(
    render: Render, tracks: tuple[str, ...], layout: str
) -> None:
    result = check(render(tracks=list(tracks), tier="production", layout=layout))

    assert result.output.splitlines()[-1].startswith("draft: 0 fail, "), result.output
    assert result.exit_code == 0


def test_a_removed_section_is_found_where_it_stood(repository: Path) -> None:
    path = repository / "ops/runbook.md"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("## Deploy\n"), text.index("## Canary\n")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    line = text[:start].count("\n")
    result = check(repository)

    assert result.output.splitlines()[0] == (
        f"ops/runbook.md:{line}: the section `deploy` (Deploy) is gone; "
        "put it back, or say under it why it does not apply [section-removed]"
    )
    assert result.exit_code == 1


def test_a_misspelt_key_of_a_contract_is_found_on_its_line(repository: Path) -> None:
    path = repository / "docs/eval_pack.md"
    text = path.read_text(encoding="utf-8").replace("  rationale:", "  rationael:", 1)
    path.write_text(text, encoding="utf-8")
    line = text[: text.index("  rationael:")].count("\n") + 1
    result = check(repository, "--level", "review")

    assert any(
        row.startswith(f"docs/eval_pack.md:{line}: ") and "rationale" in row
        for row in result.output.splitlines()
    ), result.output
    assert result.exit_code == 1


def test_a_folder_without_answers_is_not_looked_at(tmp_path: Path) -> None:
    result = check(tmp_path)

    assert result.exit_code == 2
    assert result.output.startswith(f"error: {tmp_path} has no readable .copier-answers.yml: ")
