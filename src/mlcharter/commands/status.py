"""Show how much is done, and what to do next.

PATH is a repository, or a file or folder in one.

Exit codes: 0 shown, 2 could not run.
"""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.status import progress
from mlcharter.support import plugins
from mlcharter.support.files import Folder

SECTION, POSITION = "Every day", 1
OUTPUTS = "mlcharter.status.outputs"


@click.command(help=__doc__)
@click.argument("path", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@_options.format_(OUTPUTS)
@_options.repository
def command(path: Path, format_: str, **opening: Any) -> None:
    (place,) = location.places([path])
    charter = _options.open_charter(Folder(place.root), **opening)
    measured = progress.measure(charter, place.prefix)
    click.echo(plugins.load_one(OUTPUTS, format_).render(measured), nl=False)
