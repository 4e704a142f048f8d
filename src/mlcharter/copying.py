"""Rendering a template into a folder. The only module that imports Copier."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
) -> None:
    """Render `template` into the new folder `into`; its answers file names the template's source.

    `answers` are given; `suggestions` are what Enter takes.
    With `prompt`, Copier asks the questions that are left, and those in `also_ask`.
    """
    import copier
    from copier.errors import CopierAnswersInterrupt, CopierError

    names = {"_charter_source": template.source, "_charter_commit": template.commit}
    try:
        with _plain(template.root) as root:
            copier.run_copy(
                str(root),
                into,
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


def _refusal(error: ValueError) -> Exception:
    """What a validator said, as the user's to mend; any other ValueError is a bug."""
    found = re.match(r"Validation error for question '(\w+)': (.*)", str(error), re.DOTALL)
    if found is None:
        return error
    key, reason = found.groups()
    return UserError(f"{key}: {reason}", hint=f"give another one with --data '{key}=…'")
