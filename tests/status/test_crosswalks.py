"""Crosswalks: which parts of a charter answer the clauses of a framework, and their state."""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from msgspec.structs import replace
from test_status import AREAS, parts

import examples
import mlcharter
from conftest import ROOT
from mlcharter.charter import config_entries, crosswalks, required
from mlcharter.charter.settings import Clause, Crosswalk
from mlcharter.check import engine
from mlcharter.cli import cli
from mlcharter.export.kinds import crosswalks as kind
from mlcharter.status import crosswalks as statuses
from mlcharter.status.crosswalks import ClauseStatus
from mlcharter.support.files import Folder

OURS = crosswalks.read_template(ROOT)
CLAUSES = [
    pytest.param(clause, id=f"{name} {clause.id}")
    for name, crosswalk in OURS.items()
    for clause in crosswalk.clauses
]


# The crosswalks of the template


def subcategories() -> Iterator[str]:
    """Yield the 72 subcategories of the AI RMF, from how many each category has."""
    for function, sizes in {
        "GOVERN": (7, 3, 2, 3, 2, 2),
        "MAP": (6, 3, 5, 2, 2),
        "MEASURE": (3, 13, 3, 3),
        "MANAGE": (4, 4, 2, 3),
    }.items():
        for category, size in enumerate(sizes, 1):
            for n in range(1, size + 1):
                yield f"{function} {category}.{n}"


COMPLETE = {
    "annex-iv": [*(f"{point}({letter})" for point in "12" for letter in "abcdefgh"), *"3456789"],
    "ml-test-score": [
        f"{part} {n}" for part in ("Data", "Model", "Infra", "Monitor") for n in range(1, 8)
    ],
    "nist-ai-rmf": [*subcategories(), *(f"AI 600-1 2.{n}" for n in range(1, 13))],
    "owasp-agentic": [f"ASI{n:02}" for n in range(1, 11)],
    "owasp-llm": [f"LLM{n:02}:2025" for n in range(1, 11)],
}


def test_each_crosswalk_has_every_clause_of_its_framework() -> None:
    assert {name: [clause.id for clause in one.clauses] for name, one in OURS.items()} == COMPLETE
    assert all(one.title and one.source and one.url and one.checked_on for one in OURS.values())


OPEN_SECTIONS = {section.id for _, section in parts() if section.open}
ITEMS = {item.id for _, section in parts() for item in section.items}


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_names_parts_that_exist_and_that_a_team_fills_in(clause: Clause) -> None:
    """A section without a placeholder is the template's text, and shows nothing of a team."""
    assert set(clause.items) <= ITEMS
    assert set(clause.sections) <= OPEN_SECTIONS
    assert set(clause.config) <= set(config_entries.kinds())


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_says_what_it_asks_and_what_shows_it_or_why_nothing_does(clause: Clause) -> None:
    assert clause.asks and len(clause.asks) <= 130 and not clause.asks.endswith(".")
    assert clause.items or clause.gap, "sections and config blocks alone are no evidence"
    assert clause.gap is None or not clause.gap.endswith(".")


def test_no_area_is_left_out_of_every_crosswalk() -> None:
    """An area that no framework asks for would be ours alone."""
    named = {name for one in OURS.values() for clause in one.clauses for name in clause.items}
    items = {
        area.id
        for document, section in parts()
        for item in section.items
        for area in AREAS
        if item.id in named and (section.id in area.sections or document.path in area.documents)
    }
    assert items == {area.id for area in AREAS}


# The state of a clause

PATH = "ops/runbook.md"
TEMPLATE = """\
# Fraud watch: runbook

Owner:

## Rollback
<!-- section: rollback -->

> Who takes a release back? <!-- guidance -->

Not written yet.

<!-- config: dr -->
```yaml
rto: null
```

- [ ] `rollback-joint` One command takes all of it back. <!-- from prototype -->
- [ ] `rollback-drilled` It was carried out. <!-- from production -->
- [ ] `rollback-robot` It needs no person. <!-- from critical -->
"""
DONE = """\
# Fraud watch: runbook

Owner: @acme/fraud

## Rollback
<!-- section: rollback -->

Whoever is on call, within four minutes.

<!-- config: dr -->
```yaml
backups: [{kind: model, store: vault, schedule: 1d, retention: 90d}]
rto: 4h
rpo: 1d
script: Makefile
drilled_on: 2026-11-01
drill_max_age_days: 90
evidence: Makefile
```

- [x] `rollback-joint` One command takes all of it back. Evidence: [log](../reports/released/a.md)
- [ ] `rollback-drilled` Waived until 2027-01-31 by @lead: no staging yet.
"""


def judge(root: Path, clause: str, text: str = DONE, more: str = "") -> ClauseStatus:
    """Return the state of one clause in a repository with only a runbook."""
    settings = f"crosswalks: {{own: {{title: Own, clauses: [{{id: '1', {clause}}}]}}}}\n{more}"
    files = f"--- .mlcharter.yml\n{settings}--- {PATH}\n{text}--- reports/released/a.md\n4 min\n"
    charter = examples.charter(root, files, f"--- {PATH}\n{TEMPLATE}")
    return statuses.measure(charter, "own").clauses[0]


STATES = {
    "items: [rollback-joint]": "with-evidence",
    "items: [rollback-joint], sections: [rollback]": "with-evidence",
    "items: [rollback-joint], gap: not the database": "partly",
    "items: [rollback-joint, rollback-robot]": "partly",
    "items: [rollback-drilled]": "waived",
    "items: [rollback-joint, rollback-drilled]": "waived",
    "items: [rollback-robot]": "not-covered",
    "gap: kept by the audit department": "not-covered",
}


@pytest.mark.parametrize(("clause", "state"), STATES.items(), ids=list(STATES))
def test_the_state_of_a_clause_is_the_least_of_its_parts(
    tmp_path: Path, clause: str, state: str
) -> None:
    assert judge(tmp_path, clause).state == state


@pytest.mark.parametrize(
    ("clause", "before", "after"),
    [
        ("items: [rollback-joint]", "[x] `rollback-joint`", "[ ] `rollback-joint`"),
        ("items: [rollback-joint]", "/a.md)", "/gone.md)"),
        ("sections: [rollback]", "Whoever is on call, within four minutes.", "Not written yet."),
        ("config: [dr]", "rto: 4h", "rto: null"),
        ("config: [dr]", "rto: 4h", "rto: soon"),
    ],
)
def test_a_part_that_is_not_done_leaves_its_clause_open(
    tmp_path: Path, clause: str, before: str, after: str
) -> None:
    assert judge(tmp_path / "open", clause, DONE.replace(before, after)).state == "open"


def test_a_part_says_why_it_is_waived_or_not_here() -> None:
    charter = engine.open_charter(Folder(ROOT / "examples/applied"), examples.TODAY)
    parts = [
        part
        for clause in statuses.measure(charter, "annex-iv").clauses
        for part in clause.parts
        if part.id in ("edge-acceptance", "artifacts-signed", "energy-stated")
    ]
    assert [(part.state, (part.why or "").partition(":")[0]) for part in parts] == [
        ("not-applicable", "by @northbank/lab-it"),
        ("not-asked", "from tier critical on"),
        ("waived", "until 2027-06-30 by @northbank/lab-it"),
    ]


def test_evidence_of_an_item_is_named_from_the_root(tmp_path: Path) -> None:
    (part,) = judge(tmp_path, "items: [rollback-joint]").parts

    assert part.place == "ops/runbook.md#rollback"
    assert [(proof.text, proof.target) for proof in part.evidence] == [
        ("log", "reports/released/a.md")
    ]


def test_what_belongs_to_another_track_is_not_asked_and_not_shown_as_covered() -> None:
    charter = engine.open_charter(Folder(ROOT / "examples/applied"), examples.TODAY)
    found = statuses.measure(charter, "owasp-llm")

    (injection,) = [clause for clause in found.clauses if clause.id == "LLM01:2025"]
    assert injection.state == "not-covered"
    assert injection.parts[0].why == "only with track rag"


# An organisation's own


def test_an_organisation_adds_parts_to_a_clause_and_its_gap_takes_the_place_of_ours(
    tmp_path: Path,
) -> None:
    settings = (
        "crosswalks: {annex-iv: {clauses: [{id: '8', items: [declaration-signed]}]}}\n"
        "require: [{path: docs/conformity.md, sections: [{id: declaration, items: "
        "[{id: declaration-signed, text: The declaration is signed.}]}]}]\n"
    )
    files = f"--- .mlcharter.yml\n{settings}--- {PATH}\n{DONE}"
    charter = examples.charter(tmp_path, files, f"--- {PATH}\n{TEMPLATE}")
    before = [clause for clause in OURS["annex-iv"].clauses if clause.id == "8"]
    spec = required.extend(charter.spec, charter.settings.required)
    charter = replace(charter, spec=spec)
    (after,) = [c for c in crosswalks.read(charter)["annex-iv"].clauses if c.id == "8"]
    (found,) = [c for c in statuses.measure(charter, "annex-iv").clauses if c.id == "8"]

    assert (before[0].items, after.items, after.gap) == ([], ["declaration-signed"], None)
    assert after.asks == before[0].asks
    assert (found.state, found.parts[0].state) == ("open", "open")


# The command


def status(*options: str) -> Result:
    return CliRunner().invoke(cli, ["status", str(ROOT / "examples/applied"), *options])


def test_a_mistyped_name_lists_the_known_ones() -> None:
    result = status("--crosswalk", "anex-iv")

    assert (result.exit_code, result.stdout) == (2, "")
    assert " ".join(result.stderr.split()) == (
        "error: there is no crosswalk `anex-iv` hint: did you mean `annex-iv`? there are "
        "`annex-iv`, `ml-test-score`, `nist-ai-rmf`, `owasp-agentic`, `owasp-llm`"
    )


def test_the_json_fits_its_published_schema() -> None:
    schema = Path(mlcharter.__file__).parent / "schemas/crosswalk.json"
    printed = json.loads(status("--crosswalk", "annex-iv", "--format", "json").stdout)

    Draft202012Validator(json.loads(schema.read_text())).validate(printed)
    assert sum(printed["counts"].values()) == len(printed["clauses"]) == 23


def test_the_text_shows_each_clause_with_its_parts_and_its_gap() -> None:
    lines = status("--crosswalk", "annex-iv").stdout.splitlines()

    assert lines[0] == "EU AI Act, Annex IV: Biopsy triage, production"
    at = next(n for n, line in enumerate(lines) if line.startswith("1(c)"))
    assert [line.strip() for line in lines[at : at + 3]] == [
        "1(c)  partly         versions of software and firmware, and what an update requires",
        "item sbom-true: with evidence",
        "not shown: firmware, and what an update requires of a deployer, are not asked",
    ]


# The document


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("example", ["applied", "rag", "rl"])
def test_every_link_of_the_document_leads_to_a_file(example: str, name: str) -> None:
    root = ROOT / "examples" / example
    charter = engine.open_charter(Folder(root), examples.TODAY)
    chosen = {name: Crosswalk()}
    own = replace(charter.settings.own.settings, crosswalks=chosen)
    settings = replace(charter.settings, own=replace(charter.settings.own, settings=own))
    ((path, text),) = kind.render(replace(charter, settings=settings)).items()

    assert path == f"docs/crosswalks/{name}.md"
    links = [
        str(token.attrs["href"])
        for block in MarkdownIt().parse(text)
        for token in block.children or ()
        if token.type == "link_open"
    ]
    files = [link.partition("#")[0] for link in links if "://" not in link]
    places = [posixpath.normpath(posixpath.join(path, "..", unquote(file))) for file in files]
    assert [place for place in places if not (root / place).is_file()] == []
    assert files or name.startswith("owasp")


def test_only_what_the_repository_names_is_written_and_kept_current(tmp_path: Path) -> None:
    def export(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["export", "-C", str(tmp_path), "--no-cache", *options])
        return result.exit_code, result.output

    answers = "tracks: [applied]\ntier: production\nlayout: documents\nproject_name: Harbour\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    named = "name one in .mlcharter.yml, such as `crosswalks: {annex-iv: {}}`"
    assert export("crosswalks") == (0, f"crosswalks: nothing to write; {named}\n")

    own = "crosswalks: {annex-iv: {}, own: {title: Own, clauses: [{id: '1', gap: none}]}}\n"
    (tmp_path / ".mlcharter.yml").write_text(own)
    paths = ("docs/crosswalks/annex-iv.md", "docs/crosswalks/own.md")
    said = "run `mlcharter export crosswalks`"
    assert export("--check") == (1, "".join(f"{path}: missing; {said}\n" for path in paths))
    assert export() == (0, "".join(f"{path}: written\n" for path in paths))
    assert export("--check") == (0, "".join(f"{path}: current\n" for path in paths))

    (tmp_path / ".mlcharter.yml").write_text(own.replace("gap: none", "gap: never"))
    changed = f"{paths[1]}: differs from the documents; {said}\n"
    assert export("--check") == (1, f"{paths[0]}: current\n{changed}")
    (tmp_path / ".mlcharter.yml").write_text("tier: production\n")
    assert export()[1].startswith(f"{paths[0]}: is derived from nothing; delete the file, or ")


def test_the_guide_has_the_counts_of_each_crosswalk(request: pytest.FixtureRequest) -> None:
    rows = [
        "| Name | Framework | Clauses | Whole | Partly | Not covered |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in OURS.items():
        absent = sum(not (c.items or c.sections or c.config) for c in one.clauses)
        whole = sum(clause.gap is None for clause in one.clauses)
        cells = (len(one.clauses), whole, len(one.clauses) - whole - absent, absent)
        rows.append(f"| `{name}` | {one.title} | {' | '.join(map(str, cells))} |")
    page = ROOT / "docs/crosswalks.md"
    part = re.compile(r"(<!-- generated: crosswalks -->\n).*?(<!-- end -->)", re.DOTALL)
    table = "\n".join(rows) + "\n"
    expected = part.sub(lambda m: f"{m[1]}{table}{m[2]}", page.read_text(encoding="utf-8"))
    if request.config.getoption("--accept"):
        page.write_text(expected, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == expected
