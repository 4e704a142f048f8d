"""A repository of another template is reported, and checked against it only with trust."""

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_check import edit, repository

from conftest import ROOT, SOURCE
from mlcharter.cli import cli
from mlcharter.template import allowed_folders, bundled

__all__ = ["repository"]
SECTION = "\n## Model names\n<!-- section: model-names -->\n\n<!-- Who names them? -->\n\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words])


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def fork(repository: Path, tmp_path: Path) -> Path:
    """Our template with one more section, which the user has named as a template before."""
    fork = tmp_path / "fork"
    fork.mkdir()
    allowed_folders.record(fork)
    shutil.copy(ROOT / "copier.yml", fork)
    shutil.copytree(ROOT / "template", fork / "template")
    with (fork / "template/project/docs/design_doc.md.jinja").open("a") as file:
        file.write(f"{SECTION}Not written yet.\n")
    git(fork, "init", "--quiet")
    git(fork, "add", "--all")
    git(fork, "commit", "--quiet", "--message", "Ask who names models")
    edit(".copier-answers.yml", f"_src_path: {SOURCE}", f"_src_path: {fork}")
    edit(".copier-answers.yml", "_commit: v1.0.0", f"_commit: {git(fork, 'rev-parse', 'HEAD')}")
    return fork


def test_another_template_is_reported_and_not_used(fork: Path) -> None:
    result = run("check")

    assert result.exit_code == 0
    assert (
        f"for information: .copier-answers.yml:3: generated from `{fork}`, but checked against the "
        "bundled template; `--trust-source` checks against its own [template-unknown]\n"
    ) in result.output
    assert "model-names" not in result.output


def test_a_trusted_template_is_used_and_cached(fork: Path, tmp_path: Path) -> None:
    first = run("check", "--trust-source")
    fork.rename(tmp_path / "elsewhere")

    assert first.exit_code == 1
    assert "the section `model-names` (Model names) is missing" in first.output
    assert "template-unknown" not in first.output
    assert run("check", "--trust-source").output == first.output
    assert run("status", "--trust-source").exit_code == 0
    assert run("check", "--trust-source", "--fix").exit_code == 0
    assert SECTION in Path("docs/design_doc.md").read_text()


def test_nothing_of_a_trusted_template_is_run(fork: Path, tmp_path: Path) -> None:
    """Jinja that Copier would run is refused in documents and not read elsewhere."""
    marker = tmp_path / "ran"
    with (fork / "copier.yml").open("a") as file:
        file.write(f"_tasks: [touch {marker}]\n_jinja_extensions: [os.system]\n")
    with (fork / "template/project/docs/design_doc.md.jinja").open("a") as file:
        file.write("\n{{ cycler.__init__.__globals__.os.system('true') }}\n")
    git(fork, "commit", "--all", "--quiet", "--message", "Attack")
    text = Path(".copier-answers.yml").read_text()
    old = text.partition("_commit: ")[2].partition("\n")[0]
    edit(".copier-answers.yml", old, git(fork, "rev-parse", "HEAD"))
    result = run("check", "--trust-source")

    assert result.exit_code == 2
    assert (
        "error: the template can't be read as text: unsupported Jinja in a document: cycler."
        in result.stderr
    )
    assert not marker.exists()


@pytest.mark.parametrize(
    ("source", "commit", "reason"),
    [
        ("/gone/charter", "v1.0.0", "there is no folder /gone/charter"),
        (
            "ext::sh -c 'touch ran'",
            "v1.0.0",
            "the address `ext::sh -c 'touch ran'` would start the program 'ext'",
        ),
        ("-u", "--upload-pack=x", "the address `-u` starts with `-`"),
    ],
)
def test_a_source_that_cannot_be_fetched_is_a_user_error(
    repository: Path, source: str, commit: str, reason: str
) -> None:
    edit(".copier-answers.yml", f"_src_path: {SOURCE}", f'_src_path: "{source}"')
    edit(".copier-answers.yml", "_commit: v1.0.0", f'_commit: "{commit}"')
    result = run("check", "--trust-source")

    assert result.exit_code == 2
    assert result.stderr == (
        f"error: the template at {commit} can't be fetched: {reason}\n"
        "  hint: leave out --trust-source to check against the template that is installed\n"
    )
    assert not Path("ran").exists()


def test_without_a_source_no_template_is_fetched(repository: Path) -> None:
    edit(".copier-answers.yml", f"_src_path: {SOURCE}\n", "")

    assert run("check", "--trust-source").exit_code == 2
    Path(".copier-answers.yml").unlink()
    assert "[answers-unreadable]" in run("check", "--trust-source").output


def test_a_password_in_an_address_is_not_printed(repository: Path) -> None:
    edit(".copier-answers.yml", SOURCE, "https://me:s3cret@git.elsewhere.example/charter.git")
    Path(".mlcharter.yml").write_text("template: https://git.acme.example/charter.git\n")
    printed = run("check").output

    assert printed.count("`https://git.elsewhere.example/charter.git`") == 2
    assert "s3cret" not in printed


# Which names are ours


def test_a_checkout_knows_itself_and_its_published_address() -> None:
    assert bundled.is_own(str(ROOT))
    assert bundled.is_own(SOURCE)
    assert bundled.is_own(f"git+{SOURCE.removesuffix('.git')}/")
    assert bundled.is_own("gh:mlcharter/mlcharter")
    assert not bundled.is_own("https://git.elsewhere.example/charter.git")


def test_an_installed_program_knows_where_it_was_installed_from(tmp_path: Path) -> None:
    package = tmp_path / "mlcharter"
    (package / "_template").mkdir(parents=True)
    info = tmp_path / "mlcharter-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Name: mlcharter\nProject-URL: Template, https://a.example/c.git\n"
    )
    (info / "direct_url.json").write_text('{"url": "file:///srv/ml%20charter", "vcs_info": {}}')

    assert bundled.is_own("/srv/ml charter", package)
    assert bundled.is_own("https://a.example/c", package)
    assert not bundled.is_own(SOURCE, package)
