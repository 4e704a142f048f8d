"""Fetch the files of members from where a team keeps them, such as MLflow.

A file is found by its digest alone, which `registry` pins. Names, tags, aliases and versions of
another registry decide nothing: whoever can write there could change them.
"""

import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from mlcharter.charter import canonical_forms
from mlcharter.charter.charter import Charter
from mlcharter.release import drafting
from mlcharter.release.data_formats import find_problem
from mlcharter.release.refusal import RefusedError
from mlcharter.release.store import MAX_BYTES
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Tree, Unreadable

_MOST_FILES = 10_000


class Fetched(Struct, frozen=True):
    """A member with a file; `source` is the file that has its bytes, None if `path` has them."""

    name: str
    path: str
    source: str | None


def download(uri: str, folder: Path) -> None:
    """Download the artifacts at an address of MLflow, such as `models:/applied/3`."""
    try:
        from mlflow import artifacts  # type: ignore[import-not-found]
    except ImportError:
        hint = "install it here: `pip install mlflow-skinny`; or name a folder"
        raise UserError(f"{uri} is fetched with MLflow, which is missing", hint=hint) from None
    try:
        artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder))
    except Exception as error:  # each store raises its own
        message = f"{uri} can't be fetched: {str(error).partition(chr(10))[0]}"
        raise UserError(message, hint="check the address and MLFLOW_TRACKING_URI") from None


def fetch(root: Path, charter: Charter, source: str) -> list[Fetched]:
    """Write the file of each member of the release that is missing, from a folder or MLflow.

    Raises RefusedError for members whose bytes are not there; then nothing is written.
    """
    if ":/" not in source:
        return _fetch(root, charter, Folder(source))
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as scratch:
        download(source, Path(scratch))
        return _fetch(root, charter, Folder(scratch))


def _fetch(root: Path, charter: Charter, source: Tree) -> list[Fetched]:
    wanted, tree = dict(_list_members(charter)), Folder(root)
    missing = {
        name: registered
        for name, registered in wanted.items()
        if not _matches(registered, tree.read(registered.path, MAX_BYTES))
    }
    files = list(_walk(source, ".")) if missing else []
    found: dict[str, str] = {}
    for path in files:
        data = source.read(path, MAX_BYTES)
        for name in missing.keys() - found.keys():
            if _matches(missing[name], data):
                found[name] = path
    reasons = [
        f"`{name}`: none of {len(files)} files has its digest"
        for name in missing
        if name not in found
    ]
    if reasons:
        raise RefusedError(_joint_release(charter).id, reasons)
    for name, path in found.items():
        _write(root, charter, missing[name], source, path)
    return [Fetched(name, one.path, found.get(name)) for name, one in wanted.items()]


def _write(root: Path, charter: Charter, registered: Any, source: Tree, path: str) -> None:
    """Write the file of a member; its bytes are read again, so they are judged again."""
    data = source.read(path, MAX_BYTES)
    if not _matches(registered, data) or isinstance(data, Unreadable):
        raise RefusedError(_joint_release(charter).id, [f"{path} changed while it was read"])
    if problem := find_problem(registered.format, data):
        raise RefusedError(_joint_release(charter).id, [f"{path}: {problem}"])
    writing.replace(root, registered.path, data)


def _joint_release(charter: Charter) -> Any:
    entry = charter.entry("joint_release")
    if entry is None:
        message = "the config block `joint_release` is not filled in"
        raise UserError(message, hint="see `mlcharter explain joint_release`")
    return entry.value


def _list_members(charter: Charter) -> Iterator[tuple[str, Any]]:
    for ref in _joint_release(charter).members:
        registered = charter.named("registry").get(ref)
        if registered is not None and drafting.has_file(registered.value):
            yield ref.partition("@")[0], registered.value


def _matches(registered: Any, data: bytes | Unreadable) -> bool:
    if isinstance(data, Unreadable):
        return False
    return registered.ref[-64:] in canonical_forms.digests(data, registered.format)


def _walk(tree: Tree, folder: str) -> Iterator[str]:
    """Yield the files below a folder, in order; no link is followed."""
    seen, waiting = 0, [folder]
    while waiting:
        here = waiting.pop()
        for name, kind in sorted(tree.list_folder(here)):
            path = name if here == "." else f"{here}/{name}"
            seen += 1
            if seen > _MOST_FILES:
                message = f"there are more than {_MOST_FILES} files"
                raise UserError(message, hint="name the folder or the version with the member")
            if kind == stat.S_IFDIR:
                waiting.append(path)
            elif kind == stat.S_IFREG:
                yield path
