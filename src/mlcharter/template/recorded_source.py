"""Holding a repository to the template that its own answers name, for those who trust that source.

Git fetches the template into the cache, at the recorded commit, and it is read as text: nothing of
it is rendered or run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.template import answers, composing, specification
from mlcharter.template.specification import Specification

_LONGEST = 250  # of a tag or a branch
_HINT = "leave out --trust-source to hold it to the template that this program carries"


def template_of(repository: Folder) -> Path | None:
    """Return the folder of the template from which a repository was made.

    None where there are no answers that can be read; what else is wrong is a UserError.
    """
    from mlcharter.template.sources import Source

    tree = answers.read(repository, ()).tree
    if tree is None or not isinstance(tree.value, dict):
        return None
    name, commit = (str(tree.value.get(key) or "") for key in ("_src_path", "_commit"))
    if not name or not commit:
        raise UserError("the answers have no `_src_path` and `_commit` to follow", hint=_HINT)
    if len(commit) > _LONGEST or not commit.isprintable():
        raise UserError(f"`_commit` is no name of a version: {commit[:50]!r}", hint=_HINT)
    try:
        source = Source(name, Path(repository.root))
        found = source.commit(commit)
        folder = source.files(found) if found else None
        if folder is None:
            raise source.problem or UserError("it has no such version")
    except UserError as error:
        message = f"the template at {commit} can't be had from here: {error.message}"
        raise UserError(message, hint=_HINT) from error
    return folder


def read(template: Path, values: Mapping[str, Any]) -> Specification:
    """What a template in the cache gives a repository with these answers."""
    try:
        return specification.read(template, values)
    except (composing.ForeignSyntaxError, OSError, UnicodeDecodeError) as error:
        raise UserError(f"the template can't be read as text: {error}", hint=_HINT) from error
