"""Describe the next release, and fetch the files that it pins."""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.commands._release import common
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain


@click.command()
@click.argument("id", metavar="ID")
@_options.folder
@click.option(
    "--approved-by",
    metavar="OWNER",
    multiple=True,
    help="Who approved the release, if not the owner of a prototype; repeatable.",
)
@_options.change
def pin(id: str, folder: Path, approved_by: tuple[str, ...], **opening: Any) -> None:
    """Describe the release ID, such as `release-2026-11`, in versioning/registries.md.

    Its members are what the newest reports in reports/released measured. At tier prototype, a demo
    key is made and added to `signing` if no key is there. Review it, and commit.
    """
    from mlcharter.release import demo_key, pinning, trust
    from mlcharter.support import writing
    from mlcharter.support.errors import UserError

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    if not charter.configs("joint_release"):
        click.echo(
            plain(f"{trust.REGISTRIES} describes no release; it does from tier production on")
        )
        return
    owner, today = str(charter.answers.values.get("owner")), common.now().date()
    prototype = charter.tier == "prototype"
    if not (approved_by or prototype):
        raise UserError("nobody approved the release", hint="name them with --approved-by")
    has_keys = charter.entry("signing") is not None or not prototype
    keys = [] if has_keys else [demo_key.create(place.root, owner, today)]
    request = pinning.Request(id, approved_by or (owner,), today, keys)
    writing.replace(place.root, trust.REGISTRIES, pinning.pin(charter, request).encode())
    click.echo(plain(f"{trust.REGISTRIES}: {id}; review it and commit"))


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
