"""List, replace or remove the starter: the system that a new repository comes with.

It is there so that everything runs on the first day. A gate on it says nothing about your own
system: `gate` prints `starter` instead of `pass`, and level complete does not pass until nothing of
it is left.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.commands import _options
from mlcharter.starter import profile
from mlcharter.support import groups
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain, plain_page

if TYPE_CHECKING:
    from mlcharter.update.updating import Plan

SECTION, POSITION = "Start", 3
_COST = click.FloatRange(0, min_open=True)


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


@command.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--target", help="The column that is predicted; without it, all are listed.")
@click.option("--group", "groups", multiple=True, help="A column to evaluate by value; repeatable.")
@click.option("--entity", help="A column: rows of one person or device stay together.")
@click.option("--time", help="A column with dates: the newest rows are the test set.")
@click.option(
    "--kind", type=_options.Choice(profile.KINDS), help="What the target is, if it is not clear."
)
@click.option("--positive", help="The value of a binary target that counts as 1.")
@click.option(
    "--cost-false-negative", type=_COST, help="What it costs to miss a case, in any unit."
)
@click.option("--cost-false-positive", type=_COST, help="What a false alarm costs.")
@click.option("--licence", help="The licence of the data, as an SPDX identifier.")
@_options.preview
def replace(
    data: Path,
    path: Path,
    dry_run: bool,
    diff: bool,
    target: str | None,
    groups: tuple[str, ...],
    cost_false_negative: float | None,
    cost_false_positive: float | None,
    **options: Any,
) -> None:
    """Replace the starter of the applied track by a CSV or Parquet file with one row a case.

    Writes the code that loads it and a first model, its data card, and its entries in the
    documents; then runs the eval, and proposes gates from what baseline models reach. The costs of
    a binary decision give its threshold, and a gate: the decisions must cost less than the
    cheapest one that is the same for every row. In a terminal it asks for them.

    Exit codes: 0 replaced, 1 conflicts or other manual work, 2 could not run.
    """
    from mlcharter.starter import replacing

    costs = _read_costs(cost_false_negative, cost_false_positive)
    if target is None:
        raise profile.refuse_without_target(data)
    request = profile.Request(data, target, groups=groups, costs=costs, **options)
    write = not (dry_run or diff)
    if write and sys.stdin.isatty():
        done = replacing.replace(path, request, write=True, ask=_ask_costs)
    else:
        done = replacing.replace(path, request, write=write)
    _show(done.plan, diff)
    if not diff:
        click.echo(plain_page(done.render()), nl=False)
    raise SystemExit(1 if done.plan.conflicts else 0)


def _read_costs(false_negative: float | None, false_positive: float | None) -> profile.Costs | None:
    if false_negative is None and false_positive is None:
        return None
    if false_negative is None or false_positive is None:
        raise UserError(
            "one cost alone chooses no threshold",
            hint="give both --cost-false-negative and --cost-false-positive",
        )
    return profile.Costs(false_negative, false_positive)


def _ask_costs(read: profile.Profile) -> profile.Costs | None:
    """Ask what wrong decisions cost; None if nobody knows yet."""
    positive = f"{read.request.target} = {read.positive or 1}"
    missed = click.prompt(
        f"Cost of a false negative, a case of {plain(positive)} that is missed (0: not known yet)",
        type=click.FloatRange(0),
        default=0.0,
        show_default=False,
    )
    if not missed:
        return None
    return profile.Costs(missed, click.prompt("Cost of a false positive", type=_COST))


def _show(plan: "Plan", diff: bool) -> None:
    from mlcharter.update import reports

    click.echo(reports.patch(plan) if diff else plain_page(reports.text(plan)), nl=False)
