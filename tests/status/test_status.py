"""`mlcharter status`: counts of items with evidence, scores, and the next steps."""

import datetime
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from test_check import LIGHT, edit, repository

import examples
import mlcharter
from conftest import QUESTIONS, ROOT, TRACKS, Render
from mlcharter.charter import readiness_areas, required
from mlcharter.check import engine
from mlcharter.cli import cli
from mlcharter.status import progress
from mlcharter.status.judgements import Count
from mlcharter.status.outputs import text as text_output
from mlcharter.status.progress import Left, Progress
from mlcharter.support.files import Folder
from mlcharter.template import specification
from mlcharter.template.answers import ANSWERS
from mlcharter.template.specification import DocumentSpec, SectionSpec

__all__ = ["repository"]


def status(*args: str) -> Result:
    return CliRunner().invoke(cli, ["status", *args])


# Counts

TEMPLATE = """\
# Fraud watch: runbook

Owner:

## Rollback
<!-- section: rollback -->

<!-- Who takes a release back, and how long does it take? -->

Not written yet.

<!-- config: dr -->
```yaml
rto: null
```

- [ ] `rollback-joint` One command takes all of it back. <!-- from prototype -->
- [ ] `rollback-drilled` It was carried out. <!-- from production -->
- [ ] `rollback-robot` It needs no person. <!-- from critical -->
"""
FILLED = """\
backups: [{kind: model, store: vault, schedule: 1d, retention: 90d}]
rto: 4h
rpo: 1d
script: Makefile
drilled_on: 2026-11-01
drill_max_age_days: 90
evidence: Makefile
"""
PATH = "ops/runbook.md"


def measured(root: Path, text: str, settings: str = "") -> Progress:
    """Return the progress of a repository with only a runbook, checked against TEMPLATE."""
    files = f"--- {PATH}\n{text}" + (f"--- .mlcharter.yml\n{settings}" if settings else "")
    return progress.measure(examples.charter(root, files, f"--- {PATH}\n{TEMPLATE}"), "")


def items(root: Path, joint: str, drilled: str, settings: str = "") -> Count:
    """Return the count of the items that production requires, with these two items."""
    head, _, _ = TEMPLATE.partition("- [ ] `rollback-joint`")
    (root / "reports/released").mkdir(parents=True)
    (root / "reports/released/drill.md").write_text("took 4 minutes\n")
    text = f"{head}- {joint}\n- {drilled}\n- [ ] `rollback-robot` It needs no person.\n"
    found = measured(root, text, settings)
    (area,) = [area for area in found.areas if area.id == "serving"]
    assert found.documents[0].items == area.items
    return area.items


OPEN = "[ ] `rollback-joint` One command takes all of it back."
PROOF = "Evidence: [log](../reports/released/drill.md)"
PROVEN = f"[x] `rollback-joint` One command takes all of it back. {PROOF}"


def test_a_new_repository_has_a_score_of_0(tmp_path: Path) -> None:
    found = measured(tmp_path, TEMPLATE)

    (runbook,) = found.documents
    assert (runbook.sections, runbook.items, runbook.configs) == (
        Count(0, 1, 0),
        Count(0, 2, 0),
        Count(0, 1, 0),
    )
    assert found.score == 0


def test_an_item_counts_if_it_is_ticked_with_existing_evidence(tmp_path: Path) -> None:
    drilled = f"[x] `rollback-drilled` It was carried out. {PROOF}"

    assert items(tmp_path, PROVEN, drilled) == Count(2, 2, 0)


UNPROVEN = {
    "ticked without evidence": "[x] `rollback-drilled` It was carried out.",
    "evidence that is gone": "[x] `rollback-drilled` Done. Evidence: [log](../gone.md)",
    "evidence that has changed": f"[x] `rollback-drilled` Done. {PROOF} (sha256:{'0' * 16})",
    "evidence that a run rewrites": "[x] `rollback-drilled` Done. Evidence: [x](../reports/a.json)",
    "ticked and waived": (
        f"[x] `rollback-drilled` Done. {PROOF} Waived until 2027-01-31 by @lead: no staging."
    ),
    "a waiver that has ended": "[ ] `rollback-drilled` Waived until 2026-01-31 by @lead: later.",
    "a waiver of nobody": "[ ] `rollback-drilled` Waived until 2027-01-31: later.",
    "another item in its place": "[ ] `rollback-other` It was carried out.",
}


@pytest.mark.parametrize("line", UNPROVEN.values(), ids=list(UNPROVEN))
def test_a_tick_without_evidence_does_not_count(tmp_path: Path, line: str) -> None:
    assert items(tmp_path, PROVEN, line) == Count(1, 2, 0)


def test_a_waived_item_is_not_counted_and_is_shown(tmp_path: Path) -> None:
    line = "[ ] `rollback-drilled` Waived until 2027-01-31 by @lead: no staging yet."

    assert items(tmp_path, PROVEN, line) == Count(1, 1, waived=1)


def test_allowed_findings_are_waived_and_ignored_rules_are_not(tmp_path: Path) -> None:
    allow = "{rule: item-without-evidence, until: 2027-01-31, by: '@lead', reason: new}"
    line = "[ ] `rollback-drilled` It was carried out."

    assert items(tmp_path / "a", OPEN, line, f"allow: [{allow}]\n") == Count(0, 0, 2)
    assert items(tmp_path / "b", OPEN, line, "ignore: [item-without-evidence]\n") == Count(0, 2, 0)


def test_an_area_with_only_waived_items_does_not_apply(tmp_path: Path) -> None:
    allow = "{rule: item-without-evidence, until: 2027-01-31, by: '@lead', reason: new}"
    found = measured(tmp_path, TEMPLATE, f"allow: [{allow}]\n")

    assert found.points == 0
    assert found.score is None


def test_a_filled_section_and_a_valid_config_block_count(tmp_path: Path) -> None:
    text = TEMPLATE.replace("Not written yet.", "Whoever is on call, within four minutes.")
    (runbook,) = measured(tmp_path, text.replace("rto: null\n", FILLED)).documents

    assert (runbook.sections, runbook.configs) == (Count(1, 1, 0), Count(1, 1, 0))


def test_a_deleted_document_counts_as_nothing_done(tmp_path: Path) -> None:
    charter = examples.charter(tmp_path, f"--- {PATH}\n{TEMPLATE}", f"--- {PATH}\n{TEMPLATE}")
    (tmp_path / PATH).unlink()

    (runbook,) = progress.measure(charter).documents
    assert runbook.all == Count(0, 4, 0)


def test_required_items_without_an_area_have_no_points(tmp_path: Path) -> None:
    wanted = "{id: purpose, items: [{id: purpose-agreed}]}"
    settings = f"require: [{{path: docs/privacy.md, sections: [{wanted}]}}]\n"
    charter = examples.charter(
        tmp_path, f"--- .mlcharter.yml\n{settings}--- {PATH}\n", f"--- {PATH}\n{TEMPLATE}"
    )
    spec = required.extend(charter.spec, charter.settings.required)
    found = progress.measure(replace(charter, spec=spec))

    assert found.beside == Count(0, 1, 0)
    assert [document.path for document in found.documents][-1] == "docs/privacy.md"
    assert "required by the organisation" in text_output.render(found)


@pytest.mark.parametrize(
    ("tracks", "areas"), [(["applied"], 9), (["rag"], 10), (["rl"], 10), (list(TRACKS), 11)]
)
def test_an_area_of_a_track_counts_if_the_track_is_chosen(
    render: Render, tracks: list[str], areas: int
) -> None:
    root = render(tracks=tracks, tier="production", layout="documents")
    found = progress.measure(engine.open_charter(Folder(root), examples.TODAY))

    assert len(found.areas) == areas
    assert found.score == 0


def test_a_prototype_is_scored_on_the_items_of_its_tier(render: Render) -> None:
    root = render(tracks=["applied"], tier="prototype", layout="documents")
    found = progress.measure(engine.open_charter(Folder(root), examples.TODAY))

    absent = [area.id for area in found.areas if not area.applies]
    assert absent == ["serving", "security", "cost", "documents"]


def test_the_filled_in_example_is_done() -> None:
    root = ROOT / "examples/applied"
    found = progress.measure(engine.open_charter(Folder(root), examples.TODAY))

    assert found.score == 100
    assert found.left == Left(0, 0, 0)
    assert found.next == ()


def test_what_is_open_of_the_starter_is_counted_apart(render: Render) -> None:
    """The starter is to be replaced as a whole; what is left to write is the rest."""
    root = render(tracks=["applied"], tier="prototype")
    found = progress.measure(engine.open_charter(Folder(root), examples.TODAY))

    assert found.left == Left(draft=0, complete=14, release=12, starter=found.starter)
    assert found.starter == 27
    levels = text_output.render(found).splitlines()[1]
    assert levels == (
        "checked at level draft; draft passes, complete has 14 open and 27 of the starter, "
        "release has 26 open and 27 of the starter"
    )


# Next steps

SOME = "select: [link-broken, section-unfilled, config-unfilled, item-without-evidence]\n"


def steps(found: Progress) -> str:
    return "".join(f"{s.path}:{s.line} {s.what}\n  {s.why} [{s.rule}]\n" for s in found.next)


def test_findings_of_level_draft_come_first(tmp_path: Path) -> None:
    text = TEMPLATE.replace("Owner:", "Owner: @acme/fraud\n\nSee [this](gone.md).")

    assert steps(measured(tmp_path, text, SOME)) == (
        "ops/runbook.md:5 `gone.md` does not exist; correct it\n"
        "  fails at every level [link-broken]\n"
        'ops/runbook.md:12 write "Rollback": Who takes a release back, and how long does it take?\n'
        "  required for level complete; its area, serving and reliability, has 4 of 4 points "
        "[section-unfilled]\n"
    )


WRITTEN = TEMPLATE.replace("Owner:", "Owner: @acme/fraud").replace(
    "Not written yet.", "Whoever is on call, within four minutes."
)


def test_then_come_findings_of_level_complete(tmp_path: Path) -> None:
    assert steps(measured(tmp_path, WRITTEN, SOME)) == (
        "ops/runbook.md:12 fill in the config block `dr` (backups, rto, rpo, script, drilled_on, "
        "drill_max_age_days, evidence); `mlcharter explain dr` shows how\n"
        "  required for level complete; its area, serving and reliability, has 4 of 4 points "
        "[config-unfilled]\n"
    )


def test_then_come_items_of_the_lowest_tier(tmp_path: Path) -> None:
    text = WRITTEN.replace("rto: null\n", FILLED)

    assert steps(measured(tmp_path, text, SOME)) == (
        "ops/runbook.md:23 give evidence for `rollback-joint`: One command takes all of it back. "
        "Then tick it and link the evidence after `Evidence:`\n"
        "  required for level release and from tier prototype on; adds 50.0 to the score, "
        "in serving and reliability [item-without-evidence]\n"
    )


def test_ignored_rules_give_no_steps(tmp_path: Path) -> None:
    found = measured(tmp_path, TEMPLATE, "ignore: ['*']\n")

    assert found.next == ()
    assert found.score == 0


# Output


def test_the_text_shows_the_progress_of_a_new_repository(repository: Path) -> None:
    printed = status().output

    assert printed.startswith(
        "Harbour watch: applied, production\nchecked at level draft; draft passes, complete has "
    )
    assert re.search(r"^docs/design_doc\.md +\[\.{20}\] +0/10 +0/\d+ +0/6$", printed, re.M)
    assert (
        "\nreadiness: 0 of 100, which is normal at first: items get evidence while the system is "
        "built\noutcomes and product sense "
    ) in printed
    assert f"tier production requires: {readiness_areas.WEIGHING}. It is about" in printed
    assert '\n1. docs/design_doc.md:16  write "Problem": Which decision changes ' in printed
    assert "\x1b" not in printed


@pytest.mark.field(26, "where `status` begins")
@pytest.mark.parametrize("track", TRACKS)
def test_the_first_steps_follow_the_order_of_the_design_doc(render: Render, track: str) -> None:
    """It does not depend on the points of areas."""
    charter = engine.open_charter(Folder(render(tracks=[track])), datetime.date(2026, 11, 25))
    found = progress.measure(charter)

    problem, without, *_ = charter.spec.documents[0].sections
    assert [step.path for step in found.next] == ["docs/design_doc.md"] * 3
    assert found.next[0].what.startswith(f'write "{problem.heading}": ')
    assert found.next[1].what.startswith(f'write "{without.heading}": ')


def test_a_repository_is_found_from_a_file_in_it(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = status("harbour/docs/eval_pack.md")

    assert result.exit_code == 0
    assert "\nharbour/docs/design_doc.md " in result.output


def test_the_json_fits_its_published_schema(repository: Path) -> None:
    schema = Path(mlcharter.__file__).parent / "schemas/status.json"
    printed = json.loads(status("--format", "json").output)

    Draft202012Validator(json.loads(schema.read_text())).validate(printed)
    assert printed["version"] == 1
    assert printed["score"] == 0
    assert len(printed["next"]) == 3


def test_a_repository_without_answers_is_a_user_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = status()

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: . is empty\n  hint: create a repository there with `mlcharter new .`\n"
    )
    Path("notes.md").touch()
    assert status().stderr == (
        "error: .copier-answers.yml:1: there is no .copier-answers.yml\n  hint: bring this "
        "repository in with `mlcharter adopt`, or create one with `mlcharter new`\n"
    )
    assert status("gone").exit_code == 2
    assert "did you mean" in CliRunner().invoke(cli, ["stauts"]).stderr


def test_names_cannot_move_the_cursor(repository: Path) -> None:
    edit(ANSWERS, "project_name: Harbour watch", 'project_name: "Harbour\\e[2J\\u202e"')

    assert not {"\x1b", "\u202e"} & set(status().output)
    assert not {"\x1b", "\u202e"} & set(status("--format", "json").output)


def test_a_status_imports_nothing_heavy_and_starts_no_program(repository: Path) -> None:
    code = LIGHT.replace('"check"', '"status"')
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


# The areas

AREAS = readiness_areas.areas(ROOT)


def parts() -> Iterator[tuple[DocumentSpec, SectionSpec]]:
    """Yield every section of every kind of repository."""
    names = ("layout", "rl_setting", "applied_kind", "rag_hosting")
    for chosen in itertools.product(*(QUESTIONS[name].choices for name in names)):
        chosen_by_name = dict(zip(names, chosen, strict=True))
        answers = {"tracks": list(TRACKS), "rag_tools": True, **chosen_by_name}
        for demand in specification.read(ROOT, answers).documents:
            for section in demand.sections:
                yield demand, section


def test_every_section_has_an_area() -> None:
    lost = {
        f"{demand.path}: {section.id}"
        for demand, section in parts()
        if readiness_areas.area_of(AREAS, demand, section) is None
    }
    assert lost == set(), f"name them in {readiness_areas.FILE}"


def test_every_name_in_an_area_exists_and_is_unique() -> None:
    here = {
        "documents": {demand.path for demand, _ in parts()},
        "sections": {section.id for _, section in parts()},
        "items": {item.id for _, section in parts() for item in section.items},
    }
    for kind, known in here.items():
        named = [name for area in AREAS for name in getattr(area, kind)]
        assert sorted(set(named) - known) == [], f"no repository has these {kind}"
        assert sorted(named) == sorted(set(named)), f"some {kind} have two areas"


def test_an_area_of_a_track_has_only_parts_of_that_track() -> None:
    """An area of a track has no sections of other tracks."""
    for area in AREAS:
        others = [track for track in TRACKS if track != area.track] if area.track else []
        for track in others:
            answers = {"tracks": [track], "layout": "documents"}
            for demand in specification.read(ROOT, answers).documents:
                for section in demand.sections:
                    for name in ("", *(item.id for item in section.items)):
                        found = readiness_areas.area_of(AREAS, demand, section, name)
                        assert found != area, f"{track} is given {section.id} {name}"


def test_every_page_weighs_areas_in_the_same_words(render: Render) -> None:
    root = render(tracks=["applied"], tier="production", layout="documents")
    pages = {
        "plan": (root / "docs/ninety_day_plan.md").read_text(encoding="utf-8"),
        "explain": CliRunner().invoke(cli, ["explain", "area"]).output,
        "guide": (ROOT / "docs/status.md").read_text(encoding="utf-8"),
    }
    for name, page in pages.items():
        assert readiness_areas.WEIGHING in " ".join(page.split()), name


def test_an_item_counts_by_what_is_at_stake_however_many_items_its_area_has(
    render: Render,
) -> None:
    """A tick in security is worth three of cost; formerly it was less than one."""
    root = render(tracks=["applied"], tier="production", layout="documents")
    found = progress.measure(engine.open_charter(Folder(root), examples.TODAY))

    assert found.points == sum(area.weight * area.items.of for area in found.areas)
    weights = {area.id: area.points / area.items.of for area in found.areas if area.applies}
    assert (weights["security"], weights["serving"], weights["cost"]) == (3, 2, 1)
