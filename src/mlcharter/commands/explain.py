"""Explain a word, a rule, an item or a config: what it asks for, why, and what is fine.

NAME may also be a section, a document, a level, a tier or a track. Without it, words and rules
are listed. In a repository with a charter, a page is about its tracks.
"""

from pathlib import Path

import click

from mlcharter.explain import pages
from mlcharter.support.plain import page


@click.command(help=__doc__)
@click.argument("name", required=False)
def command(name: str | None) -> None:
    text = pages.explained(name, Path()) if name else pages.listed()
    click.echo(page(text), nl=False)
