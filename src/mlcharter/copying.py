"""Rendering a template into a folder. The only module that imports Copier."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcharter.answers import ANSWERS
from mlcharter.errors import UserError
from mlcharter.template import Template


def render(
    template: Template,
    into: Path,
    *,
    answers: Mapping[str, Any],
    suggestions: Mapping[str, Any],
    prompt: bool = False,
    also_ask: Sequence[str] = (),
    answers_file: str = ANSWERS,
) -> None:
    """Render `template` into the new folder `into`; its answers file names the template's source.

    `answers` are given; `suggestions` are what Enter takes.
    With `prompt`, Copier asks the questions that are left, and those in `also_ask`.
    """
    import copier
    from copier.errors import CopierAnswersInterrupt, CopierError

    names = {"_charter_source": template.source, "_charter_commit": template.commit}
    try:
        with _plain(template.root) as root, _without_git(), _compiled_once():
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
        shutil.copy(root / "copier.yml", folder)
        shutil.copytree(root / "template", Path(folder, "template"), symlinks=True)
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


def _refusal(error: ValueError) -> Exception:
    """What a validator said, as the user's to mend; any other ValueError is a bug."""
    found = re.match(r"Validation error for question '(\w+)': (.*)", str(error), re.DOTALL)
    if found is None:
        return error
    key, reason = found.groups()
    return UserError(f"{key}: {reason}", hint=f"give another one with --data '{key}=…'")
