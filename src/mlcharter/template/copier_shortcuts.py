"""Shortcuts through Copier's renderer, each with the same result; see `shortcuts`.

They replace methods of `copier._main.Worker`, which is not public, in Copier 9.19. Without one of
these methods, Copier runs unchanged: slower, with the same result. When a new version of Copier
fails `tests/template/test_copier_shortcuts.py`, compare the methods named there with the copies of
their behaviour here.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mlcharter.template import composing

# What only prompts need; importing it takes a quarter of the time of importing Copier.
_PROMPTS = {
    "questionary": ("confirm", "unsafe_prompt"),
    "questionary.prompts.common": ("Choice",),
    "prompt_toolkit.lexers": ("PygmentsLexer",),
    "pygments.lexers.data": ("JsonLexer", "YamlLexer"),
}
# What plumbum and dunamai import for functions that rendering does not call.
_UNUSED = {"urllib.request": ("pathname2url",), "xml.etree.ElementTree": ("fromstring",)}
SEAMS = ("_render_string", "answers_relpath", "_render_parts")
_CONDITIONAL = re.compile(r"\{% if ([^{}%#\n\r-]*) %\}([^{}%#\n\r]+)\{% endif %\}")
_NAME = re.compile(r"\{\{ [A-Za-z_][A-Za-z_0-9]* \}\}")
_RESERVED = {"and", "else", "false", "if", "in", "is", "none", "not", "or", "true"}
_FILTERS = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"


class _Choice:
    """The part of questionary's Choice that Copier reads to validate an answer."""

    def __init__(self, title: str, value: Any = None, disabled: Any = None) -> None:
        self.title, self.disabled = title, disabled
        self.value = title if value is None else value


def import_without_prompts() -> None:
    """Import Copier without what asks questions; that is imported when something is asked."""
    if "copier" in sys.modules or any(name in sys.modules for name in _PROMPTS):
        return
    unused = {module: names for module, names in _UNUSED.items() if module not in sys.modules}
    for module, names in (_PROMPTS | unused).items():
        stand_in = sys.modules[module] = ModuleType(module)
        for name in names:
            setattr(stand_in, name, _import_when_called(module, name))
    try:
        import copier  # noqa: F401
    except ImportError:  # this version needs more of them
        for name in [name for name in sys.modules if name.partition(".")[0] == "copier"]:
            del sys.modules[name]
    finally:
        for module in _PROMPTS | unused:
            del sys.modules[module]


def _import_when_called(module: str, name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if name == "Choice" and "questionary" not in sys.modules:
            return _Choice(*args, **kwargs)
        return getattr(import_module(module), name)(*args, **kwargs)

    return call


@contextmanager
def shortcuts() -> Iterator[None]:
    """Return texts without Jinja as they are, which Copier would compile and render.

    Copier renders each part of each path, the name of the answers file once for each part, and
    each text of each question. Simple conditions are evaluated without Jinja, and a part that is
    one name is rendered once.
    """
    try:
        from copier._main import Worker
        from copier._types import Phase
        from copier._user_data import Question
    except ImportError:
        yield
        return
    originals = {name: vars(Worker).get(name) for name in SEAMS}
    render_value = vars(Question).get("render_value")
    replaced = [*originals.values(), render_value]
    if not all(callable(it) or isinstance(it, property) for it in replaced):
        yield
        return
    is_plain = _Plain()
    for name, replacement in _replace_for_worker(originals, is_plain, Phase).items():
        setattr(Worker, name, replacement)
    setattr(Question, "render_value", _replace_render_value(render_value, is_plain))  # noqa: B010
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(Worker, name, original)
        setattr(Question, "render_value", render_value)  # noqa: B010


def _replace_for_worker(
    originals: Mapping[str, Any], is_plain: "_Plain", phase: Any
) -> dict[str, Any]:
    """Return the replacements of Worker's methods, by name; `phase` is Copier's Phase."""
    render, render_parts = originals["_render_string"], originals["_render_parts"]
    answers_path = originals["answers_relpath"]

    def render_string(self: Any, string: Any, extra_context: Any = None) -> Any:
        if is_plain(self.jinja_env, string):
            return string
        conditional = _CONDITIONAL.fullmatch(string) if type(string) is str else None
        if conditional and _uses_default_syntax(self.jinja_env):
            condition, text = conditional.groups()
            holds = _evaluate(condition, {**self.answers.combined, **(extra_context or {})})
            if holds is not None and is_plain(self.jinja_env, text):
                return text if holds else ""
        if extra_context or not (type(string) is str and _NAME.fullmatch(string)):
            return render(self, string, extra_context)
        rendered = vars(self).setdefault("_rendered_names", {})
        key = (string, phase.current())
        if key not in rendered:
            rendered[key] = render(self, string)
        is_plain.forget_yield(self.jinja_env)
        return rendered[key]

    def answers_relpath(self: Any) -> Any:
        path = str(self.answers_file or self.template.answers_relpath)
        return Path(path) if is_plain(self.jinja_env, path) else answers_path.__get__(self)

    def parts_of_path(
        self: Any, parts: Any, rendered_parts: Any = None, *args: Any, **kwargs: Any
    ) -> Iterator[Any]:
        first = rendered_parts is None and not args and kwargs.keys() == {"is_template"}
        if not first or not all(is_plain(self.jinja_env, part) for part in parts):
            yield from render_parts(self, parts, rendered_parts, *args, **kwargs)
        elif str(self.answers_relpath) in parts:
            yield from render_parts(self, parts, rendered_parts, *args, **kwargs)
        else:  # the end of `_render_parts`
            path = Path(*parts)
            template = f"{path}{self.template.templates_suffix}"
            if kwargs["is_template"] or not (self.template.local_abspath / template).exists():
                yield path, {}

    return {
        "_render_string": render_string,
        "answers_relpath": property(answers_relpath),
        "_render_parts": parts_of_path,
    }


def _replace_render_value(original: Any, is_plain: "_Plain") -> Any:
    def render_value(self: Any, value: Any, extra_answers: Any = None) -> Any:
        if is_plain(self.jinja_env, value):
            return value
        return original(self, value, extra_answers)

    return render_value


@contextmanager
def fast_yaml(own: bool) -> Iterator[None]:
    """Let Copier parse questions with libyaml; `own` says that a test compares both parsers."""
    import yaml

    loader = yaml.SafeLoader
    if own:
        yaml.SafeLoader = getattr(yaml, "CSafeLoader", loader)  # type: ignore[misc]
    try:
        yield
    finally:
        yaml.SafeLoader = loader  # type: ignore[misc]


def would_clone(root: Path) -> bool:
    """Return whether Copier would clone `root` instead of reading its files, or may."""
    try:
        from copier._template import Template

        return Template(url=str(root)).vcs is not None
    except (ImportError, AttributeError, TypeError):
        return True


class _Plain:
    """Tell whether Jinja would return a text unchanged, as far as one can tell quickly."""

    def __init__(self) -> None:
        from copier._jinja_ext import YieldExtension, get_yield_context

        self._yield_context = get_yield_context
        self._extensions = {YieldExtension.identifier, _FILTERS}
        self._searches: dict[Any, Callable[[str], Any] | None] = {}

    def __call__(self, environment: Any, text: Any) -> bool:
        if environment not in self._searches:
            self._searches[environment] = self._find_search(environment)
        search = self._searches[environment]
        if search is None or type(text) is not str or search(text):
            return False
        self.forget_yield(environment)
        return True

    def _find_search(self, environment: Any) -> Callable[[str], Any] | None:
        """Return a search for what Jinja changes in a text; None if only Jinja can tell."""
        lines = environment.line_statement_prefix or environment.line_comment_prefix
        if lines or not set(environment.extensions) <= self._extensions:
            return None
        starts = ("block_start_string", "variable_start_string", "comment_start_string")
        special = ["\n", "\r", *(getattr(environment, name) for name in starts)]
        return re.compile("|".join(map(re.escape, special))).search

    def forget_yield(self, environment: Any) -> None:
        """Reset the state of Copier's `yield`, as compiling a text does."""
        context = self._yield_context(environment)
        context.yield_name = context.yield_iterable = None


class _Known(dict[str, Any]):
    """Answers; one that Jinja may read otherwise, or that is missing, is a KeyError."""

    def get(self, name: str, default: Any = None) -> Any:
        if not name.isidentifier() or name.lower() in _RESERVED:
            raise KeyError(name)
        return self[name]


def _evaluate(condition: str, answers: Mapping[str, Any]) -> bool | None:
    """Return whether a simple condition is true; None if only Jinja can tell."""
    try:
        return composing.is_true(condition, _Known(answers))
    except (composing.ForeignSyntaxError, KeyError, TypeError):
        return None


def _uses_default_syntax(environment: Any) -> bool:
    return (environment.block_start_string, environment.block_end_string) == ("{%", "%}")
