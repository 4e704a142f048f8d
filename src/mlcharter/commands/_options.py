"""Options that several commands share."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlcharter.support import plugins
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import remedy

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mlcharter.charter.charter import Charter
    from mlcharter.support.files import Tree

F = TypeVar("F", bound=Callable[..., Any])


class Choice(click.Choice[str]):
    """A choice whose error names the nearest valid value."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            message = f"there is no `{value}`; {remedy(str(value), self.choices)}"
            raise click.BadParameter(message, ctx, param) from None


class Answer(click.Option):
    """An option that answers a question of the template; its help shows our template's choices.

    Another template may have other choices, so the value is validated after that is read.
    """

    def make_metavar(self, ctx: click.Context) -> str:
        return f"[{'|'.join(self._choices())}]"

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        chosen = (choice for choice in self._choices() if choice.startswith(incomplete))
        return [CompletionItem(choice) for choice in chosen]

    def _choices(self) -> Sequence[str]:
        from mlcharter.template import bundled, composing
        from mlcharter.template.answers import TIERS

        return TIERS if self.name == "tier" else composing.list_tracks(bundled.embedded_root())


def format_(outputs: str) -> Callable[[F], F]:
    """Return the option `--format`; its values are the modules of the package `outputs`."""
    names = plugins.names(outputs)
    return click.option(
        "--format", "format_", type=Choice(names), default="text", show_default=True
    )


def folder(function: F) -> F:
    """Add the option `-C`, for commands whose arguments are no folders."""
    return click.option(
        "-C",
        "folder",
        metavar="PATH",
        default=".",
        type=click.Path(path_type=Path),
        help="A folder of the repository, by default this one.",
    )(function)


def outputs(package: str) -> Callable[[F], F]:
    """Return the option `--output`, which takes FORMAT=FILE and may be repeated."""

    def parse(
        ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
    ) -> list[tuple[str, Path]]:
        files = []
        for value in values:
            format_, _, file = value.partition("=")
            if not file:
                formats = ", ".join(plugins.names(package))
                raise click.BadParameter(f"`{value}` is not FORMAT=FILE; formats are {formats}")
            if format_ not in plugins.names(package):
                hint = remedy(format_, plugins.names(package))
                raise click.BadParameter(f"there is no `{format_}` for `{value}`; {hint}")
            files.append((format_, Path(file)))
        return files

    return click.option(
        "--output",
        "files",
        metavar="FORMAT=FILE",
        multiple=True,
        callback=parse,
        help="Also write this format to a file; repeatable.",
    )


def _all(*options: Callable[[Any], Any]) -> Callable[[F], F]:
    """Return a decorator that adds several options."""

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


# The options that answer questions of the template; `data` combines them.
answers = _all(
    click.option("--track", "tracks", multiple=True, cls=Answer, help="A kind of ML; repeatable."),
    click.option("--tier", cls=Answer, help="How much is at stake."),
    click.option("--data", multiple=True, metavar="KEY=VALUE", help="An answer; repeatable."),
    click.option(
        "--data-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A YAML file with answers.",
    ),
)


def data(answers: Mapping[str, Any]) -> list[str]:
    """Return the values of `answers` as KEY=VALUE, without `--data-file`."""
    pairs = [f"tracks={','.join(answers['tracks'])}"] if answers["tracks"] else []
    if answers["tier"] is not None:
        pairs.append(f"tier={answers['tier']}")
    return [*pairs, *answers["data"]]


# The options that name another template.
template = _all(
    click.option("--template", "source", metavar="SRC", help="Another template: a Git repository."),
    click.option("--ref", help="A tag or commit of --template."),
)


# The option that names an organisation's standard for new files.
standard = click.option(
    "--standard",
    metavar="FILE|URL",
    help="An organisation's standard to extend: a file, or git+https://…@COMMIT#FILE.",
)

# The options that show a change of a repository in place of writing it.
preview = _all(
    click.option("--dry-run", is_flag=True, help="Show what would change; write nothing."),
    click.option("--diff", is_flag=True, help="Print a patch; write nothing."),
)


def refuse_ref_without_template(source: str | None, ref: str | None) -> None:
    if ref and not source:
        raise UserError("--ref needs --template", hint="add --template SRC")


# The options for opening a repository; `open_charter` takes their values.
organisation = click.option(
    "--standard",
    "organisation",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An organisation's standard, which the repository's settings cannot weaken.",
)
_opening = (
    organisation,
    click.option("--branch", help="Use the level that the settings give this branch."),
    click.option("--no-cache", is_flag=True, help="Do not read or write cached results."),
)
change = _all(*_opening)
repository = _all(
    *_opening[:2],
    click.option(
        "--trust-source",
        is_flag=True,
        help="Fetch the template that the answers name, and check against it.",
    ),
    _opening[2],
)


def open_charter(
    folder: "Tree",
    *,
    organisation: Path | None,
    branch: str | None,
    no_cache: bool,
    trust_source: bool = False,
) -> "Charter":
    """Open the charter of a repository with the values of the options of `repository`."""
    from mlcharter.charter import location
    from mlcharter.check import engine
    from mlcharter.support import user_cache
    from mlcharter.support.files import Folder
    from mlcharter.template import recorded_source

    if isinstance(folder, Folder):
        folder.above = location.find_above(folder)
    return engine.open_charter(
        folder,
        datetime.datetime.now(datetime.UTC).date(),
        branch=branch or location.branch(folder),
        organisation=organisation,
        cache=None if no_cache else user_cache.folder() / "specifications",
        template=recorded_source.fetch_template(folder)
        if trust_source and isinstance(folder, Folder)
        else None,
    )
