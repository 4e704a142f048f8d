"""Rendering a template into a folder. The only module that imports Copier."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.template.answers import ANSWERS
from mlcharter.template.template import Template, embedded_root

_HINT = "choose another version of the template, or tell its authors"
_NO_CODE = "mlcharter runs no code of a template; use one without that"


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

    `answers` are given; `suggestions` are what Enter takes.
    With `prompt`, Copier asks the questions that are left, and those in `also_ask`. With `count`,
    questions are numbered; it is given the answers so far and says how many there are, if it can.

    A template that can't be rendered, or that makes files for Git itself, is a UserError.
    """
    import copier

    names = {"_charter_source": template.source, "_charter_commit": template.commit}
    if count is not None:
        names["_charter_customise"] = "yes"
    with (
        _explained(template.root),
        _plain(template.root) as root,
        _without_git(),
        _compiled_once(),
        _numbered(count),
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
def _explained(root: Path) -> Iterator[None]:
    """Turn what Copier says of a template into a UserError.

    In the template that this program carries, an error of its Jinja is a bug of ours, whose
    traceback is wanted.
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
        refused = _refusal(error)
        if refused is None and root == embedded_root():
            raise
        raise refused or UserError(_told(error), hint=_HINT) from error


def _told(error: Exception) -> str:
    """What is wrong with a template: the kind of error, where, and its first line."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    where = f" at {name or 'a name'}:{line}" if line is not None else ""
    reason = (str(error).splitlines() or [""])[0]
    return f"the template can't be rendered: {type(error).__name__}{where}: {reason}"


def _refuse_unsafe(root: Path) -> None:
    """Refuse what a template may not make: Git's own files, odd names, links that lead out.

    The names of a template's files can hold Jinja, and so are known only when it is rendered.
    """
    real = root.resolve()
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            shown = path.relative_to(root).as_posix()
            if writing.is_git(name) or not name.isprintable():
                raise UserError(f"the template makes an unsafe file: {shown!r}", hint=_HINT)
            if path.is_symlink() and not _stays(path, real):
                raise UserError(f"the template makes a link that leads out: {shown}", hint=_HINT)


def _stays(link: Path, root: Path) -> bool:
    try:
        return not link.readlink().is_absolute() and link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False


@contextmanager
def _plain(root: Path) -> Iterator[Path]:
    """A folder that Copier does not take for a Git repository, which it would clone at HEAD."""
    if not (root / ".git").exists():
        yield root
        return
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        try:
            shutil.copy(root / "copier.yml", folder)
            shutil.copytree(root / "template", Path(folder, "template"), symlinks=True)
        except shutil.Error as error:  # one entry for each file, whose last part is the reason
            reason = error.args[0][0][-1]
            hint = "free some space there, then try again"
            raise UserError(f"the template can't be copied to {folder}: {reason}", hint) from error
        yield Path(folder)


@contextmanager
def _without_git() -> Iterator[None]:
    """Copier asks Git once for each file about a mode that a new folder does not have."""
    import plumbum

    with plumbum.local.env(PATH=os.devnull):
        yield


@contextmanager
def _compiled_once() -> Iterator[None]:
    """Copier compiles the same few names of paths and answers thousands of times a render."""
    from jinja2 import Environment

    compile_ = Environment.compile
    done: dict[Any, Any] = {}

    def once(self: Environment, *words: Any, **named: Any) -> Any:
        key = (self, words, tuple(named.items()))  # keeps the environment, and so its identity
        if key not in done:
            done[key] = compile_(self, *words, **named)
        return done[key]

    Environment.compile = once  # type: ignore[method-assign]
    try:
        yield
    finally:
        Environment.compile = compile_  # type: ignore[method-assign]


@contextmanager
def _numbered(count: Callable[[Mapping[str, Any]], int | None] | None) -> Iterator[None]:
    """Copier has no place for the number of a question but the question itself."""
    if count is None:
        yield
        return
    from copier._user_data import Question

    message = Question.get_message
    asked: list[str] = []

    def numbered(self: Any) -> str:
        if not self.get_when():  # it is prepared, but not shown
            return message(self)
        asked.append(self.var_name)
        total = count(self.answers.combined)
        return f"{len(asked)}{f'/{total}' if total else '.'} {message(self)}"

    Question.get_message = numbered  # type: ignore[method-assign]
    try:
        yield
    finally:
        Question.get_message = message  # type: ignore[method-assign]


def _refusal(error: Exception) -> UserError | None:
    """What a validator said of an answer; None for any other error."""
    found = re.match(r"Validation error for question '(\w+)': (.*)", str(error), re.DOTALL)
    if found is None:
        return None
    key, reason = found.groups()
    return UserError(f"{key}: {reason}", hint=f"give another one with --data '{key}=…'")
