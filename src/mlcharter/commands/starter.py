"""List, replace or remove the starter: the system that a new repository comes with.

It is there so that everything runs on the first day. A gate on it says nothing about your own
system: `gate` prints `starter` instead of `pass`, and level complete does not pass until nothing of
it is left.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from mlcharter.commands import _options
from mlcharter.support import groups, plugins
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.nearest import nearest
from mlcharter.support.plain import plain, plain_page

if TYPE_CHECKING:
    from mlcharter.update.updating import Plan

SECTION, POSITION = "Start", 3
DEFAULT = click.core.ParameterSource.DEFAULT


@click.group(cls=groups.Group, help=__doc__)
def command() -> None:
    pass


@command.command("list")
@click.argument("path", type=click.Path(path_type=Path), default=".")
def list_(path: Path) -> None:
    """List what is left of the starter: files, entries of config blocks, texts."""
    from mlcharter.starter import removing

    click.echo(plain_page(removing.find(path).render()), nl=False)


@command.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@_options.preview
def remove(path: Path, dry_run: bool, diff: bool) -> None:
    """Remove the starter, and keep every file that you changed.

    Git is the way back, or `mlcharter update --abort`.

    Exit codes: 0 removed, 1 conflicts or other manual work, 2 could not run.
    """
    from mlcharter.starter import removing

    done = removing.remove(path, write=not (dry_run or diff))
    _show(done, diff)
    raise SystemExit(1 if done.conflicts else 0)


class Replace(click.Command):
    """A command with the options of each track, which are loaded when they are needed."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = [option for module in _load_tracks().values() for option in module.OPTIONS]
        return [*super().get_params(ctx), *own]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by track, below the docstring of its module."""
        with formatter.section("Options"):
            formatter.write_dl(_list_help(ctx, super().get_params(ctx)))
        for track, module in _load_tracks().items():
            data = ("DATA", " ".join((module.__doc__ or "").split()))
            with formatter.section(f"Track {track}"):
                formatter.write_dl([data, *_list_help(ctx, module.OPTIONS)])


def _list_help(ctx: click.Context, given: Iterable[click.Parameter]) -> list[tuple[str, str]]:
    records = (o.get_help_record(ctx) for o in given if isinstance(o, click.Option))
    return [record for record in records if record]


def _load_tracks() -> dict[str, ModuleType]:
    from mlcharter.starter import tracks

    return plugins.load(tracks.__name__)


@command.command(cls=Replace)
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--licence", help="The licence of the data, as an SPDX identifier.")
@_options.preview
@click.pass_context
def replace(
    ctx: click.Context, /, data: Path, path: Path, dry_run: bool, diff: bool, **options: Any
) -> None:
    """Replace the starter of a track by your own data.

    Checks the data, puts them where the evals expect them, removes the starter's files, and writes
    entries of data, licences and personal data into the documents; then runs the eval, and proposes
    gates from what baseline models reach and from costs that you state. In a terminal it asks for
    costs that no option gives.

    Exit codes: 0 replaced, 1 conflicts or other manual work, 2 could not run.
    """
    from mlcharter.starter import replacing, tracks
    from mlcharter.update import updating

    _require(data)
    given = [name for name in options if ctx.get_parameter_source(name) is not DEFAULT]
    own = tracks.choose(updating.read_answers(path), given).read(data, options)
    write = not (dry_run or diff)
    if write and sys.stdin.isatty():
        own = own.ask_costs(_ask)
    done = replacing.replace(path, own, write=write)
    _show(done.plan, diff)
    if not diff:
        click.echo(plain_page(done.render()), nl=False)
    raise SystemExit(1 if done.plan.conflicts else 0)


def _require(data: Path) -> None:
    """Raise UserError for a path that does not exist, with the nearest name beside it."""
    if not data.exists():
        folder = Folder(data.absolute().parent)
        near = nearest(data.name, (name for name, _ in folder.list_folder("")))
        hint = f"did you mean `{data.with_name(near[0])}`?" if near else "name another file"
        raise UserError(f"there is no file or folder {data}", hint=hint)


def _ask(text: str) -> float:
    """Ask what something costs; 0 if nobody knows yet."""
    answer: float = click.prompt(
        f"{plain(text)} (0: not known yet)",
        type=click.FloatRange(0),
        default=0.0,
        show_default=False,
    )
    return answer


def _show(plan: "Plan", diff: bool) -> None:
    from mlcharter.update import reports

    click.echo(reports.patch(plan) if diff else plain_page(reports.text(plan)), nl=False)
