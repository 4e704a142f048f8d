"""Rendering a template into a folder. The only module that imports Copier."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcharter.template.answers import ANSWERS
from mlcharter.support.errors import UserError
from mlcharter.template.template import Template


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
    """
    import copier
    from copier.errors import CopierAnswersInterrupt, CopierError

    names = {"_charter_source": template.source, "_charter_commit": template.commit}
    if count is not None:
        names["_charter_customise"] = "yes"
    try:
        with _plain(template.root) as root, _without_git(), _compiled_once(), _numbered(count):
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
    except CopierAnswersInterrupt:
        raise KeyboardInterrupt from None
    except CopierError as error:
        raise UserError(str(error), hint="see `mlcharter new --help`") from error
    except ValueError as error:
        raise _refusal(error) from error


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


def _refusal(error: ValueError) -> Exception:
    """What a validator said, as the user's to mend; any other ValueError is a bug."""
    found = re.match(r"Validation error for question '(\w+)': (.*)", str(error), re.DOTALL)
    if found is None:
        return error
    key, reason = found.groups()
    return UserError(f"{key}: {reason}", hint=f"give another one with --data '{key}=…'")
