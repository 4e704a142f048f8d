"""Explain a term, rule, item, section or config block.

NAME may also be a document, a level, a tier or a track. Without NAME, terms and rules are listed.
In a repository with a charter, a page covers its tracks.
"""

from pathlib import Path

import click

from mlcharter.explain import pages
from mlcharter.support.plain import plain_page

SECTION, POSITION = "Every day", 5


@click.command(help=__doc__)
@click.argument("name", required=False)
def command(name: str | None) -> None:
    text = pages.explained(name, Path()) if name else pages.listed()
    click.echo(plain_page(text), nl=False)
