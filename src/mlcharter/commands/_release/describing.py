"""Describe the next release, and fetch the files that it pins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.commands._release import common
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain

if TYPE_CHECKING:
    from mlcharter.charter.charter import Charter


approved_by = click.option(
    "--approved-by",
    metavar="OWNER",
    multiple=True,
    help="Who approved the release, if not the owner of a prototype; repeatable.",
)


@click.command()
@click.argument("id", metavar="ID")
@_options.folder
@approved_by
@_options.change
def pin(id: str, folder: Path, approved_by: tuple[str, ...], **opening: Any) -> None:
    """Describe the release ID, such as `release-2026-11`, in versioning/registries.md.

    Its members are what the newest reports in reports/released measured. At tier prototype, a demo
    key is made and added to `signing` if no key is there. Review it, and commit.
    """
    (place,) = location.places([folder])
    describe(place.root, id, approved_by, opening)


def describe(root: Path, id: str, approved_by: Sequence[str], opening: Mapping[str, Any]) -> None:
    """Write the release into versioning/registries.md, and print that."""
    from mlcharter.release import demo_key, pinning, trust
    from mlcharter.support import writing

    charter = _options.open_charter(Folder(root), **opening)
    if not charter.configs("joint_release"):
        click.echo(
            plain(f"{trust.REGISTRIES} describes no release; it does from tier production on")
        )
        return
    require_approval(charter, approved_by)
    owner, today = str(charter.answers.values.get("owner")), common.now().date()
    has_keys = charter.entry("signing") is not None or charter.tier != "prototype"
    keys = [] if has_keys else [demo_key.create(root, owner, today)]
    request = pinning.Request(id, approved_by or (owner,), today, keys)
    writing.replace(root, trust.REGISTRIES, pinning.pin(charter, request).encode())
    click.echo(plain(f"{trust.REGISTRIES}: {id}; review it and commit"))


def require_approval(charter: "Charter", approved_by: Sequence[str]) -> None:
    from mlcharter.support.errors import UserError

    if not approved_by and charter.tier != "prototype" and charter.configs("joint_release"):
        raise UserError("nobody approved the release", hint="name them with --approved-by")


@click.command()
@click.argument("source", metavar="FOLDER|URI")
@_options.folder
@_options.change
def fetch(source: str, folder: Path, **opening: Any) -> None:
    """Fetch missing files of the release's members from a folder, or from MLflow.

    A URI of MLflow such as `models:/applied/3` or `runs:/…` needs the package `mlflow` or
    `mlflow-skinny`. A file is recognised by the digest in `registry`; names, tags and aliases of
    MLflow decide nothing.

    Exit codes: 0 all files are there, 1 refused, 2 could not run.
    """
    from mlcharter.release import fetching

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    with common.show_refusals():
        fetched = fetching.fetch(place.root, charter, source)
    for one in fetched:
        origin = "was there" if one.source is None else f"from {one.source}"
        click.echo(plain(f"{one.name}: {one.path} {origin}"))
