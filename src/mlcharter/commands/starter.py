"""List or remove the starter: the system that ships, so that a new repository runs.

A gate on the starter says nothing about your own system: `gate` prints `starter` for it, and level
complete does not pass until it is replaced.
"""

from pathlib import Path

import click

from mlcharter.support.plain import plain_page

SECTION, POSITION = "Start", 3


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("list")
@click.argument("path", type=click.Path(path_type=Path), default=".")
def list_(path: Path) -> None:
    """List what is left of the starter: files, entries of config blocks, texts."""
    from mlcharter.starter import removing

    click.echo(plain_page(removing.find(path).render()), nl=False)


@command.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--diff", is_flag=True, help="Print a patch; write nothing.")
@click.option(
    "--allow-dirty",
    is_flag=True,
    help="Allow uncommitted changes in files that the removal does not touch.",
)
def remove(path: Path, dry_run: bool, diff: bool, allow_dirty: bool) -> None:
    """Remove the starter, and keep every file that you changed.

    Git is the way back, or `mlcharter update --abort`.

    Exit codes: 0 removed, 1 conflicts or other manual work, 2 could not run.
    """
    from mlcharter.starter import removing

    done = removing.remove(path, write=not (dry_run or diff), allow_dirty=allow_dirty)
    click.echo(done.patch() if diff else plain_page(done.render("text")), nl=False)
    raise SystemExit(1 if done.conflicts else 0)
