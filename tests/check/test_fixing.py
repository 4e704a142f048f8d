"""`check --fix` restores deleted parts in their place, and does not change text of the team."""

import datetime
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Render
from mlcharter.check import engine, fixing, normalising
from mlcharter.cli import cli
from mlcharter.markdown import document
from mlcharter.support.files import Folder

TODAY = datetime.date(2026, 12, 1)


@pytest.fixture
def repository(render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    monkeypatch.chdir(root)
    return root


def fix(root: Path) -> list[str]:
    return fixing.fix(root, engine.open_charter(Folder(root), TODAY))


def parts(root: Path, path: str) -> list[tuple[str, int, int]]:
    """Return each part of a document that can be restored, with its first and last line."""
    read = document.read(path, Folder(root))
    assert isinstance(read, document.Document)
    found = [(f"section {s.id}", s.line, s.end) for s in read.sections if s.id]
    found += [(f"id of {s.id}", s.blocks[1].line, s.blocks[1].end) for s in read.sections if s.id]
    found += [(f"item {i.id}", i.line, i.end) for i in read.items if i.id]
    found += [(f"field {f.name}", f.line, f.line) for f in read.fields[:2]]
    configs = [c for c in read.configs if len(read.configs_of(c.kind)) == 1]
    return found + [
        (f"config block {c.kind}", c.line, c.fence + c.text.count("\n") + 1) for c in configs
    ]


@pytest.mark.parametrize("path", ["docs/eval_pack.md", "ops/runbook.md", "docs/cards/model.md"])
def test_each_deleted_part_is_restored_in_its_place(repository: Path, path: str) -> None:
    original = Path(path).read_text(encoding="utf-8")
    lines = original.splitlines(keepends=True)
    for name, start, end in parts(repository, path):
        Path(path).write_text("".join(lines[: start - 1] + lines[end:]), encoding="utf-8")
        assert len(fix(repository)) == 1, name

        fixed = Path(path).read_text(encoding="utf-8")
        assert lines_without_blanks(fixed) == lines_without_blanks(original), name
        assert fix(repository) == [], name


@pytest.mark.parametrize("left", [None, ""])
def test_a_deleted_or_empty_document_is_restored(repository: Path, left: str | None) -> None:
    path = Path("ops/runbook.md")
    original = path.read_text(encoding="utf-8")
    path.unlink()
    if left is not None:
        path.write_text(left, encoding="utf-8")

    assert fix(repository) == ["ops/runbook.md: restored the document"]
    assert path.read_text(encoding="utf-8") == original


@pytest.mark.parametrize("box", ["[]", "[y]", "[ x ]", "", "[ ]'", "[x]**"])
def test_an_item_with_a_malformed_box_is_not_restored_twice(repository: Path, box: str) -> None:
    path = Path("docs/eval_pack.md")
    given = path.read_text(encoding="utf-8")
    line = given[: given.index("- [ ] `split-frozen`")].count("\n") + 1
    path.write_text(given.replace("- [ ] `split-frozen`", f"- {box} `split-frozen`"))
    charter = engine.open_charter(Folder(repository), TODAY)

    assert fix(repository) == []
    found = engine.findings(charter, engine.load(["item-removed"]))
    assert [(one.line, one.message) for one in found] == [
        (line, "the item `split-frozen` has no checkbox; begin it with ``- [ ] `split-frozen` ``")
    ]


def lines_without_blanks(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_a_deleted_document_is_restored(repository: Path) -> None:
    original = Path("docs/experiment_charter.md").read_text(encoding="utf-8")
    Path("docs/experiment_charter.md").unlink()
    done = CliRunner().invoke(cli, ["check", "--fix"])

    assert done.exit_code == 0, done.output
    assert "docs/experiment_charter.md: restored the document\n" in done.output
    assert Path("docs/experiment_charter.md").read_text(encoding="utf-8") == original


def test_a_moved_item_is_not_restored(repository: Path) -> None:
    text = Path("docs/eval_pack.md").read_text(encoding="utf-8")
    item = next(line for line in text.splitlines() if "`gates-can-fail`" in line)
    Path("docs/eval_pack.md").write_text(text.replace(f"{item}\n", ""), encoding="utf-8")
    with Path("docs/design_doc.md").open("a", encoding="utf-8") as file:
        file.write(f"\n{item}\n")

    assert fix(repository) == []


def test_line_endings_are_kept(repository: Path) -> None:
    path = Path("ops/runbook.md")
    text = path.read_text(encoding="utf-8")
    start, end = text.index("## Deploy\n"), text.index("## Canary\n")
    path.write_bytes((text[:start] + text[end:]).replace("\n", "\r\n").encode())
    fix(repository)

    assert path.read_bytes().replace(b"\r\n", b"").count(b"\n") == 0
    assert b"## Deploy\r\n" in path.read_bytes()


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("../elsewhere", 1, "cost_dashboard_spec.md:1:1: lies outside the repository"),
        ("elsewhere", 2, "error: cost is a symbolic link"),
    ],
)
def test_nothing_is_written_through_a_link(
    repository: Path, target: str, code: int, said: str
) -> None:
    Path(target).mkdir()
    shutil.rmtree("cost")
    Path("cost").symlink_to(target)
    done = CliRunner().invoke(cli, ["check", "--fix"])

    assert (done.exit_code, list(Path(target).iterdir())) == (code, [])
    assert said in done.output


def test_requirements_of_an_organisation_are_added(repository: Path) -> None:
    Path(".mlcharter.yml").write_text(
        "require:\n"
        "  - path: docs/privacy.md\n"
        "    sections:\n"
        "      - {id: purpose, items: [{id: purpose-agreed, text: Counsel agreed.}]}\n"
    )
    fix(repository)

    assert Path("docs/privacy.md").read_text() == (
        "# Privacy\n\nOwner:\n\nReviewed:\n\n## Purpose\n<!-- section: purpose -->\n\n"
        "Not written yet.\n\n- [ ] `purpose-agreed` Counsel agreed. <!-- from prototype -->\n"
    )


FORMS = {
    "owner: @acme/fraud": "Owner: @acme/fraud",
    "Owner:@acme/fraud": "Owner: @acme/fraud",
    "OWNER : @acme/fraud": "Owner: @acme/fraud",
    "reviewed: 2026/11/3 by @ada": "Reviewed: 2026-11-03 by @ada",
    "Reviewed: 2026.11.03": "Reviewed: 2026-11-03",
    "Reviewed: 03/11/2026": "Reviewed: 03/11/2026",
    "Reviewed: 2026-13-03": "Reviewed: 2026-13-03",
    "Reviewed: soon": "Reviewed: soon",
    "Our owner: @x": "Our owner: @x",
}


@pytest.mark.parametrize(("given", "usual"), FORMS.items(), ids=list(FORMS))
def test_a_field_is_normalised(given: str, usual: str) -> None:
    read = document.parse(f"# Model card\n\n{given}\nour words\n\n## Owner: nobody\n")
    fixed, done = normalising.normalise(read)

    assert fixed.text == read.text.replace(given, usual, 1)
    assert len(done) == (given != usual)


WAIVERS = {
    "Waived until 2027-1-5 by @lead: in 2027/1/5.": "2027-01-05 by @lead: in 2027/1/5.",
    "Waived until 2027/01/31 by @lead: why": "2027-01-31 by @lead: why",
    "waived until 2027.1.31, by @lead: why": "2027-01-31, by @lead: why",
    "Waived until 2027-02-31 by @lead: why": "2027-02-31 by @lead: why",
    "Waived until 31.1.2027 by @lead: why": "31.1.2027 by @lead: why",
    "Waived until January by @lead: 2027/1/5": "January by @lead: 2027/1/5",
}


@pytest.mark.parametrize(("given", "end"), WAIVERS.items(), ids=list(WAIVERS))
def test_the_date_of_a_waiver_is_normalised(given: str, end: str) -> None:
    read = document.parse(f"# X\n\n- [ ] `a` Since 2026/1/1. {given}\n  More until 2027/1/5.\n")
    fixed, _ = normalising.normalise(read)

    assert fixed.lines[2] == f"- [ ] `a` Since 2026/1/1. {given[:12]} {end}\n"
    assert fixed.lines[3] == read.lines[3]


def test_every_normalised_line_is_reported(repository: Path) -> None:
    path = Path("docs/cards/model.md")
    path.write_text(path.read_text().replace("Reviewed:", "reviewed: 2026/11/3 by @ada", 1))

    assert fix(repository) == ["docs/cards/model.md: normalised the line `Reviewed:`"]
    assert "\nReviewed: 2026-11-03 by @ada\n" in path.read_text()


LINES = st.sampled_from(
    [
        "# Model card",
        "Owner: @x",
        "owner:@x",
        "Reviewed: 2026/1/3 by @x",
        "- [ ] `model-card-current` Ours. Waived until 2027-1-5 by @x: 2027/1/5.",
        "## What it is",
        "<!-- section: model-summary -->",
        "## What it is for",
        "<!-- section: model-use -->",
        "### Ours",
        "<!-- Which use looks reasonable and is not? -->",
        "Not written yet.",
        "Our own words.",
        "- [ ] `model-card-current` Our wording.",
        "  - nested",
        "```yaml",
        "```",
        "> quoted",
        "\t",
        "",
        "",
    ]
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(st.one_of(LINES, st.text(max_size=8)), max_size=30),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_lines_of_the_team_keep_their_order(repository: Path, lines: list[str], ends: str) -> None:
    path = Path("docs/cards/model.md")
    text = ends.join(lines).encode(errors="replace").decode()
    path.write_bytes(text.encode())
    charter = engine.open_charter(Folder(repository), TODAY)
    demand = charter.spec.document(str(path))
    assert demand is not None
    fixed, _ = fixing.fix_document(charter, demand)

    left = iter(document.parse(fixed).lines)
    for line in document.parse(text).lines:
        assert any(is_same_line(line, other) for other in left), line


def is_same_line(line: str, other: str) -> bool:
    """Return whether two lines are equal after normalising a field or the date of a waiver."""
    line, other = line.rstrip("\r\n"), other.rstrip("\r\n")
    if not re.match("owner|reviewed", line, re.I) and "until" not in line:
        return line == other
    forms = [re.sub(r"\b0|[-/. ]", "", text).lower() for text in (line, other)]
    return forms[0] == forms[1]
