"""Show where a repository stands, and what to do next.

PATH is a repository, or a file or folder in one. Nothing fails: the exit code is 0, or 2 when
nobody could look.
"""

import datetime
from pathlib import Path

import click

from mlcharter import caching, checking, locating, plugins, standing

OUTPUTS = "mlcharter.status_outputs"


@click.command(help=__doc__)
@click.argument("path", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(plugins.names(OUTPUTS)),
    default="text",
    show_default=True,
)
@click.option(
    "--policy",
    "organisation",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An organisation's policy, which binds the repository's own.",
)
@click.option("--branch", help="Judge by the policy's level for this branch.")
@click.option(
    "--trust-source",
    is_flag=True,
    help="Hold it to the template that its answers name, fetched by Git and read as text.",
)
@click.option("--no-cache", is_flag=True, help="Read the template again, and remember nothing.")
def command(
    path: Path,
    format_: str,
    organisation: Path | None,
    branch: str | None,
    trust_source: bool,
    no_cache: bool,
) -> None:
    (place,) = locating.places([path])
    charter = checking.open_charter(
        place.root,
        datetime.date.today(),
        branch=branch or locating.branch(place.root),
        organisation=organisation,
        kept=None if no_cache else caching.folder() / "specifications",
        trust_source=trust_source,
    )
    found = standing.standing(charter, place.prefix)
    click.echo(plugins.load_one(OUTPUTS, format_).render(found), nl=False)
