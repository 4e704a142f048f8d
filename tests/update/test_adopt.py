"""`mlcharter adopt`: a charter for a repository that has code, and nothing of it changed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from test_update import commit, edit, git, history  # noqa: F401

from mlcharter.cli import cli
from mlcharter.update.file_roles import find_existing
from mlcharter.update.merging.trees import read_tree
from mlcharter.update.packaging_files import read_dependencies

FILES = {
    "pyproject.toml": '[project]\nname = "berth-planner"\ndescription = "Plans berths."\n'
    'dependencies = ["xgboost>=2", "langchain[all]~=0.3", "click"]\n',
    "src/berth_planner/__init__.py": "",
    "README.md": "# Berth planner\n\nOurs.\n",
    "DESIGN.md": "# Design\n\nWhy it is so.\n",
    "adr/0001-use-trees.md": "# Use trees\n",
    ".github/CODEOWNERS": "docs/ @acme/writers\n* @acme/berths\n",
    ".github/workflows/ci.yml": "name: ci\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n"
    "    steps:\n      - run: make test\n",
    ".gitignore": "*.pyc\n.venv/",
    ".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n  - id: lint\n    name: lint\n"
    "    entry: make lint\n    language: system\n",
    "LICENSE": "Apache License\nVersion 2.0\n",
}


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A repository with code, as teams have it."""
    root = tmp_path / "berths"
    write(root, FILES)
    git(tmp_path, "init", "--quiet", str(root))
    commit(root)
    return root


def adopt(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["adopt", str(root), *words])


def answers(root: Path) -> dict[str, object]:
    return dict(yaml.safe_load((root / ".copier-answers.yml").read_text()))


def test_answers_are_proposed_with_their_reasons_and_nothing_is_written(code: Path) -> None:
    before = read_tree(code)

    result = adopt(code, "--dry-run")

    assert result.exit_code == 0 and read_tree(code) == before
    for line in (
        "project_name: berth planner  (its name in pyproject.toml)",
        "tracks: applied, rag  (applied: pyproject.toml names xgboost; "
        "rag: pyproject.toml names langchain)",
        "owner: @acme/berths  (the owner of * in .github/CODEOWNERS)",
        "package: berth_planner  (the name in pyproject.toml)",
        "licence: apache-2.0  (LICENSE says “Apache License Version 2.0”)",
        "ci: github  (there is .github/workflows/)",
        "docs/design_doc.md will link to DESIGN.md, which stays as it is",
        "new: docs/eval_pack.md",
        "yours, left alone: README.md",
    ):
        assert f"  {line}\n" in result.output


@pytest.mark.field(4, "an adopted repository with a design document of its own")
def test_no_existing_file_changes_and_the_check_passes(code: Path) -> None:
    result = adopt(code, "--yes")

    assert result.exit_code == 0, result.output
    assert git(code, "diff", "--stat") == ""
    assert (code / "README.md").read_text() == FILES["README.md"]
    text = (code / "docs/design_doc.md").read_text()
    assert "Existing text is in [../DESIGN.md](../DESIGN.md);" in text
    assert not (code / "evals").exists()
    check = CliRunner().invoke(cli, ["check", str(code), "--level", "draft"])
    assert check.exit_code == 0, check.output


def test_the_next_update_has_no_conflicts(code: Path, history: Path) -> None:  # noqa: F811
    adopt(code, "--yes", "--tier", "production", "--template", str(history), "--ref", "v1.0.0")
    commit(code)
    edit(code / "docs/eval_pack.md", ("Not written yet.", "Ours: Holm."))
    commit(code)

    result = CliRunner().invoke(cli, ["update", str(code), "--defaults"])

    assert result.exit_code == 0, result.output
    assert "_commit: v3.0.0" in (code / ".copier-answers.yml").read_text()
    assert "Ours: Holm." in (code / "docs/evals.md").read_text()
    for path, text in FILES.items():
        assert (code / path).read_text() == text, path


def test_named_merges_add_and_keep(code: Path) -> None:
    result = adopt(code, "--yes", "--merge", "gitignore", "--merge", "pre-commit", "--merge", "ci")

    assert result.exit_code == 0, result.output
    ignore = (code / ".gitignore").read_text()
    assert ignore.startswith("*.pyc\n.venv/\n") and "*.pem\n" in ignore
    hooks = yaml.safe_load((code / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["hooks"][0]["id"] for repo in hooks] == ["lint", "charter"]
    assert hooks[1]["hooks"][0]["language"] == "system"  # pre-commit before 4.4 knows no other
    jobs = yaml.safe_load((code / ".github/workflows/ci.yml").read_text())["jobs"]
    assert set(jobs) == {"test", "charter", "code-scanning"}
    changed = git(code, "diff", "--name-only").splitlines()
    assert changed == [".github/workflows/ci.yml", ".gitignore", ".pre-commit-config.yaml"]


def test_a_pipeline_of_gitlab_gets_the_job_unless_its_stages_have_no_place_for_it(
    code: Path,
) -> None:
    pipeline = "stages: [build, test]\n\nunit:\n  stage: test\n  script: [make test]\n"
    write(code, {".gitlab-ci.yml": pipeline.replace(", test", "").replace("test\n", "build\n")})
    commit(code)
    refused = adopt(code, "--yes", "--merge", "gitlab-ci")
    write(code, {".gitlab-ci.yml": pipeline})
    commit(code)
    done = adopt(code, "--yes", "--merge", "gitlab-ci")

    assert refused.exit_code == 2 and "can't be merged safely" in refused.output
    assert done.exit_code == 0, done.output
    merged = (code / ".gitlab-ci.yml").read_text()
    assert merged.startswith(pipeline) and set(yaml.safe_load(merged)) == {
        "stages",
        "unit",
        "charter",
        "change",
    }


def test_beside_existing_code_the_documents_do_not_describe_the_starter(code: Path) -> None:
    adopt(code, "--yes")

    texts = "".join(path.read_text() for path in code.rglob("docs/*.md"))
    assert "Not written yet." in texts
    assert "breast" not in texts and "wdbc" not in texts


def test_an_adoption_that_was_interrupted_is_finished_first(
    code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("mlcharter.update.journal._put", stop)
        assert adopt(code, "--yes").exit_code == 130
    again = adopt(code, "--yes")
    finished = CliRunner().invoke(cli, ["update", str(code)])

    assert again.exit_code == 2 and "this was interrupted: adoption of the charter" in again.output
    assert finished.exit_code == 0 and (code / ".copier-answers.yml").is_file()
    assert git(code, "diff", "--stat") == ""


def test_without_a_terminal_yes_is_required(code: Path) -> None:
    before = read_tree(code)

    result = adopt(code)

    assert result.exit_code == 2 and "no terminal to ask in" in result.output
    assert read_tree(code) == before


def test_an_adoption_can_be_reverted(code: Path) -> None:
    before = read_tree(code)
    adopt(code, "--defaults")

    assert CliRunner().invoke(cli, ["update", str(code), "--abort"]).exit_code == 0
    assert read_tree(code) == before


def test_an_existing_charter_is_not_adopted_again(code: Path) -> None:
    adopt(code, "--yes")

    result = adopt(code, "--yes")

    assert result.exit_code == 2 and "has a charter already" in result.output


@pytest.mark.field(18, "a package of a monorepo")
def test_a_package_of_a_monorepo(tmp_path: Path) -> None:
    top = tmp_path / "mono"
    write(top, {"pkg/watch/main.go": "package main\n", "pkg/watch/helm/a.yaml": "a: 1\n"})
    git(tmp_path, "init", "--quiet", str(top))
    commit(top)

    result = adopt(top / "pkg/watch", "--yes")

    assert result.exit_code == 0, result.output
    recorded = answers(top / "pkg/watch")
    assert (recorded["tracks"], recorded["ci"]) == (["platform"], "none")
    for path in (".github", ".pre-commit-config.yaml", "CODEOWNERS"):
        assert not (top / "pkg/watch" / path).exists()
    _, _, said = result.output.partition("add there what is missing:\n")
    command = "python3 pkg/watch/tools/charter.py check pkg/watch"
    owners, ci, gate, _, *hooks = said.partition("\n\n")[0].splitlines()
    assert owners.startswith("  CODEOWNERS: /pkg/watch/ ") and ci == f"  CI: {command}"
    assert gate == "  CI, after your eval: cd pkg/watch && python3 tools/charter.py gate"
    (hook,) = yaml.safe_load("\n".join(hooks))[0]["hooks"]
    assert (hook["entry"], hook["language"]) == (command, "system")
    update = CliRunner().invoke(cli, ["check", str(top / "pkg/watch"), "--level", "draft"])
    assert "draft: no findings" in update.output
    assert git(top, "status", "--porcelain").count("\n") < 20


def test_explicit_answers_override_proposals(code: Path) -> None:
    adopt(code, "--yes", "--track", "rl", "--tier", "critical", "--data", "owner=@acme/other")

    recorded = answers(code)
    assert (recorded["tracks"], recorded["tier"]) == (["rl"], "critical")
    assert recorded["owner"] == "@acme/other"


def test_dependencies_are_read_from_every_usual_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nGymnasium = "*"\n'
            '[dependency-groups]\ndocs = ["sphinx"]\nml = ["ragas", {include-group = "x"}]\n',
            "requirements-dev.txt": "# comment\nlightgbm==4.0  # why\n-r other.txt\n",
            "environment.yml": "dependencies:\n  - python=3.11\n  - conda-forge::faiss-cpu\n",
            "package.json": '{"dependencies": {"@langchain/core": "1"}}',
        },
    )
    files = ["environment.yml", "package.json", "pyproject.toml", "requirements-dev.txt"]

    found = {dependency.name for dependency in read_dependencies(tmp_path, files)}

    assert {"gymnasium", "ragas", "lightgbm", "@langchain/core"} <= found
    assert "faiss-cpu" in found and "sphinx" not in found


@pytest.mark.parametrize("text", ["[project", "[project]\nname = 3\ndependencies = 4\n", "\0"])
def test_a_broken_file_proposes_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"pyproject.toml": text})

    assert list(read_dependencies(tmp_path, ["pyproject.toml"])) == []


def test_existing_documents_with_the_same_purpose_are_found() -> None:
    files = ["RUNBOOK.md", "docs/design.md", "MODEL_CARD.md", "docs/adr/0001.md", "src/design.py"]
    written = [
        "ops/runbook.md",
        "docs/design_doc.md",
        "docs/cards/model.md",
        "docs/adr/template.md",
    ]

    assert find_existing(files, written) == {
        "docs/design_doc.md": ["docs/design.md"],
        "ops/runbook.md": ["RUNBOOK.md"],
        "docs/cards/model.md": ["MODEL_CARD.md"],
        "docs/adr/template.md": ["docs/adr/0001.md"],
    }


def test_odd_names_links_and_pipes_are_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "odd"
    write(root, {"adr/a --> b.md": "# x\n", "DESIGN.md/x.txt": "", "main.go": "package main\n"})
    (root / os.fsdecode(b"adr/\xff.md")).write_text("# y\n")
    (root / "README.md").symlink_to(os.fsdecode(b"\xff\xfe"))
    (root / "CODEOWNERS").symlink_to("/etc/hostname")
    (root / "ops").mkdir()
    os.mkfifo(root / "ops/runbook.md")
    git(tmp_path, "init", "--quiet", str(root))
    commit(root)

    result = adopt(root, "--yes")

    assert result.exit_code == 0, result.output
    assert git(root, "diff", "--stat") == "" and (root / "ops/runbook.md").is_fifo()
    assert "will link to" not in result.output
    assert "  yours, left alone: ops/runbook.md\n" in result.output
    assert os.fsencode((root / "README.md").readlink()) == b"\xff\xfe"


def test_outside_git_it_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "loose", {"a.py": ""})
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(tmp_path)}
    probe = ["git", "rev-parse", "--git-dir"]
    inside = subprocess.run(probe, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert inside.returncode != 0, "the scratch folder lies in a Git repository"

    result = adopt(tmp_path / "loose", "--yes")

    assert result.exit_code == 2 and "is not in a Git repository" in result.output
