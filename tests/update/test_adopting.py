"""What `adopt` proposes, what it takes for there already, and what it adds by name."""

import shutil
from pathlib import Path
from typing import Any

import inference
import pytest
from click.testing import CliRunner, Result
from test_adopt import adopt, code, write  # noqa: F401
from test_update import commit, history  # noqa: F401
from test_update import git as run_git

from conftest import QUESTIONS, ROOT, Render
from mlcharter.cli import cli
from mlcharter.markdown import document
from mlcharter.support import git
from mlcharter.support.files import Folder
from mlcharter.template import answers, questionnaire, rendering
from mlcharter.template.specification import STANDARD
from mlcharter.update import adopting
from mlcharter.update.additions import Sections
from mlcharter.update.file_roles import find_counterparts
from mlcharter.update.proposals import Remote, parse_remote, propose

OTHER = "# How it is built\n\nWe chose trees.\n\n## Storage\n\nOne bucket.\n"
ELSEWHERE = Remote("git.acme.example", "acme/berths")


def check(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["check", str(root), *words])


def proposed(
    root: Path, files: dict[str, str], origin: Remote | None = None, inside: str = ""
) -> dict[str, Any]:
    write(root, files)
    return {p.name: p.value for p in propose(root, sorted(files), inside, origin)}


# Proposals: names


@pytest.mark.field(14, "names in packaging files")
@pytest.mark.parametrize(
    "files, package",
    [
        ({"setup.py": "import setuptools\nsetuptools.setup(name='berths')"}, "berths"),
        ({"setup.py": "PKGS = ['berths', 'berths.io']\nsetup(packages=PKGS)"}, "berths"),
        ({"setup.cfg": "[metadata]\nname = berths\n"}, "berths"),
        ({"setup.cfg": "[options]\npackages =\n  berths\n  berths.io\n"}, "berths"),
        ({"pyproject.toml": "[tool.poetry]\npackages = [{include = 'berths'}]"}, "berths"),
        ({"setup.py": "setup(name=open('NAME').read())"}, "alpha"),
        ({"setup.py": "setup(" + "(" * 5000}, "alpha"),
    ],
)
def test_the_package_that_is_named_is_proposed_not_the_first_by_alphabet(
    tmp_path: Path, files: dict[str, str], package: str
) -> None:
    packages = {f"{name}/__init__.py": "" for name in ("alpha", "berths", "tests")}

    found = proposed(tmp_path, files | packages | {"alpha/more.py": ""})

    assert found["package"] == package


def test_a_setup_script_is_read_and_never_run(tmp_path: Path) -> None:
    script = "open('ran', 'w')\nsetup(name='berth-planner', description='Plans berths.')\n"

    found = proposed(tmp_path, {"setup.py": script})

    assert (found["project_name"], found["description"]) == ("berth planner", "Plans berths.")
    assert not (tmp_path / "ran").exists() and not Path("ran").exists()


REFUSED = {
    "src/__init__.py": "package",
    "platform/__init__.py": "package",
    "setup.py": "project_name",
}


@pytest.mark.field(14, "proposals that their question refuses")
def test_every_proposal_passes_its_own_validator(tmp_path: Path) -> None:
    """What the questions would refuse is not proposed; the defaults stand."""
    root = tmp_path / "berths"
    long = "x" * 70
    write(root, {**dict.fromkeys(REFUSED, ""), "setup.py": f"setup(name='{long}')"})
    write(root, {"setup.cfg": "[metadata]\ndescription = see <b>https://acme.example</b>\n"})
    run_git(tmp_path, "init", "--quiet", str(root))
    commit(root)

    _, plan = adopting.plan(root, adopting.AdoptRequest(), None, None)

    assert plan.answers["project_name"] == "berths"
    assert plan.answers["package"] == "berths"
    assert plan.answers["description"] == "berths, not described yet."
    for name in ("src", "platform"):
        assert questionnaire.validate(ROOT, QUESTIONS["package"], name, {})
    for proposal in plan.proposals:
        asked = QUESTIONS[proposal.name]
        assert not questionnaire.validate(ROOT, asked, proposal.value, plan.answers)


# Proposals: kinds of ML, host, licence


@pytest.mark.field(17, "every question over the recorded listings, at least 90 %")
def test_the_recorded_listings_get_the_expected_answers() -> None:
    counts, _ = inference.measure(held_out=False)

    assert min(of for question, (_, of) in counts.items() if question != "rl_setting") >= 20
    for question, (right, of) in counts.items():
        assert right >= inference.LEAST * of, question


@pytest.mark.field(17, "dependencies that prove no track")
@pytest.mark.parametrize(
    "files, tracks",
    [
        ({"requirements.txt": "torch\nfastapi\nmlflow\nonnxruntime\n"}, ["applied"]),
        ({"requirements.txt": "gymnasium\ntorch\nfastapi\n"}, ["rl"]),
        ({"requirements.txt": "chromadb\ntorch\nscikit-learn\n"}, ["rag"]),
        ({"requirements.txt": "xgboost\nlangchain\n"}, ["applied", "rag"]),
        ({"images/deploy/a.yaml": "", "docs/k8s/b.yaml": ""}, ["applied"]),
        ({"requirements.txt": "torch\n", "k8s/service.yaml": ""}, ["applied", "platform"]),
        ({"requirements-dev.txt": "gymnasium\n"}, ["applied"]),
    ],
)
def test_packages_that_every_track_uses_suggest_no_track(
    tmp_path: Path, files: dict[str, str], tracks: list[str]
) -> None:
    assert proposed(tmp_path, files)["tracks"] == tracks


@pytest.mark.field(17, "the setting of reinforcement learning")
@pytest.mark.parametrize(
    "dependency, setting",
    [("obp", "bandit"), ("d3rlpy", "offline"), ("pettingzoo", "several-agents")],
)
def test_the_setting_of_rl_is_inferred_from_packages(
    tmp_path: Path, dependency: str, setting: str
) -> None:
    found = proposed(tmp_path, {"requirements.txt": f"{dependency}\n"})

    assert found["rl_setting"] == setting


@pytest.mark.field(17, "licences that mention others")
@pytest.mark.parametrize(
    "text, licence",
    [
        ("MIT License\n\nPermission is hereby granted, free of charge, …\nApache License\n", "mit"),
        ("Apache License\nVersion 2.0\n\nParts are under the MIT License.\n", "apache-2.0"),
        ("BSD 3-Clause License\n\nRedistribution and use in source and binary forms\n", "other"),
        ("GNU GENERAL PUBLIC LICENSE\nVersion 3\n", "other"),
        ("All rights reserved.\n", "other"),
    ],
)
@pytest.mark.parametrize("path", ["LICENSE", "License.md", "COPYING.txt", "LICENCE"])
def test_a_licence_is_the_one_that_its_file_begins_with(
    tmp_path: Path, path: str, text: str, licence: str
) -> None:
    assert proposed(tmp_path, {path: text})["licence"] == licence


BOTH = {".gitlab-ci.yml": "", ".github/workflows/stale.yml": ""}


@pytest.mark.field(17, "the host of CI")
@pytest.mark.parametrize(
    "files, origin, ci",
    [
        (BOTH, parse_remote("git@gitlab.acme.example:ml/berths.git"), "gitlab"),
        (BOTH, parse_remote("https://github.com/acme/berths"), "github"),
        (BOTH, None, "gitlab"),
        (BOTH | {".github/workflows/ci.yml": ""}, None, "github"),
        ({"Jenkinsfile": ""}, ELSEWHERE, "none"),
        ({"a.py": ""}, ELSEWHERE, "none"),
        ({"a.py": ""}, None, None),
    ],
)
def test_ci_is_where_the_remote_is_then_where_more_workflows_are(
    tmp_path: Path, files: dict[str, str], origin: Remote | None, ci: str | None
) -> None:
    assert proposed(tmp_path, files, origin).get("ci") == ci


@pytest.mark.field(17, "the owner from the remote")
@pytest.mark.parametrize(
    "address, host, path",
    [
        ("git@github.com:acme/berths.git", "github.com", "acme/berths"),
        ("https://ada:s3cret@gitlab.com/acme/ml/berths/", "gitlab.com", "acme/ml/berths"),
        ("ssh://git@git.acme.example:2222/acme/berths.git", "git.acme.example", "acme/berths"),
    ],
)
def test_the_organisation_of_the_remote_is_the_owner(
    tmp_path: Path, address: str, host: str, path: str
) -> None:
    origin = parse_remote(address)

    assert origin == Remote(host, path)
    assert proposed(tmp_path, {}, origin)["owner"] == f"@{path.rpartition('/')[0]}"
    assert parse_remote("/home/ada/berths.git") is None


# What is there already


@pytest.mark.field(15, "a file that is there under another name")
@pytest.mark.parametrize(
    "path, other",
    [
        ("README.md", "Readme.md"),
        ("README.md", "README.rst"),
        ("README.md", ".github/README.md"),
        ("LICENSE", "LICENSE.md"),
        ("LICENSE", "licence"),
        ("LICENSE", "COPYING"),
        ("CODEOWNERS", "docs/CODEOWNERS"),
        ("CODEOWNERS", ".github/codeowners"),
        (".github/pull_request_template.md", ".github/PULL_REQUEST_TEMPLATE.md"),
        (".github/pull_request_template.md", "docs/pull_request_template.md"),
        (".github/pull_request_template.md", ".github/PULL_REQUEST_TEMPLATE/bug.md"),
        (".github/workflows/ci.yml", ".github/workflows/CI.yaml"),
        ("docs/design_doc.md", "docs/Design_Doc.md"),
    ],
)
def test_an_existing_file_under_another_name_is_kept(path: str, other: str) -> None:
    files = ["a.py", "src/README.md", "vendor/LICENSE"]

    assert find_counterparts([path], [*files, other]) == {path: other}
    assert find_counterparts([path], files) == {}


@pytest.mark.field(15, "LICENSE.md and Readme.md")
def test_no_second_licence_or_readme_is_written(tmp_path: Path) -> None:
    root = tmp_path / "berths"
    mine = {
        "Readme.md": "# Ours\n",
        "LICENSE.md": "MIT License\n\nCopyright Acme\n",
        "docs/CODEOWNERS": "* @acme/berths\n",
        ".github/PULL_REQUEST_TEMPLATE.md": "Why?\n",
        "a.py": "",
    }
    write(root, mine)
    run_git(tmp_path, "init", "--quiet", str(root))
    commit(root)

    result = adopt(root, "--yes", "--data", "ci=github")

    assert result.exit_code == 0, result.output
    for path in ("README.md", "LICENSE", "CODEOWNERS", ".github/pull_request_template.md"):
        assert not (root / path).exists(), path
    assert "  yours, left alone: LICENSE.md (for LICENSE)\n" in result.output
    assert answers.load(Folder(root)).kept == (
        ".github/pull_request_template.md",
        "CODEOWNERS",
        "LICENSE",
        "README.md",
    )
    assert check(root, "--level", "draft").exit_code == 0


# Documents that were there before


@pytest.mark.field(16, "a kept document of another shape")
@pytest.mark.parametrize("path", STANDARD)
def test_a_document_of_another_shape_is_no_finding_of_a_draft_and_one_of_a_review(
    render: Render, tmp_path: Path, path: str
) -> None:
    root = tmp_path / "x"
    tracks = ["applied", "platform", "rag", "rl"]
    shutil.copytree(render(tracks=tracks, layout="documents", kept=path), root)
    write(root, {path: OTHER})

    draft, review = (
        check(root),
        check(root, "--level", "complete", "--select", "document-not-merged"),
    )

    assert (draft.exit_code, draft.output.splitlines()[0][:18]) == (0, "draft: no findings")
    (found,) = [
        line for line in review.output.splitlines() if line.endswith("[document-not-merged]")
    ]
    assert found.endswith(
        f"{path}:1:1: this document has none of the charter's sections; add them with "
        f"`mlcharter adopt --merge {path}` [document-not-merged]"
    )


SHAPES = {
    "plain": OTHER,
    "windows": OTHER.replace("\n", "\r\n"),
    "no title": "We chose trees.\n",
    "no line end": "# Design\n\nTrees.",
    "our headings": "# Design\n\n## Problem\n\nShips wait.\n\n### Kill criteria\n\nNone.\n",
    "setext": "Design\n======\n\nProblem\n-------\n\nShips wait.\n",
    "list": "# Design\n\n- one\n- two\n\n1. first\n",
    "owner": "# Design\n\nOwner: Ada\n\n## Problem\n",
    "empty": "",
}


@pytest.mark.field(16, "our sections merged into a document")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_merge_adds_our_sections_and_loses_no_line(
    plain_template: Any, tmp_path: Path, shape: str
) -> None:
    values = {"project_name": "x", "owner": "@a", "tracks": ["applied"], "layout": "documents"}
    sections = Sections(tmp_path, plain_template.root, {**values, "licence": "mit", "ci": "none"})
    ours = SHAPES[shape]

    merged = sections.add("docs/design_doc.md", ours)

    assert merged is not None
    here = document.parse(merged)
    demand = sections.find_spec("docs/design_doc.md")
    assert demand is not None and all(here.section(s.id) for s in demand.sections)
    assert all(here.field(name) for name in demand.fields)
    lines = iter(merged.splitlines())
    assert all(any(mine == line for line in lines) for mine in ours.splitlines() if mine.strip())
    assert sections.add("docs/design_doc.md", merged) == merged
    assert ("\r\n" in merged) == ("\r\n" in ours)


def test_a_merge_that_would_end_in_a_fence_is_refused(plain_template: Any, tmp_path: Path) -> None:
    values = {"project_name": "x", "owner": "@a", "tracks": ["applied"], "layout": "documents"}
    sections = Sections(tmp_path, plain_template.root, {**values, "licence": "mit", "ci": "none"})

    assert sections.add("docs/design_doc.md", "# Design\n\n```\nopen\n") is None
    assert sections.add("docs/design_doc.md", "# Design\n\n<!-- open\n") is None
    assert sections.add("README.md", "# x\n") is None


@pytest.mark.field(16, "a merge at once and a merge later, then an update")
def test_a_document_is_merged_at_once_or_later_and_then_updated(
    code: Path,  # noqa: F811
    history: Path,  # noqa: F811
) -> None:
    write(code, {"docs/design_doc.md": OTHER})
    commit(code)
    words = ("--template", str(history), "--ref", "v1.0.0")
    offered = adopt(code, "--dry-run", *words)
    assert "  not merged: docs/design_doc.md; add --merge docs/design_doc.md" in offered.output
    adopt(code, "--yes", *words)
    commit(code)
    assert (code / "docs/design_doc.md").read_text() == OTHER

    later = adopt(code, "--yes", "--merge", "docs/design_doc.md")
    commit(code)
    again = adopt(code, "--yes", "--merge", "docs/design_doc.md")

    assert later.exit_code == 0, later.output
    assert later.output.startswith(
        "files:\n  merged: docs/design_doc.md\n  updated: .copier-answers.yml\n"
    )
    assert "docs/design_doc.md" not in answers.load(Folder(code)).kept
    text = (code / "docs/design_doc.md").read_text()
    assert "We chose trees." in text and "<!-- section: " in text
    assert (
        again.exit_code == 2 and "is not a document that the charter leaves alone" in again.output
    )
    assert check(code, "--level", "draft").exit_code == 0


@pytest.mark.field(16, "a red adoption names the baseline")
def test_after_a_red_adoption_the_baseline_is_named(code: Path) -> None:  # noqa: F811
    write(code, {"docs/notes.md": "# Notes\n\nOwner: Ada\n\nSee [it](gone.md).\n"})
    commit(code)

    result = adopt(code, "--yes")

    assert result.output.endswith(
        "\n1 findings in existing documents fail already; correct them, or record them with "
        "`mlcharter check --write-baseline`\n"
    )
    assert check(code, "--write-baseline").exit_code == 0 and check(code).exit_code == 0


@pytest.mark.field(19, "a link to what is written already")
def test_a_link_to_an_existing_document_changes_no_guidance(code: Path) -> None:  # noqa: F811
    _, plan = adopting.plan(code, adopting.AdoptRequest(), None, None)

    (change,) = [change for change in plan.changes if change.path == "docs/design_doc.md"]
    assert change.theirs and change.new and change.theirs.text and change.new.text
    said = "Existing text is in [../DESIGN.md](../DESIGN.md); move it here, or keep the "
    assert change.new.text.replace(f"{said}link.\n\n", "") == change.theirs.text
    assert change.new.text != change.theirs.text


# What it costs


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers file of each render that is made."""
    made: list[str] = []
    render = rendering.render

    def counted(*words: Any, **named: Any) -> None:
        made.append(named.get("answers_file", ""))
        render(*words, **named)

    monkeypatch.setattr(rendering, "render", counted)
    return made


@pytest.mark.field(19, "how often an adoption renders")
def test_the_template_is_rendered_once(code: Path, renders: list[str]) -> None:  # noqa: F811
    """Also where files are kept, and merges are offered and asked for."""
    result = adopt(code, "--dry-run", "--merge", "gitignore")

    assert "yours, left alone" in result.output and "not merged" in result.output
    assert renders == [".copier-answers.yml"]


def test_what_is_kept_is_recorded_as_a_render_would(plain_template: Any, tmp_path: Path) -> None:
    kept = ", ".join(f"docs/some/long/path/number_{n}.md" for n in range(12))
    given = {"project_name": "x", "tracks": ["applied"]}
    for name, more in (("without", {}), ("with", {"kept": kept})):
        rendering.render(plain_template, tmp_path / name, answers={**given, **more}, suggestions={})
    texts = [(tmp_path / n / ".copier-answers.yml").read_text() for n in ("without", "with")]

    assert adopting.replace_kept(texts[0], kept) == texts[1]
    assert adopting.replace_kept(texts[1], "") == texts[0]


@pytest.mark.field(19, "many untracked files")
def test_untracked_files_beside_tracked_ones_are_not_walked(
    code: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(code, {f"runs/{n}/out.txt": "" for n in range(300)})
    calls: list[tuple[str, ...]] = []
    counts: list[int] = []
    run = git.run
    propose = adopting.proposals.propose

    def record_run(*args: str, **kwargs: Any) -> Any:
        calls.append(args)
        return run(*args, **kwargs)

    def count_files(root: Path, files: list[str], *args: Any) -> Any:
        counts.append(len(files))
        return propose(root, files, *args)

    monkeypatch.setattr(git, "run", record_run)
    monkeypatch.setattr(adopting.proposals, "propose", count_files)

    assert adopt(code, "--yes").exit_code == 0
    assert counts and max(counts) < 60
    walks = [args for args in calls if {"--others", "--untracked-files=all"} & set(args)]
    assert walks == []


def test_before_the_first_commit_untracked_files_are_read(tmp_path: Path) -> None:
    root = tmp_path / "x"
    write(root, {"a.py": "", "requirements.txt": "gymnasium\n"})
    run_git(tmp_path, "init", "--quiet", str(root))

    result = adopt(root, "--dry-run")

    assert "  tracks: rl  (rl: requirements.txt names gymnasium)\n" in result.output
