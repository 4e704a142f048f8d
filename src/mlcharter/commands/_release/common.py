"""What the commands of `release` open: the store, the trust, the time of the day."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain_message

if TYPE_CHECKING:
    from mlcharter.release.store import Store
    from mlcharter.release.trust import Trust

store = click.option(
    "--store",
    "folder_of_store",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="The store, by default releases/ of the repository.",
)


def locate(folder: Path, folder_of_store: Path | None) -> "tuple[Path, Store]":
    from mlcharter.release import store
    from mlcharter.support.errors import UserError

    (place,) = location.places([folder])
    inside = place.root / store.DEFAULT
    if folder_of_store is None and inside.is_symlink():
        hint = "make it a folder, or name the store with --store"
        raise UserError(f"{store.DEFAULT} is a link, which may lead anywhere", hint=hint)
    return place.root, store.Store(folder_of_store or inside)


def read_trust(root: Path, opening: dict[str, Any]) -> "Trust":
    from mlcharter.release import trust

    charter = _options.open_charter(Folder(root), **opening)
    return trust.read(charter)


@contextmanager
def show_refusals() -> Iterator[None]:
    """Print each reason of a refusal, and exit with 1."""
    from mlcharter.release.refusal import RefusedError

    try:
        yield
    except RefusedError as error:
        for reason in error.reasons:
            click.echo(plain_message(f"refused: {error.release}: {reason}"), err=True)
        raise SystemExit(1) from None


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
