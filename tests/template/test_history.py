"""A repository must have what existed in the template when it was generated."""

from conftest import ROOT, TRACKS
from mlcharter import __version__
from mlcharter.support.versions import numbers as version
from mlcharter.template import history, specification
from mlcharter.template.specification import Specification

ALL = {"tracks": list(TRACKS), "layout": "full", "rl_setting": "several-agents"}
BANDIT = ALL | {"rl_setting": "bandit", "rl_learned_reward": True}


def spec() -> Specification:
    return specification.read(ROOT, ALL)


def test_every_part_of_the_template_has_the_version_that_brought_it() -> None:
    documents = specification.read(ROOT, ALL | {"layout": "documents"})
    bandit = specification.read(ROOT, BANDIT)
    missing = (spec().ids | documents.ids | bandit.ids) - history.read_first_versions().keys()

    assert sorted(missing) == [], "run `make history`"


def test_no_version_is_newer_than_this_program() -> None:
    ours = version(__version__) or ()

    assert all((version(number) or ()) <= ours for number in history.read_first_versions().values())


def test_a_repository_of_this_version_or_of_a_commit_must_have_everything() -> None:
    for commit in (f"v{__version__}", "v99.0.0", "96a0a359f5d4c01a216c3da17fa4fa3449022a1c", ""):
        assert history.limit_to_version(spec(), commit) == spec()


def test_parts_of_a_newer_version_are_not_required(monkeypatch) -> None:
    newer = {"item:gates-can-fail", "section:uncertainty", "document:docs/reward_spec.md"}
    known = dict.fromkeys(spec().ids, "v0.0.1") | dict.fromkeys(newer, f"v{__version__}")
    monkeypatch.setattr(history, "read_first_versions", lambda: known)

    held = history.limit_to_version(spec(), "v0.0.5")

    assert held.later == newer
    assert "gates-can-fail" not in held.items
    assert "uncertainty" not in {section.id for section in held.sections}
    assert held.document("docs/reward_spec.md") is None
    assert "gates-before-results" in held.items


def test_a_commit_after_a_release_must_have_the_parts_of_that_release() -> None:
    """What Git describes as three commits after v0.0.5 may lack all that came with the next."""
    assert version("v0.0.5-3-g1f3a9c52") == version("v0.0.5") == (0, 0, 5)
    assert version("v0.0.5-rc1") is None
    assert version("1f3a9c52d4e07b88") is None
    assert history.limit_to_version(spec(), "v0.0.5-3-g1f3a9c52") == history.limit_to_version(
        spec(), "v0.0.5"
    )
