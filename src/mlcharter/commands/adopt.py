"""Add the documents to a repository that has code.

PATH is the repository, or a package of a monorepo. Answers are proposed from its files, each with
a reason. Only missing files are written; an existing file changes only if you name it with --merge.
`mlcharter update --abort` reverts everything.

Exit codes: 0 written or shown, 1 you declined, 2 could not run.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mlcharter.commands import _options
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain_message, plain_page

SECTION, POSITION = "Start", 2


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@_options.answers
@click.option("--defaults", is_flag=True, help="Ask nothing; take the proposed answers.")
@click.option("--yes", is_flag=True, help="Write without asking for confirmation.")
@click.option("--dry-run", is_flag=True, help="Show the plan; write nothing.")
@click.option(
    "--merge",
    "merges",
    multiple=True,
    metavar="NAME",
    help="Add to this existing file: gitignore, pre-commit, ci, gitlab-ci, or the path of a "
    "document; repeatable.",
)
@click.option(
    "--only",
    metavar="PATHS",
    help="Write only these documents: paths with commas between, such as docs/eval_pack.md.",
)
@_options.standard
@_options.template
def command(
    path: Path,
    defaults: bool,
    yes: bool,
    dry_run: bool,
    merges: Sequence[str],
    only: str | None,
    standard: str | None,
    source: str | None,
    ref: str | None,
    **answers: Any,
) -> None:
    from mlcharter.create import tailoring
    from mlcharter.update import adopting

    _options.refuse_ref_without_template(source, ref)
    interactive = sys.stdin.isatty() and not defaults
    request = adopting.AdoptRequest(
        _options.data(answers),
        answers["data_file"],
        interactive and not (yes or dry_run),
        merges,
        [path.strip() for path in only.split(",")] if only else (),
        standard,
    )
    repository, plan = adopting.plan(path, request, source, ref)
    if not (interactive or defaults or yes or dry_run):
        raise UserError("no terminal to ask in", hint="look at --dry-run, then add --yes to write")
    click.echo(plain_page(plan.render()), nl=False)
    if dry_run:
        click.echo("\nnothing was written; run without --dry-run to write")
        return
    if interactive and not yes and not click.confirm("\nWrite these files?"):
        raise SystemExit(1)
    adopting.apply(repository, plan)
    click.echo("\nwritten, not committed; run `git status`, then `mlcharter check`")
    written = {change.path for change in plan.changes if change.ours is None}
    for message in tailoring.describe_failing(repository.root, written):
        click.echo(plain_message(message))
