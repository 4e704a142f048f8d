"""Found a new ML repository on a charter.

DEST is a folder that does not exist yet, or one that is empty but for `.git`.

Four questions, and at most two for each track; Enter takes the default. What is written is shown,
together with the one-line command that gives the same answers again.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mlcharter.commands import _options
from mlcharter.support.errors import UserError
from mlcharter.support.plain import page


@click.command(help=__doc__)
@click.argument("dest", type=click.Path(path_type=Path))
@click.option(
    "--track",
    "tracks",
    multiple=True,
    cls=_options.Answer,
    help="A kind of ML that it does; repeatable.",
)
@click.option("--tier", cls=_options.Answer, help="How much is at stake.")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="An answer; repeatable.")
@click.option(
    "--data-file", type=click.Path(path_type=Path, dir_okay=False), help="Answers, in YAML."
)
@click.option("--defaults", is_flag=True, help="Ask nothing.")
@click.option("--customise", is_flag=True, help="Ask also what is otherwise derived.")
@click.option("--template", "source", metavar="SRC", help="Another Git repository as template.")
@click.option("--ref", help="A tag or commit of that template.")
@click.option("--no-git", is_flag=True, help="Make no commit.")
def command(
    dest: Path,
    tracks: Sequence[str],
    tier: str | None,
    data: Sequence[str],
    data_file: Path | None,
    defaults: bool,
    customise: bool,
    source: str | None,
    ref: str | None,
    no_git: bool,
) -> None:
    from mlcharter.create import creating

    if ref and not source:
        raise UserError("--ref says nothing without --template", hint="add --template SRC")
    if customise and defaults:
        raise UserError("--customise asks and --defaults does not", hint="leave one of them out")
    words = [*(f"tier={tier}" for _ in range(tier is not None)), *data]
    wishes = creating.Wishes(
        words=[f"tracks={','.join(tracks)}", *words] if tracks else words,
        file=data_file,
        prompt=not defaults and sys.stdin.isatty(),
        customise=customise,
        commit=not no_git,
        defaults=defaults,
    )
    click.echo(page(creating.new(dest, wishes, source, ref)), nl=False)
