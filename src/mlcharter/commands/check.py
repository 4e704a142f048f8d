"""Hold a repository to its charter.

PATH is the repository; its answers say which documents and sections the template gave it.
A finding fails when its rule's level is reached; the others are counted.
Exit codes: 0 nothing fails, 1 something does, 2 it could not look.
"""

import datetime
from pathlib import Path

import click

from mlcharter import checking, rule
from mlcharter.errors import UserError
from mlcharter.plain import plain
from mlcharter.policy import LEVELS


@click.command(help=__doc__)
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--level", type=click.Choice(LEVELS), default="draft", help="How far it has come.")
def command(path: Path, level: str) -> None:
    if not path.is_dir():
        raise UserError(f"{path} is not a folder", hint="name the folder of a repository")
    charter = checking.open_charter(path, datetime.date.today())
    if charter.answers.problem is not None:
        raise UserError(
            f"{path} has no readable .copier-answers.yml: {charter.answers.problem.message}",
            hint="run it in a repository that `mlcharter new` founded",
        )
    found = checking.findings(charter, checking.load(rule.names()))
    reached = LEVELS[: LEVELS.index(level) + 1]
    failing = [finding for finding in found if rule.described(finding.rule).level in reached]
    for finding in failing:
        where = f"{finding.path}:{finding.line}"
        click.echo(plain(f"{where}: {finding.message} [{finding.rule}]"))
    click.echo(f"{level}: {len(failing)} fail, {len(found) - len(failing)} count for a later level")
    raise SystemExit(1 if failing else 0)
