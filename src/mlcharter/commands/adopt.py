"""Bring a charter to a repository that has code.

PATH is the repository, or a package of a monorepo. Answers are proposed from what is there, each
with its reason; only what is missing is written, and no file that is there changes unless you name
its merge, which also works later. `mlcharter update --abort` takes it back.
Exit codes: 0 done or shown, 1 you said no, 2 it could not be done.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mlcharter.commands import _options
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.plain import page, told


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "--track",
    "tracks",
    multiple=True,
    cls=_options.Answer,
    help="A kind of ML that it does; repeatable.",
)
@click.option("--tier", cls=_options.Answer, help="How much is at stake.")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="An answer; repeatable.")
@click.option(
    "--data-file", type=click.Path(path_type=Path, dir_okay=False), help="Answers, in YAML."
)
@click.option("--defaults", is_flag=True, help="Ask nothing, and take what is proposed.")
@click.option("--yes", is_flag=True, help="Write without asking whether to.")
@click.option("--dry-run", is_flag=True, help="Show the plan; write nothing.")
@click.option(
    "--merge",
    "merges",
    multiple=True,
    metavar="NAME",
    help="Add to this file, although it is there: gitignore, pre-commit, ci, gitlab-ci, or the "
    "path of a document; repeatable.",
)
@click.option("--template", "source", metavar="SRC", help="Another Git repository as template.")
@click.option("--ref", help="A tag or commit of that template.")
def command(
    path: Path,
    tracks: Sequence[str],
    tier: str | None,
    data: Sequence[str],
    data_file: Path | None,
    defaults: bool,
    yes: bool,
    dry_run: bool,
    merges: Sequence[str],
    source: str | None,
    ref: str | None,
) -> None:
    from mlcharter.update import adopting

    if ref and not source:
        raise UserError("--ref says nothing without --template", hint="add --template SRC")
    person = sys.stdin.isatty() and not defaults
    words = [*([f"tracks={','.join(tracks)}"] if tracks else [])]
    words += [*([f"tier={tier}"] if tier else []), *data]
    wishes = adopting.Wishes(words, data_file, person and not (yes or dry_run), merges)
    repository, plan = adopting.plan(path, wishes, source, ref)
    if not (person or defaults or yes or dry_run):
        raise UserError(
            "nobody is here to agree", hint="look at --dry-run, then add --yes to write it"
        )
    click.echo(page(plan.told()), nl=False)
    if dry_run:
        click.echo("\nnothing is written; the same without --dry-run writes it")
        return
    if person and not yes and not click.confirm("\nWrite these files?"):
        raise SystemExit(1)
    adopting.apply(repository, plan)
    click.echo("\nwritten, not committed: look at `git status`, then run `mlcharter check`")
    failing = _failing(repository.root)
    if failing:
        click.echo(
            told(
                f"{failing} of its findings fail already, in what was here before: correct them, "
                "or record them with `mlcharter check --write-baseline`"
            )
        )


def _failing(root: Path) -> int:
    """How many findings the check fails on that a pull request would run."""
    from mlcharter.check import engine

    opening: dict[str, Any] = {"organisation": None, "branch": None}
    charter = _options.open_charter(Folder(root), **opening, trust_source=False, no_cache=True)
    return sum(judged.outcome == "fails" for judged in engine.check(charter).judged)
