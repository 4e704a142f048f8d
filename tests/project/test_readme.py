"""The generated parts of the README are up to date."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import QUESTIONS, ROOT, Render
from mlcharter.check import rule
from mlcharter.cli import cli
from mlcharter.explain import pages
from mlcharter.support import plugins

README = ROOT / "README.md"


def generated(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """Compare a generated part of the README with `text`; `pytest --accept` writes it."""
    part = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    current = README.read_text(encoding="utf-8")
    expected = part.sub(lambda match: f"{match[1]}{text}{match[2]}", current)
    if request.config.getoption("--accept"):
        README.write_text(expected, encoding="utf-8")
    assert part.search(README.read_text(encoding="utf-8")), f"the README has no part {name}"
    assert README.read_text(encoding="utf-8") == expected


def test_the_questions_are_those_of_the_questionnaire(request: pytest.FixtureRequest) -> None:
    rows = ["| Asked | Question | Answers |", "|---|---|---|"]
    for question in QUESTIONS.values():
        if question.asked:
            answers = ", ".join(question.choices) or (
                "yes, no" if question.type == "bool" else "text"
            )
            rows.append(f"| {question.track or 'always'} | {question.help} | {answers} |")
    generated("questions", "\n".join(rows) + "\n", request)


def test_the_recording_is_what_new_prints(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    args = ["new", "harbour-watch", "--defaults", "--data", "owner=@acme/harbour"]
    args += ["--data", "author=Acme", "--data", "year=2026"]
    result = CliRunner().invoke(cli, args)
    assert result.exit_code == 0, result.output
    screen = re.sub(
        r"^template  .*$", "template  (where mlcharter came from)", result.output, flags=re.M
    )
    screen = re.sub(
        r"\nthe template is a local path.*\n.*\n.*sed .*\n", "", screen
    )  # here, but not there
    command = "mlcharter new harbour-watch --defaults --data owner=@acme/harbour"
    generated("new", f"```\n$ {command}\n{screen}```\n", request)


def test_the_status_is_that_of_a_new_repository(
    render: Render, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(render(tracks=["applied"], tier="production", layout="full"))
    result = CliRunner().invoke(cli, ["status"])
    assert result.exit_code == 0, result.output
    generated("status", f"```\n$ mlcharter status\n{result.output}```\n", request)


def test_the_terms_are_those_that_explain_knows(request: pytest.FixtureRequest) -> None:
    titles = {
        term: rule.parts(module.__doc__ or "")[0]
        for term, module in plugins.load(pages.TERMS).items()
    }
    lines = [f"- {term}: {title[0].lower()}{title[1:]}" for term, title in titles.items()]
    generated("terms", "\n".join(lines) + "\n", request)


def test_the_tree_is_what_a_team_receives(render: Render, request: pytest.FixtureRequest) -> None:
    root = render(tracks=["applied"])
    generated("tree", f"```\n{tree(root, 0)}```\n", request)


def tree(folder: Path, depth: int) -> str:
    """Return a tree of files, folders first; a long list of files is left out."""
    lines = []
    entries = sorted(folder.iterdir(), key=lambda path: (path.is_file(), path.name))
    shown = entries if len(entries) <= 16 else [path for path in entries if path.is_dir()]
    for path in shown:
        lines.append(f"{'  ' * depth}{path.name}{'/' * path.is_dir()}\n")
        if path.is_dir() and path.name not in ("known_bad", "data"):
            lines.append(tree(path, depth + 1))
    return "".join(lines)


def test_every_path_that_a_page_names_exists() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "docs/merging.md", "template/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        assert [path for path in linked if not ((ROOT / page).parent / path).exists()] == []
        named = re.findall(r"`((?:src|tests|template|examples|hooks)/[\w./-]*)`", text)
        assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    commands: Callable[[object], list[str]] = cli.list_commands  # type: ignore[attr-defined]
    assert [name for name in commands(None) if f"mlcharter {name}" not in text] == []
