"""Our shortcuts through Copier give what Copier gives.

If a test fails with a new version of Copier, compare `copier._main.Worker` with
`template/copier_shortcuts.py`: `_render_string` compiles a text and renders it with the answers;
`answers_relpath` does so with the name of the answers file; `_render_parts` does so with each part
of a path, and leaves out a file beside a template of it; `Question.render_value` renders the texts
of a question; compiling resets the yield context;
`Template.vcs` is None where no Git is found; of a choice, a title, a value and `disabled` are read.
Without these methods rendering is slow, not wrong.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import _main, _user_data
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined

from mlcharter.template import copier_shortcuts, rendering
from mlcharter.template.template import Template, embedded_root

TRACKS = ("applied", "platform", "rag", "rl")
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
        "{{ name }}/one": "1",
        "{{ name }}/two.jinja": "{{ name }}",
        "shadowed": "",
        "shadowed.jinja": "{{ name }}",
        "gone.txt": "",
        "kept.txt": "",
        "{% if name == 'a' %}only-a{% endif %}/plain": "x",
        "{% yield part from ['x', 'y'] %}{{ part }}{% endyield %}.md.jinja": "{{ part }}",
        "{{ _copier_conf.answers_file }}.jinja": "name: {{ name }}\n",
    }
    (root / "project/{{ name }}").mkdir()
    for path, text in files.items():
        (root / "project" / path).write_text(text)
    return root


def render_without_shortcuts(
    monkeypatch: pytest.MonkeyPatch, root: Path, into: Path, **answers: Any
) -> dict[str, str]:
    monkeypatch.setattr(copier_shortcuts, "shortcuts", nothing)
    monkeypatch.setattr(copier_shortcuts, "fast_yaml", lambda own: nothing())
    monkeypatch.setattr(copier_shortcuts, "would_clone", lambda root: True)
    monkeypatch.setattr(rendering, "_compiled_once", nothing)
    return render(root, into, **answers)


@pytest.mark.parametrize("name", ["a", "b", "{{ name }}", "{% raw %}", "é", "x y"])
def test_a_template_gives_the_same_files_with_and_without_shortcuts(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shortened = render(template, tmp_path / "x/same", name=name)

    plain = render_without_shortcuts(monkeypatch, template, tmp_path / "y/same", name=name)
    assert shortened == plain


OURS = {
    "nothing": {},
    "documents": {"tracks": ["rag", "platform"], "layout": "documents", "ci": "gitlab"},
    "rl": {"tracks": ["rl"], "tier": "critical", "starter": False, "licence": "mit"},
    "adopted": {"tracks": ["applied"], "ci": "none", "kept": "README.md, docs/design_doc.md"},
    "only": {"tracks": ["applied"], "layout": "documents", "only": "docs/eval_pack.md, ops/a b.md"},
    "all": {
        **{"tracks": ["applied", "platform", "rag", "rl"], "tier": "production"},
        **{"rag_tools": True, "rl_setting": "several-agents", "licence": "other"},
        "rl_learned_reward": True,
    },
}


@pytest.mark.parametrize("name", OURS)
def test_our_template_gives_the_same_files_with_and_without_shortcuts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"project_name": "A", **OURS[name]}
    shortened = render(embedded_root(), tmp_path / "x/same", **answers)

    plain = render_without_shortcuts(monkeypatch, embedded_root(), tmp_path / "y/same", **answers)

    assert shortened == plain


def test_a_text_in_another_syntax_is_rendered_under_a_condition(
    template: Path, tmp_path: Path
) -> None:
    syntax = "_envops: {variable_start_string: '[[', variable_end_string: ']]', "
    questions = QUESTIONS.replace("_envops: {", syntax).replace("gone.txt{%", "[[ name ]].gone{%")
    (template / "copier.yml").write_text(questions)
    for file in (template / "project").iterdir():
        if "{{" in file.name:
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    (template / "project/a.gone").write_text("")

    assert "a.gone" not in render(template, tmp_path / "into")


def test_a_second_rendering_compiles_nothing(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(template, tmp_path / "first")
    other = shutil.copytree(template, tmp_path / "other")
    monkeypatch.setattr("jinja2.Environment._generate", None)

    assert render(other, tmp_path / "second") == render(template, tmp_path / "third")


@pytest.mark.parametrize(
    "file", ["copier.yml", *(f"template/tracks/{name}/questions.yml" for name in TRACKS)]
)
def test_both_parsers_read_the_same_questions(file: str) -> None:
    text = (embedded_root() / file).read_text(encoding="utf-8").replace("--- !include", "--- #")

    python = list(yaml.load_all(text, yaml.SafeLoader))

    assert list(yaml.load_all(text, yaml.CSafeLoader)) == python


def test_shortcuts_replace_the_methods_of_copier_and_put_them_back() -> None:
    before = {name: vars(_main.Worker)[name] for name in copier_shortcuts.SEAMS}
    of_question = _user_data.Question.render_value

    with copier_shortcuts.shortcuts():
        assert _user_data.Question.render_value is not of_question
        assert all(vars(_main.Worker)[name] is not was for name, was in before.items())

    assert all(vars(_main.Worker)[name] is was for name, was in before.items())
    assert _user_data.Question.render_value is of_question


@pytest.mark.parametrize("seam", [*copier_shortcuts.SEAMS, "render_value"])
def test_copier_runs_unchanged_if_it_has_no_such_method(
    seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = _main.Worker if seam in copier_shortcuts.SEAMS else _user_data.Question
    monkeypatch.delattr(owner, seam)
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
print("prompt_toolkit" in sys.modules or "http.client" in sys.modules)
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
SIMPLE = st.sampled_from(
    [
        "x != 'a'",
        "'a' not in x",
        "'a' not in y",
        "y == 'a'",
        "not true",
        "not 1",
        "not not",
        "not y",
    ]
)
CONDITIONS = st.lists(st.one_of(CONDITION, SIMPLE), min_size=1, max_size=3).map(" and ".join)
CONDITIONAL = st.builds("{{% if {0} %}}{1}{{% endif %}}".format, CONDITIONS, TEXT)


@given(text=st.one_of(TEXT, CONDITIONAL), x=st.sampled_from(["a", "", "{{ x }}"]))
@example(text="{% if x != 'a' and not not %}a{% endif %}", x="a")
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
