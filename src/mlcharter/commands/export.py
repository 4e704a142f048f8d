"""Write files that are derived from config blocks, such as the rules of Prometheus.

Without KIND, all kinds. A kind whose config blocks are not filled in writes nothing. With --check,
nothing is written, and a derived file that differs from its blocks is an error; without KIND, a
file that was never written is not.

Exit codes: 0 written or current, 1 a derived file differs, 2 could not run.
"""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support import plugins, writing
from mlcharter.support.files import Folder

SECTION, POSITION = "Every day", 6
KINDS = "mlcharter.export.kinds"


@click.command(help=__doc__)
@click.argument("kinds", metavar="[KIND]...", nargs=-1, type=_options.Choice(plugins.names(KINDS)))
@click.option(
    "-C",
    "folder",
    metavar="PATH",
    default=".",
    type=click.Path(path_type=Path),
    help="A folder of the repository, by default this one.",
)
@click.option("--check", is_flag=True, help="Fail if a derived file differs; write nothing.")
@_options.change
def command(kinds: tuple[str, ...], folder: Path, check: bool, **opening: Any) -> None:
    from mlcharter.export import exporting

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    wanted = dict.fromkeys(kinds or plugins.names(KINDS))
    files = list(exporting.derive(charter, wanted))
    charter.close()
    failed = False
    for file in files:
        mend = f"run `mlcharter export {file.kind}`"
        if file.state == "empty":
            blocks = ", ".join(f"`{source}`" for source in file.sources)
            click.echo(f"{file.kind}: nothing to write; fill in {blocks}")
        elif file.state == "obsolete":
            failed = True
            click.echo(f"{file.path}: its config blocks are empty; delete the file", err=True)
        elif file.state == "current":
            click.echo(f"{file.path}: current")
        elif not check:
            assert file.text is not None
            writing.replace(place.root, file.path, file.text.encode())
            click.echo(f"{file.path}: written")
        elif file.state == "differs" or kinds:
            failed = True
            problem = "differs from the config blocks" if file.state == "differs" else "missing"
            click.echo(f"{file.path}: {problem}; {mend}", err=True)
        else:
            click.echo(f"{file.path}: never written; {mend}")
    raise SystemExit(1 if failed else 0)
