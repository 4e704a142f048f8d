"""Explain a term, rule, item, section or config block.

NAME may also be a document, a level, a tier or a track. Without NAME, it lists terms and rules.
In a repository with a charter, a page is about the tracks of that repository.
"""

from pathlib import Path

import click

from mlcharter.explain import pages
from mlcharter.support.plain import plain_page

SECTION, POSITION = "Every day", 5


@click.command(help=__doc__)
@click.argument("name", required=False)
def command(name: str | None) -> None:
    text = pages.explain(name, Path()) if name else pages.list_names()
    click.echo(plain_page(text), nl=False)
