"""Render a template into a folder. Only it and `copier_shortcuts` import Copier."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcharter.support import files as disk
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.template import copier_shortcuts
from mlcharter.template.answers import ANSWERS
from mlcharter.template.template import Template, embedded_root

_HINT = "choose another version of the template, or tell its authors"
_MOST_COMPILED = 2_000  # texts; our template has about 500
_compiled: dict[Any, Any] = {}
_NO_CODE = "mlcharter runs no code of a template; choose a template without it"


def render(
    template: Template,
    into: Path,
    *,
    answers: Mapping[str, Any],
    suggestions: Mapping[str, Any],
    prompt: bool = False,
    also_ask: Sequence[str] = (),
    count: Callable[[Mapping[str, Any]], int | None] | None = None,
    answers_file: str = ANSWERS,
) -> None:
    """Render `template` into the new folder `into`; its answers file names the template's source.

    `suggestions` are the defaults of questions without an answer. With `prompt`, Copier asks those
    questions and those in `also_ask`. `count` numbers the questions: it takes the answers so far
    and returns the number of questions, None while that is unknown.

    A template that can't be rendered, or that creates unsafe files, is a UserError.
    """
    if prompt or also_ask:
        import questionary  # noqa: F401  # so that Copier's choices are questionary's
    else:
        copier_shortcuts.import_without_prompts()
    import copier

    names = {"_charter_source": template.source, "_charter_commit": template.commit}
    with (
        _translated_errors(template.root),
        _without_git(),
        _without_repository(template.root) as root,
        _compiled_once(),
        copier_shortcuts.shortcuts(),
        copier_shortcuts.fast_yaml(template.root == embedded_root()),
        _numbered_questions(count),
    ):
        copier.run_copy(
            str(root),
            into,
            answers_file=answers_file,
            data={**answers, **names},
            user_defaults=dict(suggestions),
            defaults=not prompt,
            ask=tuple(also_ask),
            settings=copier.Settings(),
            quiet=True,
        )
    _refuse_unsafe(into)


@contextmanager
def _translated_errors(root: Path) -> Iterator[None]:
    """Turn Copier's errors about a template into a UserError.

    A Jinja error in the embedded template is a bug of this program, so its traceback is kept.
    """
    from copier.errors import CopierAnswersInterrupt, CopierError, UnsafeTemplateError
    from jinja2 import TemplateError
    from yaml import YAMLError

    wrong_names = (FileExistsError, IsADirectoryError, NotADirectoryError)
    wrong_values = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
    try:
        yield
    except CopierAnswersInterrupt:
        raise KeyboardInterrupt from None
    except UnsafeTemplateError as error:
        raise UserError(str(error).partition("\n")[0], hint=_NO_CODE) from error
    except CopierError as error:
        raise UserError(str(error).partition("\n")[0], hint=_HINT) from error
    except (
        TemplateError,
        YAMLError,
        RecursionError,
        *wrong_names,
        *wrong_values,
    ) as error:
        invalid = _parse_validation_error(error)
        if invalid is None and root == embedded_root():
            raise
        raise invalid or UserError(_describe(error), hint=_HINT) from error


def _describe(error: Exception) -> str:
    """Return what is wrong with a template: the kind of error, its place, and its first line."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    where = f" at {name or 'a name'}:{line}" if line is not None else ""
    reason = (str(error).splitlines() or [""])[0]
    return f"the template can't be rendered: {type(error).__name__}{where}: {reason}"


def _refuse_unsafe(root: Path) -> None:
    """Refuse Git's own files, unprintable names, and links that leave the folder.

    File names can contain Jinja, so they are known only after rendering.
    """
    real = root.resolve()
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            shown = path.relative_to(root).as_posix()
            if writing.is_git(name) or not name.isprintable():
                raise UserError(f"the template creates an unsafe file: {shown!r}", hint=_HINT)
            if path.is_symlink() and not disk.stays_inside(path, real):
                raise UserError(
                    f"the template creates a link that leaves the repository: {shown}", hint=_HINT
                )


@contextmanager
def _without_repository(root: Path) -> Iterator[Path]:
    """Yield a folder that Copier does not clone at HEAD: `root`, or a copy without `.git`.

    Copier 9.19 clones nothing if it finds no Git to run.
    """
    if not (root / ".git").exists() or not copier_shortcuts.would_clone(root):
        yield root
        return
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        try:
            shutil.copy(root / "copier.yml", folder)
            shutil.copytree(root / "template", Path(folder, "template"), symlinks=True)
        except shutil.Error as error:  # one entry per file, which ends with the reason
            reason = error.args[0][0][-1]
            hint = "free some space there, then try again"
            raise UserError(f"the template can't be copied to {folder}: {reason}", hint) from error
        yield Path(folder)


@contextmanager
def _without_git() -> Iterator[None]:
    """Hide Git from Copier, which runs it once per file for a mode that a new folder lacks."""
    import plumbum

    with plumbum.local.env(PATH=os.devnull):
        yield


@contextmanager
def _compiled_once() -> Iterator[None]:
    """Cache compiled Jinja: an update compiles most texts for the old version and the new one.

    What is compiled depends on the syntax and the extensions, not on the folder of the template,
    which then is that of the first one in Jinja's tracebacks.
    """
    from jinja2 import Environment

    compile_ = Environment.compile

    def once(
        self: Environment, source: Any, name: Any = None, filename: Any = None, **options: Any
    ) -> Any:
        key = (
            *(type(self), self.lexer, self.autoescape, self.finalize, frozenset(self.extensions)),
            *(source, name, tuple(options.items())),
        )
        if key not in _compiled:
            self.optimized = False  # folding constants takes longer here than evaluating them once
            if len(_compiled) >= _MOST_COMPILED:
                _compiled.clear()
            _compiled[key] = compile_(self, source, name, filename, **options)
        elif isinstance(source, str):
            self.preprocess(source)  # Copier's `yield` resets its state here
        return _compiled[key]

    Environment.compile = once  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Environment.compile = compile_  # type: ignore[method-assign]


@contextmanager
def _numbered_questions(count: Callable[[Mapping[str, Any]], int | None] | None) -> Iterator[None]:
    """Number the questions. Copier has no option for that, so their text is changed."""
    if count is None:
        yield
        return
    from copier._user_data import Question

    message = Question.get_message
    names: list[str] = []

    def numbered(self: Any) -> str:
        if not self.get_when():  # prepared, but not shown
            return message(self)
        names.append(self.var_name)
        total = count(self.answers.combined)
        return f"{len(names)}{f'/{total}' if total else '.'} {message(self)}"

    Question.get_message = numbered  # type: ignore[method-assign]
    try:
        yield
    finally:
        Question.get_message = message  # type: ignore[method-assign]


def _parse_validation_error(error: Exception) -> UserError | None:
    """Return a validator's message about an answer; None for any other error."""
    found = re.match(r"Validation error for question '(\w+)': (.*)", str(error), re.DOTALL)
    if found is None:
        return None
    key, reason = found.groups()
    return UserError(f"{key}: {reason}", hint=f"give another one with --data '{key}=…'")
