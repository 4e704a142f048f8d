"""Explain a term, rule, item, section or config block.

NAME may also be a document, a level, a tier, a track, a verdict of `gate`, or a gate of this
repository. Without NAME, it lists terms and rules. In a repository with a charter, a page is about
the tracks of that repository.
"""

from pathlib import Path

import click

from mlcharter.explain import pages
from mlcharter.support.plain import plain, plain_page

SECTION, POSITION = "Every day", 5


def _complete(_ctx: click.Context, _name: click.Parameter, typed: str) -> list[str]:
    """Return the names that begin like the one that is being typed."""
    names = {name for names in pages.list_reference().values() for name in names}
    return sorted(name for name in names if name.startswith(typed))


@click.command(help=__doc__)
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--url", is_flag=True, help="Print the address of NAME's page on the site.")
def command(name: str | None, url: bool) -> None:
    if url:
        if name is None:
            raise click.UsageError("--url needs a NAME, such as `link-broken`")
        click.echo(plain(pages.find_url(name)))
        return
    text = pages.explain(name, Path()) if name else pages.list_names()
    click.echo(plain_page(text), nl=False)
