"""Our shortcuts through Copier give what Copier gives.

If a test fails with a new version of Copier, compare `copier._main.Worker` with
`template/copier_shortcuts.py`: `_render_string` compiles a text and renders it with the answers;
`answers_relpath` does so with the name of the answers file; compiling resets the yield context;
`Template.vcs` is None where no Git is found; of a choice, a title, a value and `disabled` are read.
Without these methods rendering is slow, not wrong.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from copier import _main
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined

from mlcharter.template import copier_shortcuts, rendering
from mlcharter.template.template import Template

QUESTIONS = """\
name:
  type: str
  default: a
_subdirectory: project
_envops: {undefined: jinja2.StrictUndefined, keep_trailing_newline: true}
_exclude:
  - "{% if name == 'a' %}gone.txt{% endif %}"
  - "{% if name == 'b' %}kept.txt{% endif %}"
"""


@contextmanager
def nothing() -> Iterator[None]:
    yield


def render(root: Path, into: Path, **answers: Any) -> dict[str, str]:
    rendering.render(Template(root, str(root), "v1.0.0"), into, answers=answers, suggestions={})
    return {
        path.relative_to(into).as_posix(): path.read_text()
        for path in sorted(into.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def template(tmp_path: Path) -> Path:
    root = tmp_path / "template"
    (root / "project/{% if name == 'a' %}only-a{% endif %}").mkdir(parents=True)
    (root / "copier.yml").write_text(QUESTIONS)
    files = {
        "{{ name }}.txt.jinja": "{{ name }}\n",
        "gone.txt": "",
        "kept.txt": "",
        "{% if name == 'a' %}only-a{% endif %}/plain": "x",
        "{% yield part from ['x', 'y'] %}{{ part }}{% endyield %}.md.jinja": "{{ part }}",
        "{{ _copier_conf.answers_file }}.jinja": "name: {{ name }}\n",
    }
    for path, text in files.items():
        (root / "project" / path).write_text(text)
    return root


@pytest.mark.parametrize("name", ["a", "b", "{{ name }}", "{% raw %}", "é", "x y"])
def test_a_template_gives_the_same_files_with_and_without_shortcuts(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shortened = render(template, tmp_path / "x/same", name=name)

    monkeypatch.setattr(copier_shortcuts, "shortcuts", nothing)
    monkeypatch.setattr(copier_shortcuts, "would_clone", lambda root: True)
    monkeypatch.setattr(rendering, "_compiled_once", nothing)

    assert shortened == render(template, tmp_path / "y/same", name=name)


def test_shortcuts_replace_the_methods_of_copier_and_put_them_back() -> None:
    before = {name: vars(_main.Worker)[name] for name in copier_shortcuts.SEAMS}

    with copier_shortcuts.shortcuts():
        assert all(vars(_main.Worker)[name] is not was for name, was in before.items())

    assert all(vars(_main.Worker)[name] is was for name, was in before.items())


@pytest.mark.parametrize("seam", copier_shortcuts.SEAMS)
def test_copier_runs_unchanged_if_it_has_no_such_method(
    seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(_main.Worker, seam)
    before = dict(vars(_main.Worker))

    with copier_shortcuts.shortcuts():
        assert dict(vars(_main.Worker)) == before


def test_a_repository_is_rendered_from_its_files_without_a_copy(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run(["git", *words], cwd=template, check=True, capture_output=True)
    (template / "project/uncommitted").write_text("")
    monkeypatch.setattr("shutil.copytree", None)

    assert "uncommitted" in render(template, tmp_path / "into")


WITHOUT_PROMPTS = """
import sys
from mlcharter.template import copier_shortcuts
{before}
copier_shortcuts.import_without_prompts()
import copier
from copier._user_data import AnswersMap, Question
print("prompt_toolkit" in sys.modules)
{after}
"""
ASK = """
from copier import _main
question = Question(
    answers=AnswersMap(), context={}, jinja_env=_main.SandboxedEnvironment(),
    settings={}, var_name="x", type="str", choices={"One": "1", "Two": "2"},
)
choices = lambda: [(type(c).__module__, c.title, c.value) for c in question._formatted_choices]
"""


def run(before: str = "", after: str = "") -> list[str]:
    code = WITHOUT_PROMPTS.format(before=before, after=after)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_copier_is_imported_without_prompts_and_validates_choices() -> None:
    assert run(after=ASK + "print(choices(), question.parse_answer('2'))") == [
        "False",
        "[('mlcharter.template.copier_shortcuts', 'One', '1'),"
        " ('mlcharter.template.copier_shortcuts', 'Two', '2')] 2",
    ]


def test_copier_imported_without_prompts_asks_with_questionary_later() -> None:
    after = f"import questionary{ASK}print(choices(), _main.confirm('Sure?'))"

    [_, asked] = run(after=after)

    assert asked.startswith(
        "[('questionary.prompts.common', 'One', '1'), ('questionary.prompts.common', 'Two', '2')]"
        " <questionary.question.Question object"
    )


def test_copier_is_imported_whole_if_it_needs_more_of_what_asks() -> None:
    assert run(before='copier_shortcuts._PROMPTS["questionary"] = ()') == ["True"]


TEXT = st.text(alphabet="a{}%#-+ \n\r'if endx", max_size=30)
CONDITION = st.sampled_from(["x == 'a'", "x in 'ab'", "not x", "0", "x - 1", "y", "'%}'", "'{'"])
CONDITIONAL = st.builds("{{% if {0} %}}{1}{{% endif %}}".format, CONDITION, TEXT)


@given(text=st.one_of(TEXT, CONDITIONAL), x=st.sampled_from(["a", "", "{{ x }}"]))
@settings(deadline=None, max_examples=300)
def test_a_text_renders_as_by_copier(text: str, x: str) -> None:
    worker = _main.Worker(src_path=str(Path(__file__).parent), data={"x": x})
    worker.answers.init["x"] = x
    worker.template.__dict__["envops"] = {"undefined": "jinja2.StrictUndefined"}
    assert worker.jinja_env.undefined is StrictUndefined

    def attempt() -> str:
        try:
            return worker._render_string(text)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    by_copier = attempt()
    with copier_shortcuts.shortcuts():
        assert attempt() == by_copier
