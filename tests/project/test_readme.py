"""The generated parts of the README and the guides are up to date."""

import json
import re
from pathlib import Path

import pytest
import recording
from click.testing import CliRunner

from conftest import QUESTIONS, ROOT, TRACKS, Render
from mlcharter.check import rule
from mlcharter.cli import cli
from mlcharter.explain import pages
from mlcharter.gate import reasons
from mlcharter.support import plugins
from mlcharter.template.specification import STANDARD

README = ROOT / "README.md"
GUIDES = [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))]


def generated(
    name: str, text: str, request: pytest.FixtureRequest, page: str = "README.md"
) -> None:
    """Compare a generated part of a page with `text`; `pytest --accept` writes it."""
    part = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    current = (ROOT / page).read_text(encoding="utf-8")
    assert part.search(current), f"{page} has no part {name}"
    expected = part.sub(lambda match: f"{match[1]}{text}{match[2]}", current)
    if request.config.getoption("--accept"):
        (ROOT / page).write_text(expected, encoding="utf-8")
    assert (ROOT / page).read_text(encoding="utf-8") == expected


def test_the_first_screen_is_what_the_example_prints(request: pytest.FixtureRequest) -> None:
    printed = recording.run()
    [shown] = re.findall(r"^\$ mlcharter gate .*?(?=\n\n\$ git restore)", printed, re.M | re.S)
    dense = re.sub(r"\n\n(?!\$)", "\n", shown)
    lines = [f"{line[:98]}…" if len(line) > 99 else line for line in dense.splitlines()]
    assert len(lines) <= 15
    generated("recording", "```\n" + "\n".join(lines) + "\n```\n", request)

    cast = recording.make_cast(printed)
    if request.config.getoption("--accept"):
        recording.CAST.write_text(cast, encoding="utf-8")
    assert recording.CAST.read_text(encoding="utf-8") == cast, "run `make recording`"


def test_the_picture_shows_the_recording() -> None:
    """The picture has the numbers of the recording; `make recording` draws it."""
    picture = recording.PICTURE.read_text(encoding="utf-8")
    for line in recording.CAST.read_text(encoding="utf-8").splitlines()[1:]:
        for word in re.findall(r"0\.\d{6}", json.loads(line)[2]):
            assert word in picture


def test_the_readme_fits_on_three_screens() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 120


def test_the_standard_documents_are_those_of_the_template(
    render: Render, request: pytest.FixtureRequest
) -> None:
    root = render(tracks=list(TRACKS), tier="production", layout="full")
    rows = ["| Document | What it says | Config blocks that CI reads |", "|---|---|---|"]
    for path in STANDARD:
        text = (root / path).read_text(encoding="utf-8")
        about = text.split("Reviewed:", 1)[1].strip().splitlines()[0]
        kinds = dict.fromkeys(re.findall(r"^<!-- config: ([\w-]+) -->$", text, re.M))
        rows.append(f"| `{path}` | {about} | {', '.join(kinds)} |")
    generated("documents", "\n".join(rows) + "\n", request)


def test_the_commands_are_those_of_the_help(request: pytest.FixtureRequest) -> None:
    page = CliRunner().invoke(cli, ["--help"]).output
    sections = re.findall(r"^([A-Z][\w ]+):\n((?:  .*\n)+)", page, re.M)
    lines = [
        f"- {title}: " + ", ".join(f"`{name}`" for name in re.findall(r"^  (\w+)", entries, re.M))
        for title, entries in sections
        if title != "Options"
    ]
    generated("commands", "\n".join(lines) + "\n", request)


def test_the_questions_are_those_of_the_questionnaire(request: pytest.FixtureRequest) -> None:
    rows = ["| Asked | Question | Answers |", "|---|---|---|"]
    for question in QUESTIONS.values():
        if question.asked:
            answers = ", ".join(question.choices) or (
                "yes, no" if question.type == "bool" else "text"
            )
            rows.append(f"| {question.track or 'always'} | {question.help} | {answers} |")
    generated("questions", "\n".join(rows) + "\n", request, "docs/new.md")


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
    generated("new", f"```\n$ {command}\n{screen}```\n", request, "docs/new.md")


def test_the_status_is_that_of_a_new_repository(
    render: Render, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(render(tracks=["applied"], tier="production", layout="full"))
    result = CliRunner().invoke(cli, ["status"])
    assert result.exit_code == 0, result.output
    generated("status", f"```\n$ mlcharter status\n{result.output}```\n", request, "docs/status.md")


def test_the_finding_of_the_guide_is_what_check_prints(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    args = ["new", ".", "--defaults", "--no-git", "--data", "layout=documents"]
    assert CliRunner().invoke(cli, args).exit_code == 0
    (tmp_path / ".mlcharter.yml").write_text("levle: complete\n", encoding="utf-8")

    shown = json.loads(CliRunner().invoke(cli, ["check", "--format", "json"]).output)
    found = next(one for one in shown["findings"] if one["rule"] == "settings-invalid")
    text = json.dumps(found, indent=1, ensure_ascii=False)
    generated("finding", f"```json\n{text}\n```\n", request, "docs/editors.md")


def test_the_terms_are_those_that_explain_knows(request: pytest.FixtureRequest) -> None:
    titles = {
        term: rule.parts(module.__doc__ or "")[0]
        for term, module in plugins.load(pages.TERMS).items()
    }
    lines = [f"- {term}: {title[0].lower()}{title[1:]}" for term, title in titles.items()]
    generated("terms", "\n".join(lines) + "\n", request, "docs/terms.md")


def test_the_verdicts_are_those_of_gate(request: pytest.FixtureRequest) -> None:
    lines = [f"- `{verdict}`: {meaning}" for verdict, meaning in reasons.OUTCOMES.items()]
    lines += ["", "| reason | meaning |", "|---|---|"]
    lines += [f"| `{reason}` | {meaning} |" for reason, (meaning, _) in reasons.MEANINGS.items()]
    generated("verdicts", "\n".join(lines) + "\n", request, "docs/gate.md")


def test_the_tree_is_what_a_team_receives(render: Render, request: pytest.FixtureRequest) -> None:
    root = render(tracks=["applied"])
    generated("tree", f"```\n{tree(root, 0)}```\n", request, "docs/new.md")


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
        named = re.findall(r"`((?:src|tests|template|examples|hooks)/[\w./-]*)`", text)
        assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_guide_is_linked_from_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [page for page in GUIDES if f"]({page})" not in text] == []
