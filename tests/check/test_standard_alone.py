"""`check --standard FILE` alone: a standard is checked without a repository."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import ROOT, Render
from mlcharter.cli import cli

WRONG = """\
locked: true
extends: base.yml
exclude: [docs/desing_doc.md]
ignore: [link-borken]
allow:
  - {rule: link-broken, until: 2025-01-01, by: "@lead", reason: the wiki moves}
"""


def check(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["check", *map(str, args)])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "standards").mkdir()
    monkeypatch.chdir(tmp_path)


def test_a_wrong_standard_has_findings_with_their_places() -> None:
    Path("standards/acme.yml").write_text(WRONG)

    done = check("--standard", "standards/acme.yml")

    assert (done.exit_code, done.stdout) == (
        1,
        """\
standards/acme.yml:2:1: `base.yml` is not read; a standard extends no other file, so copy what it has [settings-invalid]
standards/acme.yml:3:11: there is no document, section or item `docs/desing_doc.md`; did you mean `docs/design_doc.md`? [not-applicable-unknown]
standards/acme.yml:4:10: there is no rule `link-borken`; did you mean `link-broken`? [settings-invalid]
standards/acme.yml:6:25: the `allow` for `link-broken` expired on 2025-01-01; meet the requirement, or have the waiver extended [waiver-expired]

4 findings in the standard; to check a repository by it, name the repository
""",  # noqa: E501
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("levle: draft\n", "1:1: the settings file has no key `levle`; did you mean `level`?"),
        ("level: hard\n", "1:1: the settings file has `hard` as `level`"),
        ("- level\n", "1:1: the settings file is not a mapping; write `key: value`"),
        ("level: [\n", "2:1: "),
    ],
)
def test_a_standard_that_can_not_be_read_says_why(text: str, place: str) -> None:
    Path("acme.yml").write_text(text)

    done = check("--standard", "acme.yml")

    assert done.exit_code == 1
    assert done.stdout.startswith(f"acme.yml:{place}")


def test_a_right_standard_passes() -> None:
    guide = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    Path("acme.yml").write_text(guide.split("```yaml\n")[2].partition("```")[0])

    done = check("--standard", "acme.yml")

    assert (done.exit_code, done.stdout) == (
        0,
        "no findings in the standard; to check a repository by it, name the repository\n",
    )


def test_a_standard_in_its_own_git_repository_is_checked_alone() -> None:
    subprocess.run(["git", "init", "--quiet"], check=True)
    Path(".mlcharter.yml").write_text("locked: true\n")

    assert check("--standard", ".mlcharter.yml").exit_code == 0


def test_a_repository_is_checked_by_the_standard_as_before(
    render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = tmp_path / "standards/acme.yml"
    standard.write_text("level: complete\n")
    monkeypatch.chdir(render(tracks=["rl"], layout="documents"))

    done = check("--standard", standard)
    monkeypatch.chdir("docs")
    below = check("--standard", standard)

    assert done.exit_code == 1 and "docs/" in done.stdout
    assert "in the standard" not in below.stdout


@pytest.mark.hostile("a repository that removes its answers")
def test_a_repository_without_its_answers_is_still_checked(tmp_path: Path) -> None:
    """Otherwise a change that deletes the answers would pass."""
    standard = tmp_path / "standards/acme.yml"
    standard.write_text("level: complete\n")
    lost = tmp_path / "lost"
    (lost / "docs").mkdir(parents=True)
    (lost / "docs/design_doc.md").write_text("# Design\n")
    subprocess.run(["git", "init", "--quiet", str(lost)], check=True)

    done = CliRunner().invoke(cli, ["check", "--standard", str(standard), str(lost)])
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(lost)
        alone = check("--standard", standard)
        (lost / "acme.yml").write_text("level: complete\n")
        inside = check("--standard", "acme.yml", ".")

    for each in (done, alone, inside):
        assert each.exit_code == 1
        assert "there is no .copier-answers.yml" in each.stdout
