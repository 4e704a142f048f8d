"""Show how much is done, and what to do next.

PATH is a repository, or a file or folder in one.

Exit codes: 0 shown, 2 could not run.
"""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support import plugins
from mlcharter.support.files import Folder

SECTION, POSITION = "Every day", 1
OUTPUTS = "mlcharter.status.outputs"
CROSSWALK_OUTPUTS = "mlcharter.status.crosswalk_outputs"


@click.command(help=__doc__)
@click.argument("path", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@click.option("--crosswalk", metavar="NAME", help="Show the clauses of a framework: annex-iv, …")
@_options.format_(CROSSWALK_OUTPUTS)
@_options.repository
def command(path: Path, crosswalk: str | None, format_: str, **opening: Any) -> None:
    from mlcharter.status import crosswalks, progress

    (place,) = location.places([path])
    charter = _options.open_charter(Folder(place.root), **opening)
    if crosswalk is None:
        measured = progress.measure(charter, place.prefix)
        text = plugins.load_one(OUTPUTS, format_).render(measured)
    else:
        answered = crosswalks.measure(charter, crosswalk, place.prefix)
        text = plugins.load_one(CROSSWALK_OUTPUTS, format_).render(answered)
    click.echo(text, nl=False)
