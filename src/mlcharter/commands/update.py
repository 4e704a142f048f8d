"""Bring a repository to a newer version of its charter, or to other answers.

PATH is the repository. What the team wrote stays; where both sides changed the same thing, that
place gets conflict markers. Nothing is written before the whole result is known.
Exit codes: 0 merged, 1 something needs a person, 2 it could not be done.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mlcharter.commands import _options
from mlcharter.support.errors import UserError
from mlcharter.support.plain import page

REPORTS = ("text", "markdown")


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--to", metavar="REF", help="A tag or commit; `current` for the one it has.")
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
@click.option("--tier", cls=_options.Answer, help="How much is at stake now.")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="Another answer; repeatable.")
@click.option("--defaults", is_flag=True, help="Ask nothing.")
@click.option(
    "--base",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True),
    help="The old template, where its version is gone.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change and why; write nothing.")
@click.option("--diff", is_flag=True, help="Print a patch; write nothing.")
@click.option(
    "--report",
    type=_options.Choice(REPORTS),
    default="text",
    show_default=True,
    help="For a terminal, or for a pull request.",
)
@click.option("--allow-dirty", is_flag=True, help="Accept edits that the update leaves alone.")
@click.option("--abort", is_flag=True, help="Take the last or an interrupted update back.")
def command(
    path: Path,
    to: str | None,
    downgrade: bool,
    tracks: Sequence[str],
    drop_tracks: Sequence[str],
    tier: str | None,
    data: Sequence[str],
    defaults: bool,
    base: Path | None,
    dry_run: bool,
    diff: bool,
    report: str,
    allow_dirty: bool,
    abort: bool,
) -> None:
    from mlcharter.update import updating

    words = (*([f"tier={tier}"] if tier else []), *data)
    prompt = not (defaults or dry_run or diff) and sys.stdin.isatty()
    wishes = updating.Wishes(to, downgrade, tracks, drop_tracks, words, prompt, base, allow_dirty)
    if abort and (wishes != updating.Wishes(prompt=prompt) or dry_run or diff):
        raise UserError("--abort takes no other options but PATH", hint="leave them out")
    if abort:
        click.echo(page(updating.abort(path)), nl=False)
        return
    done = updating.update(path, wishes, write=not (dry_run or diff))
    click.echo(done.patch() if diff else page(done.told(report)), nl=False)
    raise SystemExit(1 if done.conflicts or done.needs_person else 0)
