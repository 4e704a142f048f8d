"""Read the template that a repository's own answers name, for `check --trust-source`.

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

_LONGEST = 250  # characters of a tag or a branch
_HINT = "leave out --trust-source to check against the template that is installed"


def fetch_template(repository: Folder) -> Path | None:
    """Return the folder of the template from which a repository was generated.

    None if its answers can't be read; a template that can't be fetched is a UserError.
    """
    from mlcharter.template.sources import Source

    tree = answers.read(repository, ()).tree
    if tree is None or not isinstance(tree.value, dict):
        return None
    name, commit = (str(tree.value.get(key) or "") for key in ("_src_path", "_commit"))
    if not name or not commit:
        raise UserError("`_src_path` or `_commit` is missing from the answers", hint=_HINT)
    if len(commit) > _LONGEST or not commit.isprintable():
        raise UserError(f"`_commit` is not a version: {commit[:50]!r}", hint=_HINT)
    try:
        source = Source(name, Path(repository.root))
        id = source.find_commit(commit)
        folder = source.find_files(id) if id else None
        if folder is None:
            raise source.problem or UserError("the source has no such version")
    except UserError as error:
        message = f"the template at {commit} can't be fetched: {error.message}"
        raise UserError(message, hint=_HINT) from error
    return folder


def read(template: Path, values: Mapping[str, Any]) -> Specification:
    """Return what a template in the cache requires of a repository with these answers."""
    try:
        return specification.read(template, values)
    except (composing.ForeignSyntaxError, OSError, UnicodeDecodeError) as error:
        raise UserError(f"the template can't be read as text: {error}", hint=_HINT) from error
