"""Judge a change: show what weakens the charter, and who must approve it.

Compares the charter at REF with the files of the folder. REF is a commit; by default it is the base
of the pull request or merge request in CI, elsewhere the merge base with the default branch. Reads
Git's objects; runs no code of the repository, and checks nothing out.

Exit codes: 0 nothing weakens the charter without approval, 1 something does, 2 could not run.
"""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support import git, objects, plugins, writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Tree

SECTION, POSITION = "Every day", 3
OUTPUTS = "mlcharter.diff.outputs"


@click.command(help=__doc__)
@click.argument("ref", metavar="[REF]", required=False)
@_options.folder
@click.option("--staged", is_flag=True, help="Compare HEAD with what is staged, for hooks.")
@click.option(
    "--approvals",
    "approval_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What GitHub or GitLab says about approvals, as JSON; repeatable.",
)
@_options.format_(OUTPUTS)
@_options.outputs(OUTPUTS)
@_options.change
def command(
    ref: str | None,
    folder: Path,
    staged: bool,
    approval_files: tuple[Path, ...],
    format_: str,
    files: list[tuple[str, Path]],
    **opening: Any,
) -> None:
    from mlcharter.diff import approvals, bases, comparing

    (place,) = location.places([folder])
    if staged and ref is not None:
        raise UserError("--staged compares with HEAD", hint="leave out the commit")
    base = bases.find(place.root, "HEAD" if staged else ref)
    if base is None:
        click.echo("there is no commit yet, so there is nothing to weaken")
        return
    tree: Tree = objects.staged(place.root) if staged else Folder(place.root)
    opening["branch"] = opening["branch"] or location.branch(Folder(place.root))
    old = _options.open_charter(objects.committed(place.root, base.commit), **opening)
    new = _options.open_charter(tree, **opening)
    # Hosts look for files from the top of the repository, wherever this runs.
    prefix = git.output("rev-parse", "--show-prefix", cwd=place.root) or ""
    comparison = comparing.compare(old, new, f"{base.name} ({base.commit[:12]})", prefix)
    teams = old.settings.teams
    comparison = approvals.apply(comparison, approvals.read(approval_files), teams)
    old.close()
    new.close()
    for name, file in files:
        text = plugins.load_one(OUTPUTS, name).render(comparison)
        writing.write(file, click.unstyle(text))
    click.echo(plugins.load_one(OUTPUTS, format_).render(comparison), nl=False)
    raise SystemExit(1 if comparison.fails else 0)
