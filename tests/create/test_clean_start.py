"""Right after `new`, `adopt` and `update`, nothing fails because of the template.

For every valid standard of an organisation: at draft only its own requirements and faults fail; at
its own level also what nobody has filled in or proven yet.
"""

import datetime
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_adopt import FILES, write
from test_offered_commands import missing, offered
from test_update import _cache, commit, git  # noqa: F401

from conftest import ROOT
from mlcharter.charter.settings import TIERS, Level
from mlcharter.check import rule
from mlcharter.cli import cli

TODAY = datetime.datetime.now(datetime.UTC).date()
DESIGN = "# How it is built\n\nWe chose trees.\n\n## Storage\n\nOne bucket.\n"
HOST = FILES | {
    "docs/design_doc.md": DESIGN,
    "LICENSE.md": "MIT License\n",
    "docs/CODEOWNERS": "* @acme/berths\n",
    ".github/PULL_REQUEST_TEMPLATE.md": "What changes?\n",
}
START = ["--defaults", "--data", "tier=prototype", "--data", "ci=github"]
MORE = ["--defaults", "--track", "rl", "--track", "rag", "--tier", "critical"]
WAITING = {
    "section-unfilled",
    "config-unfilled",
    "field-empty",
    "document-not-merged",
    "item-without-evidence",
    "gate-unproven",
    "test-run-missing",
    "proof-missing",  # `make prove` writes proofs
    "starter-left",
    "tier-too-low",
    "decided-after-results",  # a date that is null: when a canary may start
    "gate-undecided",  # of the service, which stays without the starter
}


def run(*words: object) -> str:
    result = CliRunner().invoke(cli, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def made(top: Path, layout: str) -> Iterator[tuple[str, Path]]:
    """Yield a new repository of a layout, and the same with more tracks at a higher tier."""
    root = top / "new"
    run("new", root, *START, "--track", "applied", "--data", f"layout={layout}", "--no-git")
    git(top, "init", "--quiet", str(root))
    commit(root)
    yield f"new {layout}", root
    yield f"new {layout}, then update", updated(root, top / "more")


def adopted(top: Path, inside: str) -> Iterator[tuple[str, Path]]:
    """Yield an adopted repository or package with existing documents, and the same with more."""
    top.mkdir()
    write(top / "host" / inside, HOST)
    git(top, "init", "--quiet", "host")
    commit(top / "host")
    run("adopt", top / "host" / inside, "--yes", "--track", "applied", "--tier", "prototype")
    commit(top / "host")
    name = "adopt of a package" if inside else "adopt"
    yield name, top / "host" / inside
    yield f"{name}, then update", updated(top / "host", top / "more", inside)


def emptied(top: Path) -> Iterator[tuple[str, Path]]:
    """Yield a repository that starts without the starter, and one from which it was removed."""
    for name, words in (("new empty", ["--no-starter"]), ("starter removed", [])):
        root = top / name.replace(" ", "-")
        run("new", root, *START, "--track", "applied", "--track", "rl", *words, "--no-git")
        git(top, "init", "--quiet", str(root))
        commit(root)
        if not words:
            run("starter", "remove", root)
        yield name, root


def partly_adopted(top: Path) -> Iterator[tuple[str, Path]]:
    """Yield a repository with code, and one without, that got two documents only."""
    top.mkdir()
    for name, files in (
        ("adopt only", HOST),
        ("adopt only, without code", {"NOTES.md": "Ours.\n"}),
    ):
        root = top / name.replace(", ", "-").replace(" ", "-")
        write(root, files)
        git(top, "init", "--quiet", str(root))
        commit(root)
        only = "docs/eval_pack.md,ops/runbook.md"
        run("adopt", root, "--yes", "--track", "applied", "--tier", "prototype", "--only", only)
        yield name, root


def updated(root: Path, into: Path, inside: str = "") -> Path:
    shutil.copytree(root, into, symlinks=True)
    run("update", into / inside, *MORE)
    return into / inside


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    top = tmp_path_factory.mktemp("starts")
    for name in ("full", "documents", "empty"):
        (top / name).mkdir()
    return {
        name: root
        for each in (
            made(top / "full", "full"),
            made(top / "documents", "documents"),
            adopted(top / "adopted", ""),
            adopted(top / "package", "services/berths"),
            emptied(top / "empty"),
            partly_adopted(top / "only"),
        )
        for name, root in each
    }


NAMES = [
    f"{start}{more}"
    for start in ("new full", "new documents", "adopt", "adopt of a package")
    for more in ("", ", then update")
] + ["new empty", "starter removed", "adopt only", "adopt only, without code"]


# Files of organisations

WORDS = st.text("abc xyz-", min_size=1, max_size=12).filter(str.strip)
IDS = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
VERSIONS = st.tuples(*[st.integers(0, 9)] * 3).map(lambda v: "v{}.{}.{}".format(*v))
PATTERNS = st.sampled_from([*rule.names(), "*", "link-*", "review-*"])
LEVELS = st.sampled_from(get_args(Level))
PATHS = st.sampled_from(
    ["docs/design_doc.md", "docs/eval_pack.md", "ops/runbook.md", "docs/privacy.md", "x/y.md"]
)
# Parts of several tracks, tiers and layouts.
PARTS = st.sampled_from(
    ["docs/eval_pack.md", "ops/runbook.md", "docs/ninety_day_plan.md", "docs/cards/data.md"]
    + ["docs/reward_spec.md", "docs/adr/template.md", "problem", "canary", "ci-gates", "slos"]
    + ["golden-questions", "baseline-first", "rollback-drilled"]
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of mappings in which each field is optional."""
    return st.fixed_dictionaries({}, optional=fields)


ITEMS = st.fixed_dictionaries({"id": IDS}, optional={"tier": st.sampled_from(TIERS), "text": WORDS})
SECTIONS = st.fixed_dictionaries(
    {"id": st.one_of(IDS, st.just("datasets"))},
    optional={"heading": WORDS, "items": st.lists(ITEMS, max_size=2)},
)
ALLOWS = st.fixed_dictionaries(
    {
        "rule": PATTERNS,
        "until": st.integers(-40, 1000).map(lambda n: TODAY + datetime.timedelta(n)),
        "by": st.just("@lead"),
        "reason": WORDS,
    },
    optional={"path": st.sampled_from(["*", "docs/*"])},
)
FILES_OF_ORGANISATIONS = some(
    locked=st.booleans(),
    tier=st.sampled_from(TIERS),
    level=LEVELS,
    levels=st.lists(
        st.fixed_dictionaries(
            {"level": LEVELS},
            optional={
                "branch": st.sampled_from(["main", "release/*", "*"]),
                "path": st.sampled_from(["docs/*", "ops/*", "*"]),
            },
        ),
        max_size=3,
    ),
    select=st.lists(PATTERNS, max_size=2),
    ignore=st.lists(PATTERNS, max_size=2),
    allow=st.lists(ALLOWS, max_size=2),
    review_days=st.integers(1, 3660),
    waiver_days=st.integers(1, 3660),
    minimum_template=VERSIONS,
    exclude=st.lists(PARTS, max_size=4),
    provided_elsewhere=st.dictionaries(PARTS, st.just("https://wiki.acme.example/x"), max_size=2),
    template=st.sampled_from(["https://git.acme.example/charter.git", str(ROOT)]),
    require=st.lists(
        st.fixed_dictionaries(
            {"path": PATHS}, optional={"sections": st.lists(SECTIONS, max_size=2)}
        ),
        max_size=2,
    ),
)
STRICT = {
    "locked": True,
    "level": "release",
    "tier": "critical",
    "review_days": 1,
    "waiver_days": 1,
}


def failing(root: Path, organisation: dict[str, Any], *words: str) -> set[tuple[str, str]]:
    """Return the rule and path of each failing finding in a repository under a standard."""
    path = root.parent / "organisation.yml"
    path.write_text(yaml.safe_dump(organisation))
    words = ("check", str(root), "--standard", str(path), "--format", "json", "--no-cache", *words)
    result = CliRunner().invoke(cli, words)
    assert result.exit_code in (0, 1), result.output
    return {
        (finding["rule"], finding["path"].removeprefix(f"{root}/"))
        for finding in json.loads(result.output)["findings"]
        if finding["outcome"] == "fails"
    }


def beyond(organisation: dict[str, Any]) -> set[tuple[str, str]]:
    """Return what may fail under a standard: its own requirements and faults."""
    required = {
        (name, document["path"])
        for document in organisation.get("require", ())
        for name in (
            "document-missing",
            "supporting-document-missing",
            "section-removed",
            "item-removed",
        )
    }
    if "template" in organisation:
        required.add(("template-not-allowed", ".copier-answers.yml"))
    if "minimum_template" in organisation:
        required.add(("template-too-old", ".copier-answers.yml"))
    own = ("settings-invalid", "waiver-invalid", "waiver-expired")
    return required | {(name, "organisation.yml") for name in own}


@pytest.mark.field(4, "generated organisation's files, at draft")
@pytest.mark.parametrize("name", NAMES)
def test_only_what_the_organisation_requires_fails_at_draft(
    repositories: dict[str, Path], name: str
) -> None:
    root = repositories[name]

    @settings(max_examples=10, deadline=None, database=None)
    @given(FILES_OF_ORGANISATIONS)
    @example({})
    @example(STRICT)
    def judge(organisation: dict[str, Any]) -> None:
        found = failing(root, organisation, "--level", "draft")
        assert found <= beyond(organisation), found

    judge()


@pytest.mark.field(4, "generated organisation's files, at the level that they set")
@pytest.mark.parametrize("name", NAMES)
def test_what_fails_at_a_higher_level_waits_for_a_person(
    repositories: dict[str, Path], name: str
) -> None:
    root = repositories[name]

    @settings(max_examples=6, deadline=None, database=None)
    @given(FILES_OF_ORGANISATIONS)
    @example(STRICT)
    def judge(organisation: dict[str, Any]) -> None:
        found = failing(root, organisation) - beyond(organisation)
        assert {rule for rule, _ in found} <= WAITING, found

    judge()


def test_what_an_organisation_requires_is_reported(repositories: dict[str, Path]) -> None:
    """The tests above do not pass because nothing is found."""
    standard = {"template": "https://git.acme.example/charter.git", "require": [{"path": "x/y.md"}]}
    answer = {("template-not-allowed", ".copier-answers.yml"), ("document-missing", "x/y.md")}

    for root in repositories.values():
        assert failing(root, standard, "--level", "draft") == answer


def list_offered() -> set[str]:
    """Return the commands that messages offer in the present repository."""
    commands = ("check --level release", "check", "status", "gate", "gate reports/*.json")
    return {c for words in commands for c in offered(CliRunner().invoke(cli, words.split()).output)}


@pytest.mark.field(4, "the commands that are told, in each layout")
@pytest.mark.parametrize("name", NAMES)
def test_every_offered_command_exists(
    repositories: dict[str, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repositories[name])
    commands = list_offered()

    assert commands
    assert {command: missing(command, Path()) for command in commands} == dict.fromkeys(commands)


PROGRAMS = {
    ".venv/bin/mlcharter": "pyproject.toml",
    "python3 tools/charter.py": "tools/charter.py",
    "mlcharter": "",
}
COMMAND = re.compile(
    rf"(?:`|^)({'|'.join(map(re.escape, PROGRAMS))}) ([a-z][^`\n#]*?)(?:`| *#|$)", re.MULTILINE
)
READING = ("check", "explain", "gate", "help", "prove --check", "starter list", "status")
WRITING = ("--fix", "--pin", "--write-baseline")


def list_documented(root: Path) -> set[tuple[str, str]]:
    """Return the programs and commands that the documents offer, without those to complete."""
    found = {
        command
        for path in root.rglob("*.md")
        for command in COMMAND.findall(path.read_text(encoding="utf-8"))
    }
    return {(program, words) for program, words in found if not re.search(r"[A-Z{…<]", words)}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_offered_can_be_run(
    repositories: dict[str, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that only read are run; exit code 2 would say that one can't do what it is for."""
    root = repositories[name]
    monkeypatch.chdir(root)
    documented = list_documented(root)
    offered_here = {c.removeprefix("mlcharter ") for c in list_offered() if c[:5] != "make "}

    absent = {p for p, _ in documented if PROGRAMS[p] and not (root / PROGRAMS[p]).exists()}
    run_here = {
        words
        for words in offered_here | {words for _, words in documented}
        if words.startswith(READING) and not any(option in words for option in WRITING)
        if "reports/" not in words  # which only an eval writes: tests/emitted/test_day_one.py
    }
    codes = {words: CliRunner().invoke(cli, words.split()).exit_code for words in run_here}

    assert absent == set()
    assert len(run_here) >= 3, run_here
    assert {words for words, code in codes.items() if code not in (0, 1)} == set()
