"""Settings: mistakes with lines, merging with a standard, locked values."""

import datetime
import subprocess
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conftest import QUESTIONS
from mlcharter.charter import settings, standard
from mlcharter.cli import cli
from mlcharter.formats.models import published_schema
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.template import allowed_folders, answers

FULL = """\
tier: critical
level: complete
levels:
  - {branch: release/*, level: release}
select: ["*"]
ignore: [review-*]
allow:
  - {rule: link-broken, path: docs/*, until: 2027-01-31, by: "@lead", reason: the wiki moves}
review_days: 90
waiver_days: 30
minimum_template: v1.2.0
template: https://git.acme.example/charter.git
require:
  - path: docs/privacy.md
    sections:
      - id: purpose
        heading: Purpose
        items: [{id: purpose-agreed, tier: production, text: Counsel agreed.}]
"""


def read(root: Path, own: str = "", organisation: str = "") -> settings.Settings:
    if own:
        (root / settings.SETTINGS).write_text(own)
    if organisation:
        (root / "organisation.yml").write_text(organisation)
    return settings.read(Folder(root))


def problems(combined: settings.Settings) -> list[str]:
    return [f"{p.path}:{p.line}:{p.column}: {p.message}" for p in combined.problems]


def test_without_settings_the_defaults_apply(tmp_path: Path) -> None:
    combined = read(tmp_path)

    assert problems(combined) == []
    assert combined.level("docs/x.md", None) == "draft"
    assert combined.review_days == 180
    assert combined.selects("link-broken")


def test_every_key_of_the_settings_is_read(tmp_path: Path) -> None:
    combined = read(tmp_path, FULL)

    assert problems(combined) == []
    assert combined.values.tier == "critical"
    assert combined.level("docs/x.md", "release/3") == "release"
    assert combined.level("docs/x.md", "main") == "complete"
    assert not combined.selects("review-overdue")
    (allow, _, _), *_ = combined.allows
    assert allow.covers("link-broken", "docs/x.md")
    assert not allow.covers("link-broken", "ops/x.md")


WRONG = {
    "levl: release": "1:1: the settings file has no key `levl`; did you mean `level`?",
    "level: done": (
        "1:1: the settings file has `done` as `level`; give one of complete, draft, release or null"
    ),
    "review_days: 0": (
        "1:1: the settings file has `0` as `review_days`; "
        "give a whole number at least 1 and at most 3660 or null"
    ),
    "- level": "1:1: the settings file is not a mapping; write `key: value`",
    "level: [": "2:1: not YAML: ",
    "level: &a draft": "1:8: anchor `&a` is not allowed; ",
    "extends: https://x.example/p.yml": "1:1: `https://x.example/p.yml` is not pinned; ",
    "extends: ../p.yml": "../p.yml:1:1: the settings file lies outside the repository; ",
    "extends: ./.mlcharter.yml": "1:1: `./.mlcharter.yml` extends the file itself; remove it",
    "extends: gone.yml": "gone.yml:1:1: the settings file can't be read: no such file or directory",
    f"extends: git+https://x.example/p.git@{'a' * 40}": "is not fetched yet; run ",
    "extends: git+ext::sh@" + "a" * 40: "is not pinned",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=list(WRONG))
def test_a_mistake_in_the_settings_is_reported_at_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    (found,) = problems(read(tmp_path, text))

    assert message in found


MANY = """\
levl: release
tier: prod
review_days: 4000
levels:
  - {branch: main, level: done}
allow:
  - rule: link-broken
    untill: 2027-01-31
    by: the lead
  - rule: link-broken
    until: soon
    by: "@lead"
    reason: ""
require:
  - sections: [{id: Purpose, items: [{id: agreed, tier: all}]}]
"""


def test_all_mistakes_in_the_settings_are_reported_at_once(tmp_path: Path) -> None:
    assert problems(read(tmp_path, MANY)) == [
        ".mlcharter.yml:1:1: the settings file has no key `levl`; did you mean `level`?",
        ".mlcharter.yml:2:1: the settings file has `prod` as `tier`; "
        "give one of critical, production, prototype or null",
        ".mlcharter.yml:3:1: the settings file has `4000` as `review_days`; "
        "give a whole number at least 1 and at most 3660 or null",
        ".mlcharter.yml:5:20: the settings file has `done` as `levels[1].level`; "
        "give one of complete, draft, release",
        ".mlcharter.yml:8:5: the settings file has no key `untill`; did you mean `until`?",
        ".mlcharter.yml:9:5: the settings file has `the lead` as `allow[1].by`; "
        "give a handle such as `@fraud-team`, or an e-mail address",
        ".mlcharter.yml:7:5: the settings file has no `reason` in `allow[1]`; give non-empty text",
        ".mlcharter.yml:11:5: the settings file has `soon` as `allow[2].until`; "
        "give a date such as 2026-11-23",
        ".mlcharter.yml:13:5: the settings file has an empty `allow[2].reason`; "
        "give non-empty text",
        ".mlcharter.yml:15:17: the settings file has `Purpose` as `require[1].sections[1].id`; "
        "give an id of lower-case letters, digits and hyphens",
        ".mlcharter.yml:15:51: "
        "the settings file has `all` as `require[1].sections[1].items[1].tier`; "
        "give one of critical, production, prototype",
        ".mlcharter.yml:15:5: the settings file has no `path` in `require[1]`; "
        "give a path from the top of the repository",
    ]


def test_settings_with_many_mistakes_end(tmp_path: Path) -> None:
    wrong = "".join(f"key-{n}: {n}\n" for n in range(3000))

    assert len(problems(read(tmp_path, wrong))) == 100


def test_settings_override_the_standard_that_they_extend(tmp_path: Path) -> None:
    combined = read(
        tmp_path,
        "extends: organisation.yml\nreview_days: 365\n",
        "level: complete\nreview_days: 90\n",
    )

    assert problems(combined) == []
    assert combined.level("x", None) == "complete"
    assert combined.review_days == 365


WEAKER = {
    "tier: prototype": "tier: production",
    "level: draft": "level: complete",
    "review_days: 365": "review_days: 90",
    "waiver_days: 365": "waiver_days: 90",
    "minimum_template: v1.9.0": "minimum_template: v1.10.0",
    "template: gh:else/where": "template: gh:acme/charter",
    "ignore: [link-broken]": "level: draft",
    "select: [link-broken]": "level: draft",
    "levels: [{path: docs/*, level: draft}]": "level: complete",
}


@pytest.mark.parametrize(("own", "locked"), WEAKER.items(), ids=list(WEAKER))
def test_locked_values_cannot_be_weakened(tmp_path: Path, own: str, locked: str) -> None:
    combined = read(tmp_path, f"extends: organisation.yml\n{own}\n", f"locked: true\n{locked}\n")

    (found,) = problems(combined)
    assert "locked" in found
    assert combined.level("docs/x.md", None) == (
        "complete" if locked == "level: complete" else "draft"
    )
    assert combined.review_days == (90 if "review_days" in locked else 180)
    assert combined.selects("link-broken")
    assert combined.selects("field-empty")


def test_locked_values_can_be_made_stricter(tmp_path: Path) -> None:
    combined = read(
        tmp_path, "extends: organisation.yml\nlevel: release\n", "locked: true\nlevel: complete\n"
    )

    assert problems(combined) == []
    assert combined.level("x", None) == "release"


def test_the_option_standard_applies_to_a_repository_without_extends(tmp_path: Path) -> None:
    above = tmp_path / "above.yml"
    above.write_text("locked: true\nlevel: complete\n")
    (tmp_path / "x").mkdir()
    (tmp_path / "x/.mlcharter.yml").write_text("level: draft\n")
    combined = settings.read(Folder(tmp_path / "x"), above)

    assert combined.level("docs/x.md", None) == "complete"
    assert len(combined.problems) == 1


def test_a_standard_can_require_more_documents_sections_and_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ["new", str(tmp_path / "x"), "--defaults", "--no-git", "--data", "layout=documents"]
    assert CliRunner().invoke(cli, args).exit_code == 0
    monkeypatch.chdir(tmp_path / "x")
    Path(".mlcharter.yml").write_text(FULL.replace("minimum_template: v1.2.0\n", ""))

    def found() -> str:
        args = ["check", "--level", "release", "docs"]
        return CliRunner().invoke(cli, args).output

    assert "docs/privacy.md:1:1: this standard document is missing" in found()
    Path("docs/privacy.md").write_text("# Privacy\n\n## Purpose\n<!-- section: purpose -->\n")
    assert "docs/privacy.md:3:1: the section `purpose` is empty" in found()
    assert "docs/privacy.md:3:1: the item `purpose-agreed` is missing" in found()
    Path("docs/privacy.md").write_text(
        "# Privacy\n\n## Purpose\n<!-- section: purpose -->\n\nWe score payments.\n\n"
        "- [ ] `purpose-agreed` Counsel agreed.\n"
    )
    assert (
        "docs/privacy.md:8:1: `purpose-agreed` is required from tier production upwards" in found()
    )


def test_a_pinned_standard_is_fetched_once_and_used_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    origin, root = tmp_path / "origin", tmp_path / "x"
    origin.mkdir()
    allowed_folders.record(origin)
    root.mkdir()
    (origin / "ml.yml").write_text("locked: true\nlevel: complete\n")
    for args in (["init", "-q"], ["add", "."], ["commit", "-qm", "settings"]):
        subprocess.run(["git", *args], cwd=origin, check=True)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=origin, check=True, capture_output=True, text=True
    ).stdout.strip()
    (root / ".mlcharter.yml").write_text(f"extends: git+file://{origin}@{commit}#ml.yml\n")
    assert "run `mlcharter check --fetch` once" in problems(settings.read(Folder(root)))[0]

    standard.fetch(root)
    (origin / "ml.yml").unlink()
    (origin / ".git").rename(tmp_path / "elsewhere")
    standard.fetch(root)

    assert problems(settings.read(Folder(root))) == []
    assert settings.read(Folder(root)).level("x", None) == "complete"


def test_a_check_fetches_only_with_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    origin, root = tmp_path / "origin", tmp_path / "x"
    origin.mkdir()
    allowed_folders.record(origin)
    (origin / ".mlcharter.yml").write_text("require: [{path: docs/privacy.md}]\n")
    for args in (["init", "-q"], ["add", "."], ["commit", "-qm", "settings"]):
        subprocess.run(["git", *args], cwd=origin, check=True)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=origin, check=True, capture_output=True, text=True
    ).stdout.strip()
    args = ["new", str(root), "--defaults", "--no-git", "--data", "layout=documents"]
    assert CliRunner().invoke(cli, args).exit_code == 0
    (root / ".mlcharter.yml").write_text(f"extends: git+file://{origin}@{commit}\n")

    def check(*args: str) -> str:
        return CliRunner().invoke(cli, ["check", str(root), *args]).output

    assert "run `mlcharter check --fetch` once [settings-invalid]" in check()
    missing = "docs/privacy.md:1:1: this standard document is missing; "
    assert missing in check("--fetch")
    origin.rename(tmp_path / "elsewhere")
    assert missing in check()
    assert missing in check("--fetch")


def test_a_standard_that_cannot_be_fetched_is_a_user_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = f"git+file://{tmp_path}/gone@{'a' * 40}"
    root = tmp_path / "x"
    root.mkdir()
    (root / ".mlcharter.yml").write_text(f"extends: {source}\n")

    with pytest.raises(UserError, match="the standard can't be fetched: there is no folder"):
        standard.fetch(root)


def test_tiers_and_layouts_are_those_of_the_questionnaire() -> None:
    assert settings.TIERS == get_args(settings.Tier) == QUESTIONS["tier"].choices
    assert get_args(settings.Level) == settings.LEVELS
    assert QUESTIONS["layout"].choices == answers.LAYOUTS


# The schema for editors


NAMES = ["extends", "locked", "tier", "level", "levels", "allow", "review_days", "require", "levl"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 4000),
    st.sampled_from(["draft", "critical", "v1.2.0", "@lead", "2027-01-31", "purpose", ""]),
)
KEYS = st.sampled_from(["rule", "path", "until", "by", "reason", "level", "branch", "id", "x"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
def test_the_schema_accepts_what_the_model_accepts(value: dict[str, object]) -> None:
    try:
        msgspec.convert(_dated(value), settings.SettingsFile, strict=True)
        accepted = True
    except msgspec.ValidationError:
        accepted = False
    checker = Draft202012Validator.FORMAT_CHECKER
    schema = published_schema("mlcharter settings", settings.SettingsFile)
    validator = Draft202012Validator(schema, format_checker=checker)

    assert validator.is_valid(value) == accepted


def _dated(value: object) -> object:
    """Return the values as the YAML parser gives them: a date is a date."""
    if isinstance(value, dict):
        return {key: _dated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner) for inner in value]
    return datetime.date.fromisoformat(value) if value == "2027-01-31" else value
