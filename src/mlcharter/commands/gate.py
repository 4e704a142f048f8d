"""Decide the gates of the eval pack on the reports of a run."""

import click


@click.command(help=__doc__)
def command() -> None:
    click.echo("")
