"""The pages for people who work on this project: their links, paths and commands exist."""

import re

import day_one
import pytest
from test_template import broken_links

from checkout import in_git
from conftest import ROOT

PAGES = sorted(in_git(":(glob)*.md", ".github/*.md", "docs/*.md", "template/README.md"))
AGENTS = (ROOT / "AGENTS.md").read_text(encoding="utf-8")
CHANGES = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


@pytest.mark.parametrize("name", PAGES)
def test_the_links_of_a_page_work(name: str) -> None:
    assert broken_links(ROOT, ROOT / name) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("docs/")])
def test_no_part_of_a_guide_is_long(name: str) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", (ROOT / name).read_text(encoding="utf-8"))
    parts = re.split(r"(?m)^##+ .*$", text)
    prose = [len(re.findall(r"(?m)^[^|\-<#\s\d].*$", part)) for part in parts]

    assert max(prose) <= 12, "add headings"


def test_the_journeys_on_the_page_of_day_one_are_the_tests_that_print_their_cost() -> None:
    names = [path.name for path in day_one.list_journeys()]

    assert names == [
        "test_applied_journey.py",
        "test_platform_journey.py",
        "test_rag_journey.py",
        "test_rl_journeys.py",
    ]


def test_the_usual_pages_of_a_project_exist() -> None:
    assert set(PAGES) >= {
        ".github/pull_request_template.md",
        "AGENTS.md",
        "CHANGELOG.md",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
    }


def test_the_page_for_agents_is_short() -> None:
    assert len(AGENTS.splitlines()) <= 80


def test_the_page_for_agents_names_what_exists() -> None:
    """Paths exist in this checkout or the package, and targets in our Makefiles."""
    paths = re.findall(r"`([\w./*-]+/[\w./*-]*)`|\b(tests/[\w/]+\.py)", AGENTS)
    targets = re.findall(r"(?:^|`)make ([a-z][a-z-]*)", AGENTS, re.MULTILINE)
    bases = (ROOT, ROOT / "src/mlcharter")
    makefiles = "".join(
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("Makefile", "template/project/Makefile")
    )

    assert ("tests/golden/", "") in paths
    assert "accept" in targets
    assert [
        path
        for path in map("".join, paths)
        if not any([*base.glob(path.rstrip("/"))] for base in bases)
    ] == []
    assert [name for name in targets if not re.search(rf"^{name}:", makefiles, re.M)] == []


def test_the_changelog_is_in_the_form_of_keep_a_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one) for one in versions[1:])
    for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", part, re.MULTILINE)
        assert kinds == [kind for kind in CHANGES if kind in kinds]
    for name in versions:
        assert f"\n{name.partition(' ')[0]}: https://" in text
