"""What is read from the template's sources is what Copier renders, in every combination."""

from pathlib import Path

import pytest
import yaml

from conftest import COMBINATIONS, QUESTIONS, ROOT, Render
from mlcharter.markdown import document
from mlcharter.template import composing, specification
from mlcharter.template.specification import DocumentSpec, SectionSpec, Specification

LAYOUTS = QUESTIONS["layout"].choices
CODE = {"data", "src", "tests", "evals", "reports", "tools"}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("tracks", COMBINATIONS, ids="-".join)
def test_the_specification_is_what_is_rendered(
    render: Render, tracks: tuple[str, ...], layout: str
) -> None:
    specified_as_rendered(render(tracks=list(tracks), layout=layout))


@pytest.mark.parametrize("setting", ["bandit", "several-agents"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_specification_of_a_setting_is_what_is_rendered(
    render: Render, layout: str, setting: str
) -> None:
    specified_as_rendered(render(tracks=["rl"], layout=layout, rl_setting=setting))


def specified_as_rendered(root: Path) -> None:
    answers = yaml.safe_load((root / ".copier-answers.yml").read_text(encoding="utf-8"))

    spec = specification.read(ROOT, answers)

    assert {demand.path for demand in spec.documents} | spec.forms == markdown(root)
    for demand in spec.documents:
        text = (root / demand.path).read_text(encoding="utf-8")
        composed = composing.compose(ROOT, f"{demand.path}.jinja", answers)
        assert spec.fill_names(composed) == text
        assert fill_answers(demand, spec) == specification.specify(
            document.parse(text, demand.path)
        )


def markdown(root: Path) -> set[str]:
    """The Markdown files of a rendered repository that are no code and not the host's."""
    paths = (path.relative_to(root) for path in root.rglob("*.md"))
    return {p.as_posix() for p in paths if p.parts[0] not in CODE and p.parts[0][0] != "."}


def fill_answers(demand: DocumentSpec, spec: Specification) -> DocumentSpec:
    """Return a specification with names of answers replaced by the answers."""
    sections = tuple(
        SectionSpec(
            id=section.id,
            heading=spec.fill_names(section.heading),
            level=section.level,
            open=section.open,
            guidance=section.guidance,
            texts=frozenset(map(spec.fill_names, section.texts)),
            items=section.items,
            configs=section.configs,
        )
        for section in demand.sections
    )
    return DocumentSpec(demand.path, demand.standard, demand.finished, demand.fields, sections)


def test_ids_are_unique_over_the_charter_of_all_tracks() -> None:
    answers = {"tracks": list(QUESTIONS["tracks"].choices), "layout": "full"}
    spec = specification.read(ROOT, answers)
    items = [item.id for section in spec.sections for item in section.items]
    sections = [section.id for section in spec.sections]

    assert sorted(set(items)) == sorted(items)
    assert sorted(set(sections)) == sorted(sections)


def test_a_track_adds_what_only_it_has() -> None:
    applied = specification.read(ROOT, {"tracks": ["applied"], "layout": "full"})
    both = specification.read(ROOT, {"tracks": ["applied", "rl"], "layout": "full"})

    assert "document:docs/reward_spec.md" in both.ids - applied.ids
    assert applied.ids <= both.ids


@pytest.mark.parametrize(
    "text", ["{% if 'x' %}", "{{ slot('x') }}", '{{- fill("x") }}', "{{ owner | upper }}"]
)
def test_jinja_that_is_not_read_is_refused(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "template/project/docs"
    folder.mkdir(parents=True)
    (tmp_path / "copier.yml").write_text("owner:\n")
    (folder / "plan.md.jinja").write_text(f"# Plan\n\n{text}\n")

    with pytest.raises(composing.ForeignSyntaxError):
        specification.read(tmp_path, {"tracks": []})
