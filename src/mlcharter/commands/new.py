"""Create an ML repository.

DEST is a new folder, or one that is empty except for `.git`.

It asks five questions, and up to two more for each track; Enter accepts the default. At the end it
prints what it wrote, and a command with the same answers.
"""

import sys
from pathlib import Path
from typing import Any

import click

from mlcharter.commands import _options
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain_page

SECTION, POSITION = "Start", 1


@click.command(help=__doc__)
@click.argument("dest", type=click.Path(path_type=Path))
@_options.answers
@click.option("--defaults", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--starter/--no-starter", default=None, help="Start with a working system, or empty.")
@click.option("--customise", is_flag=True, help="Also ask the questions that have derived answers.")
@_options.template
@_options.standard
@click.option("--no-git", is_flag=True, help="Do not commit.")
def command(
    dest: Path,
    defaults: bool,
    starter: bool | None,
    customise: bool,
    source: str | None,
    ref: str | None,
    standard: str | None,
    no_git: bool,
    **answers: Any,
) -> None:
    from mlcharter.create import creating

    _options.refuse_ref_without_template(source, ref)
    if customise and defaults:
        raise UserError(
            "--customise and --defaults exclude each other", hint="leave out one of them"
        )
    request = creating.NewRequest(
        data=[*_options.data(answers), *([] if starter is None else [f"starter={starter}"])],
        file=answers["data_file"],
        interactive=not defaults and sys.stdin.isatty(),
        customise=customise,
        commit=not no_git,
        defaults=defaults,
        standard=standard,
    )
    click.echo(plain_page(creating.new(dest, request, source, ref)), nl=False)
