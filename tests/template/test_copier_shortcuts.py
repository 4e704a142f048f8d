"""Our shortcuts through Copier give what Copier gives.

If a test fails with a new version of Copier, compare `copier._main.Worker` with
`template/copier_shortcuts.py`: `_render_string` compiles a text and renders it with the answers;
`answers_relpath` does so with the name of the answers file; compiling resets the yield context;
`Template.vcs` is None where no Git is found. Without these methods rendering is slow, not wrong.
"""

import subprocess
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
