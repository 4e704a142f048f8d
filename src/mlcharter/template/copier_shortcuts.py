"""Shortcuts through Copier's renderer, each with the same result; see `shortcuts`.

They replace methods of `copier._main.Worker`, which is not public, in Copier 9.19. Without one of
these methods, Copier runs unchanged: slower, with the same result. When a new version of Copier
fails `tests/template/test_copier_shortcuts.py`, compare the methods named there with the copies of
their behaviour here.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

# What only prompts need; importing it takes a quarter of the time of importing Copier.
_PROMPTS = {
    "questionary": ("confirm", "unsafe_prompt"),
    "questionary.prompts.common": ("Choice",),
    "prompt_toolkit.lexers": ("PygmentsLexer",),
    "pygments.lexers.data": ("JsonLexer", "YamlLexer"),
}
SEAMS = ("_render_string", "answers_relpath")
_CONDITIONAL = re.compile(r"(\{% if [^{}%#\n\r-]* %\})([^{}%#\n\r]+)\{% endif %\}")


class _Choice:
    """The part of questionary's Choice that Copier reads to validate an answer."""

    def __init__(self, title: str, value: Any = None, disabled: Any = None) -> None:
        self.title, self.disabled = title, disabled
        self.value = title if value is None else value


def import_without_prompts() -> None:
    """Import Copier without what asks questions; that is imported when something is asked."""
    if "copier" in sys.modules or any(name in sys.modules for name in _PROMPTS):
        return
    for module, names in _PROMPTS.items():
        stand_in = sys.modules[module] = ModuleType(module)
        for name in names:
            setattr(stand_in, name, _import_when_called(module, name))
    try:
        import copier  # noqa: F401
    except ImportError:  # this version needs more of them
        for name in [name for name in sys.modules if name.partition(".")[0] == "copier"]:
            del sys.modules[name]
    finally:
        for module in _PROMPTS:
            del sys.modules[module]


def _import_when_called(module: str, name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if name == "Choice" and "questionary" not in sys.modules:
            return _Choice(*args, **kwargs)
        return getattr(import_module(module), name)(*args, **kwargs)

    return call


@contextmanager
def shortcuts() -> Iterator[None]:
    """Return strings without Jinja as they are, which Copier would compile and render.

    Copier renders each part of each path, and the name of the answers file once for each part.
    """
    try:
        from copier._jinja_ext import get_yield_context
        from copier._main import Worker
    except ImportError:
        yield
        return
    originals = {name: vars(Worker).get(name) for name in SEAMS}
    render, answers_path = originals["_render_string"], originals["answers_relpath"]
    if not callable(render) or not isinstance(answers_path, property):
        yield
        return

    def is_plain(worker: Any, text: Any) -> bool:
        if not _is_plain(worker.jinja_env, worker.template.jinja_extensions, text):
            return False
        context = get_yield_context(worker.jinja_env)  # compiling a text resets it
        context.yield_name = context.yield_iterable = None
        return True

    def render_string(self: Any, string: Any, extra_context: Any = None) -> Any:
        if is_plain(self, string):
            return string
        condition, text = _split_conditional(string)
        if condition is None or not _uses_default_syntax(self.jinja_env):
            return render(self, string, extra_context)
        return text if render(self, condition, extra_context) else ""

    def answers_relpath(self: Any) -> Any:
        path = str(self.answers_file or self.template.answers_relpath)
        return Path(path) if is_plain(self, path) else answers_path.__get__(self)

    setattr(Worker, "_render_string", render_string)  # noqa: B010
    setattr(Worker, "answers_relpath", property(answers_relpath))  # noqa: B010
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(Worker, name, original)


def would_clone(root: Path) -> bool:
    """Return whether Copier would clone `root` instead of reading its files, or may."""
    try:
        from copier._template import Template

        return Template(url=str(root)).vcs is not None
    except (ImportError, AttributeError, TypeError):
        return True


def _split_conditional(text: Any) -> tuple[str | None, str]:
    """Return a text that is empty unless the condition of `text` holds, and what it then returns.

    Many lines of `_exclude` share a few conditions, which are compiled once each.
    """
    parts = _CONDITIONAL.fullmatch(text) if type(text) is str else None
    return (f"{parts[1]}x{{% endif %}}", parts[2]) if parts else (None, "")


def _uses_default_syntax(environment: Any) -> bool:
    return (environment.block_start_string, environment.block_end_string) == ("{%", "%}")


def _is_plain(environment: Any, extensions: Sequence[str], text: Any) -> bool:
    """Return whether Jinja would return `text` unchanged, as far as one can tell quickly."""
    return (
        type(text) is str
        and "\n" not in text
        and "\r" not in text
        and not extensions
        and not environment.line_statement_prefix
        and not environment.line_comment_prefix
        and environment.block_start_string not in text
        and environment.variable_start_string not in text
        and environment.comment_start_string not in text
    )
