"""Update a repository to a newer template, or to other answers.

PATH is the repository. The team's changes are kept; where both sides changed the same place, it
gets conflict markers. Nothing is written before the whole result is computed.

Exit codes: 0 merged, 1 conflicts or other manual work, 2 could not run.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.commands import _options
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain, plain_page

if TYPE_CHECKING:
    from mlcharter.update.repository import Repository
    from mlcharter.update.updating import Plan

SECTION, POSITION = "Now and then", 1
FORMATS = ("text", "markdown")


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--to", metavar="REF", help="A tag or commit; `current` keeps the recorded version.")
@click.option("--downgrade", is_flag=True, help="Allow an older version.")
@click.option(
    "--track", "tracks", multiple=True, cls=_options.Answer, help="Add this track; repeatable."
)
@click.option(
    "--drop-track",
    "drop_tracks",
    multiple=True,
    cls=_options.Answer,
    help="Drop this track; repeatable.",
)
@click.option("--tier", cls=_options.Answer, help="The new tier: how much is at stake.")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="Change an answer; repeatable.")
@click.option("--defaults", is_flag=True, help="Ask nothing.")
@click.option(
    "--base",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True),
    help="A folder with the old template, if Git cannot fetch it.",
)
@_options.preview
@click.option(
    "--format",
    "format_",
    type=_options.Choice(FORMATS),
    default="text",
    show_default=True,
    help="`markdown` is for a pull request.",
)
@click.option(
    "--allow-dirty",
    is_flag=True,
    help="Allow uncommitted changes in files that the update does not touch.",
)
@click.option("--abort", is_flag=True, help="Revert the last update, or one that was interrupted.")
def command(
    path: Path,
    tier: str | None,
    data: Sequence[str],
    defaults: bool,
    dry_run: bool,
    diff: bool,
    format_: str,
    abort: bool,
    **options: Any,
) -> None:
    from mlcharter.update import reports, updating

    answers = _options.data({"tracks": (), "tier": tier, "data": data})
    interactive = not (defaults or dry_run or diff) and sys.stdin.isatty()
    request = updating.UpdateRequest(data=answers, interactive=interactive, **options)
    if abort and (
        request != updating.UpdateRequest(data=[], interactive=interactive) or dry_run or diff
    ):
        raise UserError("--abort takes no other options but PATH", hint="leave out the others")
    if abort:
        click.echo(plain_page(updating.abort(path)), nl=False)
        return
    done = updating.update(path, request, not (dry_run or diff), _announce)
    render = reports.markdown if format_ == "markdown" else reports.text
    click.echo(reports.patch(done) if diff else plain_page(render(done)), nl=False)
    raise SystemExit(1 if done.conflicts or done.finished_with_conflicts else 0)


def _announce(_repository: "Repository", plan: "Plan") -> None:
    """Say which gates may move, before anything is written."""
    for line in plan.moved:
        click.echo(f"warning: {plain(line)}", err=True)
