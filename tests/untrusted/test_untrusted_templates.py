"""A template that the user names, or that a trusted source gives, may hold anything."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlcharter.cli import cli
from mlcharter.support.errors import UserError
from mlcharter.template import questionnaire, rendering
from mlcharter.template.template import Template

hostile = pytest.mark.hostile
NAMES = ("project_name", "owner", "tier", "layout", "package")
QUESTIONS = "".join(f"{name}:\n  type: str\n  default: {name}\n" for name in NAMES) + (
    "tracks:\n  type: str\n  multiselect: true\n  choices: [applied]\n  default: [applied]\n"
    "_subdirectory: template/project\n"
)
ANSWERS = "{{ _copier_conf.answers_file }}.jinja"


def template(root: Path, files: dict[str, str | bytes], more: str = "") -> Template:
    """Make a template with these files of its project, and `more` in its copier.yml."""
    root.mkdir()
    (root / "copier.yml").write_text(QUESTIONS + more)
    for path, content in {ANSWERS: "{{ _copier_answers|to_nice_yaml }}", **files}.items():
        place = root / "template/project" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Template(root, str(root), "v1.0.0")


def render(made: Template, into: Path) -> None:
    rendering.render(made, into, answers={}, suggestions={})


def published(made: Template) -> Path:
    """Make a Git repository of a template, with the tag v1.0.0."""
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x"), ("tag", "v1.0.0")):
        subprocess.run(["git", *words], cwd=made.root, check=True, capture_output=True)
    return made.root


def new(source: Path, into: Path) -> Result:
    result = CliRunner().invoke(cli, ["new", "--defaults", "--template", str(source), str(into)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@hostile("template: what it makes")
@pytest.mark.parametrize(
    "path",
    [
        "{{ '.gi' + 't' }}/hooks/post-commit",
        "{{ '.GIT' }}/config",
        "docs/{{ '.git' }}/config",
        "{{ '.git%c'|format(8204) }}/config",
        "{{ 'git~1' }}/config",
        "{{ '.git::$INDEX_ALLOCATION' }}/config",
        "{{ 'a%cb'|format(27) }}",
    ],
)
def test_a_template_makes_no_file_of_git_and_no_odd_name(tmp_path: Path, path: str) -> None:
    made = template(tmp_path / "t", {path: "x"}, "_exclude: []\n")

    with pytest.raises(UserError, match="the template creates an unsafe file"):
        render(made, tmp_path / "out")


@hostile("template: what it makes")
def test_a_hook_of_a_template_is_not_there_for_the_next_commit(tmp_path: Path) -> None:
    hook = "{{ '.gi' + 't' }}/hooks/post-commit"
    source = published(template(tmp_path / "t", {hook: "#!/bin/sh\n"}, "_exclude: []\n"))

    result = new(source, tmp_path / "out")

    assert result.exit_code == 2 and "creates an unsafe file: '.git'" in result.stderr
    assert not (tmp_path / "out").exists()


@hostile("template: what it makes")
@pytest.mark.parametrize("target", ["{{ '..' }}", "{{ '%ctmp'|format(47) }}"])
def test_a_link_that_leads_out_once_it_is_rendered_is_refused(tmp_path: Path, target: str) -> None:
    made = template(tmp_path / "t", {}, "_preserve_symlinks: true\n")
    (made.root / "template/project/a.jinja").symlink_to(target)

    with pytest.raises(UserError, match="creates a link that leaves the repository: a"):
        render(made, tmp_path / "out")


def test_a_link_to_a_file_of_the_same_template_stays(tmp_path: Path) -> None:
    made = template(tmp_path / "t", {"docs/b.md": "b"}, "_preserve_symlinks: true\n")
    (made.root / "template/project/a.md").symlink_to("docs/b.md")

    render(made, tmp_path / "out")

    assert (tmp_path / "out/a.md").read_text() == "b"


@hostile("template: what can't be rendered")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{% odd %}", "TemplateSyntaxError at template/project/x.jinja:1"),
        ("{{ a.b.c }}", "UndefinedError"),
        ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("{% include '/etc/passwd' %}", "TemplateNotFound"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "RecursionError"),
        ("{{ 1 + 'a' }}", "TypeError"),
        ("{{ 10 ** 5000 }}", "ValueError"),
        (b"\xff\xfe{{ tracks }}", "UnicodeDecodeError"),
    ],
)
def test_a_template_that_fails_is_an_error_without_a_traceback(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    source = published(template(tmp_path / "t", {"x.jinja": text}))

    result = new(source, tmp_path / "out")

    assert result.exit_code == 2
    assert f"error: the template can't be rendered: {reason}" in result.stderr
    assert not (tmp_path / "out").exists()


@hostile("template: code")
@pytest.mark.parametrize("more", ["_tasks: [touch ran]\n", "_jinja_extensions: [os.x]\n"])
def test_code_of_a_template_is_refused_without_offering_to_run_it(
    tmp_path: Path, more: str
) -> None:
    source = published(template(tmp_path / "t", {}, more))

    result = new(source, tmp_path / "out")

    assert result.exit_code == 2 and "potentially unsafe feature" in result.stderr
    assert "--trust" not in result.stderr
    assert (
        "hint: mlcharter runs no code of a template; choose a template without it" in result.stderr
    )


@hostile("template: questions")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no question `project_name`"),
        ("- a\n", "it is not a mapping of questions"),
        ("a: [\n", "can't be read: while parsing"),
        ("a: 1\n", "`a` has no type"),
        ("a:\n  type: str\n  choices: 1\n", "the choices of `a` are not a list"),
        ("a: " + "[" * 5000 + "]" * 5000 + "\n", "can't be read: maximum recursion depth"),
        ("a: !!python/object/apply:os.system [true]\n", "could not determine a constructor"),
        ("--- !include ../secret.yml\n", "../secret.yml is outside the template"),
    ],
)
def test_questions_that_are_none_are_an_error(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "secret.yml").write_text("token:\n  type: str\n  default: abc\n")
    (tmp_path / "t").mkdir()
    (tmp_path / "t/copier.yml").write_text(text)

    with pytest.raises(UserError) as error:
        questionnaire.load(tmp_path / "t")

    assert reason in error.value.message


def test_a_fault_of_the_template_that_we_carry_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = template(tmp_path / "t", {"x.jinja": "{{ 1 / 0 }}"})
    monkeypatch.setattr(rendering, "embedded_root", lambda: made.root)

    with pytest.raises(ZeroDivisionError):
        render(made, tmp_path / "out")
