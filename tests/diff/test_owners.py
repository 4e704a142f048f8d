"""Changes of who must approve: CODEOWNERS on each host, the field `Owner`, and moved parts."""

# ruff: noqa: E501 (a row of a table is one line)

import shutil
from pathlib import Path

import pytest
from small_charter import FILES, TODAY, Edit, compare, lines

from mlcharter.check import engine
from mlcharter.diff import comparing
from mlcharter.support.files import Folder, Overlay

OWNERS, PACK, OPS, DESIGN = (
    "CODEOWNERS",
    "docs/eval_pack.md",
    "ops/runbook.md",
    "docs/design_doc.md",
)
ANSWERS = ".copier-answers.yml"
REST = FILES[OWNERS].removeprefix("* @acme/fraud\n")
GITHUB, GITLAB = ".github/CODEOWNERS", ".gitlab/CODEOWNERS"
ALL = "* @acme/fraud\n"
ON_GITLAB: Edit = (ANSWERS, "layout: documents\n", "layout: documents\nci: gitlab\n")
NOT_ON_GITHUB: Edit = (OWNERS, FILES[OWNERS], "")

_TEXT = FILES[PACK]
GATES = _TEXT[_TEXT.index("<!-- config: gates -->") : _TEXT.index("<!-- config: slices -->")]

# What changes, and what it is judged to be.
CHANGES: list[tuple[list[Edit], list[str]]] = [
    # The host reads another file first.
    ([(GITHUB, "", ALL)], ["weakens: owners of .mlcharter.yml and 1 more: @acme/leads → @acme/fraud", "weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud"]),
    ([("docs/CODEOWNERS", "", ALL)], []),
    ([(GITLAB, "", ALL)], []),
    ([ON_GITLAB, (GITHUB, "", ALL)], ["weakens: owners of .mlcharter.yml and 1 more: @acme/leads → @acme/fraud", "weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud", "needs a person: answer `ci`: added: gitlab"]),
    ([(GITHUB, "", "")], []),
    # What GitHub reads as an invalid line, or as a comment.
    ([(OWNERS, "/ops/ ", "/[o]ps/ ")], ["weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud"]),
    ([(OWNERS, "/ops/ @acme/ops", "/ops/ @acme/ops acme/x")], ["weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud"]),
    ([(OWNERS, "/ops/ @acme/ops", "/ops/ # @acme/ops")], ["weakens: owners of ops/runbook.md: removed: @acme/ops"]),
    ([(OWNERS, "/ops/ ", "# The duty\n/ops/ ")], []),
    ([(OWNERS, "/ops/ @acme/ops\n", ""), (OWNERS, "/.mlc", "/ops/ @acme/ops\n/.mlc")], []),
    # Files that decide a verdict, also those that are still to come.
    ([(OWNERS, ALL, f"{ALL}/proofs.json @mallory\n")], ["weakens: owners of proofs.json: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/reports/released/ @mallory\n")], ["weakens: owners of reports/released/2026-11-gates.json: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/reports/released/2027-* @mallory\n")], ["weakens: owners of new files like reports/released/2027-x: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}*.jsonl @mallory\n")], ["weakens: owners of versioning/releases/log.jsonl: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/.github/workflows/ @mallory\n")], ["weakens: owners of new files like .github/workflows/x: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/evals/ @mallory\n")], ["weakens: owners of new files like evals/applied.py: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/data/labels.csv @mallory\n")], ["weakens: owners of new files like data/labels.csv: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/.github/CODEOWNERS @mallory\n")], ["weakens: owners of new files like .github/CODEOWNERS: @acme/fraud → @mallory"]),
    ([(OWNERS, ALL, f"{ALL}/src/web/ @acme/web\n")], []),
    # Without a line in CODEOWNERS, the field `Owner` and the answers say it.
    ([(DESIGN, "Owner: @acme/fraud", "Owner: @mallory")], ["needs a person: field `Owner`: @acme/fraud → @mallory"]),
    ([NOT_ON_GITHUB], ["weakens: owners of .copier-answers.yml and 8 more: removed: @acme/fraud", "weakens: owners of .mlcharter.yml and 1 more: removed: @acme/leads", "weakens: owners of ops/runbook.md: removed: @acme/ops"]),
    # A document or a part of it moves to a file with other owners.
    ([(OPS, FILES[OPS], ""), ("docs/book.md", "", FILES[OPS])], ["weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud", "neutral: document renamed: ops/runbook.md → docs/book.md"]),
    ([(PACK, GATES, ""), (OPS, FILES[OPS], FILES[OPS] + GATES)], ['weakens: owners of gates "recall-min" and 1 more: @acme/fraud → @acme/ops']),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "expected"), CHANGES)
def test_a_change_of_owners_has_a_class(base: Path, edits: list[Edit], expected: list[str]) -> None:
    assert lines(compare(base, *edits)) == expected


# CODEOWNERS before and after, or None, and what else changes; on GitLab if `[` is in it.
BETWEEN: list[tuple[str | None, str | None, list[Edit], list[str]]] = [
    # Files that CODEOWNERS does not name belong to the field `Owner`, else to the answers.
    (REST, REST, [(DESIGN, "Owner: @acme/fraud", "Owner: @mallory")], ["weakens: owners of docs/design_doc.md: @acme/fraud → @mallory", "needs a person: field `Owner`: @acme/fraud → @mallory"]),
    (REST, REST, [(ANSWERS, "@acme/fraud", "@mallory")], ["weakens: owners of .copier-answers.yml and 4 more: @acme/fraud → @mallory", "needs a person: answer `owner`: @acme/fraud → @mallory"]),
    (REST, ALL + REST, [], []),
    (REST, "/docs/ @mallory\n" + REST, [], ["weakens: owners of docs/design_doc.md and 1 more: @acme/fraud → @mallory"]),
    (None, ALL, [], ["weakens: owners of ops/runbook.md: @acme/ops → @acme/fraud"]),
    # Sections of GitLab.
    ("[Ops]\n/ops/ @acme/ops\n", "^[Ops]\n/ops/ @acme/ops\n", [], ["weakens: owners of ops/runbook.md: [ops] @acme/ops → ^[ops] @acme/ops"]),
    ("^[Ops]\n/ops/ @acme/ops\n", "[Ops]\n/ops/ @acme/ops\n", [], ["tightens: owners of ops/runbook.md: ^[ops] @acme/ops → [ops] @acme/ops"]),
    ("[Ops][2]\n/ops/ @a @b\n", "[Ops]\n/ops/ @a @b\n", [], ["weakens: owners of ops/runbook.md: [ops][2] @a @b → [ops] @a @b"]),
    ("[Ops] @acme/ops\n/ops/\n", "[Ops] @mallory\n/ops/\n", [], ["weakens: owners of ops/runbook.md: [ops] @acme/ops → [ops] @mallory"]),
    ("[Ops] @acme/ops\n/ops/\n", "[Ops] @acme/ops\n/ops/\n!*.md\n", [], ["weakens: owners of ops/runbook.md: removed: [ops] @acme/ops"]),
    ("[Ops]\n/ops/ @a\n[Sre]\n/ops/ @b\n", "[Ops]\n/ops/ @a @b\n", [], ["weakens: owners of ops/runbook.md: [ops] @a; [sre] @b → [ops] @a @b"]),
    ("[Ops]\n/ops/ @a\n", "[Duty]\n/ops/ @A\n", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "edits", "expected"), BETWEEN)
def test_owners_are_compared_with_what_counted_at_the_base(
    base: Path, before: str | None, after: str | None, edits: list[Edit], expected: list[str]
) -> None:
    host = "gitlab" if "[" in str(before) else "github"
    answers = FILES[ANSWERS].replace("layout:", f"ci: {host}\nlayout:")
    contents: list[dict[str, bytes | None]] = [
        {ANSWERS: answers.encode(), OWNERS: text and text.encode()} for text in (before, after)
    ]
    for path, old, new in edits:
        text = answers if path == ANSWERS else FILES[path]
        contents[1][path] = text.replace(old, new).encode()
    charters = [engine.open_charter(Overlay(Folder(base), changed), TODAY) for changed in contents]

    found = lines(comparing.compare(charters[0], charters[1], "base"))
    assert [line for line in found if "new files" not in line] == expected


def test_the_owners_of_the_file_that_counted_approve_another_that_replaces_it(base: Path) -> None:
    found = compare(base, (GITHUB, "", "* @mallory\n"))

    assert {d.needs for d in found.differences} == {"needs the approval of @acme/leads"}


def test_more_changed_lines_than_can_be_compared_weaken(base: Path) -> None:
    many = "".join(f"/x{n} @a\n" for n in range(80_000))

    assert lines(compare(base, (OWNERS, ALL, ALL + many)))[0].startswith("weakens: owners: ")


def test_answers_in_a_file_with_other_owners_come_under_them(base: Path) -> None:
    """mlcharter reads `.copier-answers.mlcharter.yml` first; nothing else changes."""
    found = compare(
        base,
        (".copier-answers.mlcharter.yml", "", FILES[ANSWERS]),
        before=[(OWNERS, ALL, f"{ALL}/.copier-answers.yml @acme/leads\n")],
    )

    assert lines(found) == ["weakens: owners of .copier-answers.yml: @acme/leads → @acme/fraud"]
    assert found.differences[0].needs == "needs the approval of @acme/leads"


def test_a_link_in_place_of_codeowners_weakens(base: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(base, changed)
    (changed / ".github").mkdir()
    (changed / GITHUB).symlink_to("../CODEOWNERS")
    charters = [engine.open_charter(Folder(root), TODAY) for root in (base, changed)]

    assert lines(comparing.compare(charters[0], charters[1], "base")) == [
        "weakens: .github/CODEOWNERS: a file → a link, which hosts may not follow"
    ]
