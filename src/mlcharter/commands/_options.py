"""Options that several commands take, and choices that answer a mistake with the nearest one."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlcharter.support import plugins
from mlcharter.support.nearest import remedy

if TYPE_CHECKING:
    from mlcharter.charter.charter import Charter
    from mlcharter.support.files import Folder

F = TypeVar("F", bound=Callable[..., Any])


class Choice(click.Choice[str]):
    """Some words, one of which is to be given."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            message = f"there is no `{value}`; {remedy(str(value), self.choices)}"
            raise click.BadParameter(message, ctx, param) from None


class Answer(click.Option):
    """An option that answers a question of the template; the help shows the choices.

    Another template may have others, so that nothing is refused before it is read.
    """

    def make_metavar(self, ctx: click.Context) -> str:
        from mlcharter.template import bundled, composing
        from mlcharter.template.answers import TIERS

        tiers = self.name == "tier"
        return f"[{'|'.join(TIERS if tiers else composing.tracks(bundled.embedded_root()))}]"


def format_(outputs: str) -> Callable[[F], F]:
    """`--format`: the modules of the package `outputs`."""
    names = plugins.names(outputs)
    return click.option(
        "--format", "format_", type=Choice(names), default="text", show_default=True
    )


def repository(function: F) -> F:
    """How a repository is opened: `open_charter` takes the four as they come."""
    for option in reversed(_REPOSITORY):
        function = option(function)
    return function


_REPOSITORY: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--standard",
        "organisation",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="An organisation's standard, which binds the repository's own.",
    ),
    click.option("--branch", help="Judge by the settings' level for this branch."),
    click.option(
        "--trust-source",
        is_flag=True,
        help="Hold it to the template that its answers name, fetched by Git and read as text.",
    ),
    click.option("--no-cache", is_flag=True, help="Read the template again, and remember nothing."),
)


def open_charter(
    folder: "Folder",
    *,
    organisation: Path | None,
    branch: str | None,
    trust_source: bool,
    no_cache: bool,
) -> "Charter":
    """Return the charter of a repository, as the options of `repository` want it."""
    from mlcharter.charter import location
    from mlcharter.check import engine
    from mlcharter.support import user_cache
    from mlcharter.template import recorded_source

    return engine.open_charter(
        folder,
        datetime.datetime.now(datetime.UTC).date(),
        branch=branch or location.branch(folder),
        organisation=organisation,
        kept=None if no_cache else user_cache.folder() / "specifications",
        template=recorded_source.template_of(folder) if trust_source else None,
    )
