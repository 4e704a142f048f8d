"""Hold a repository to its charter.

PATH is a repository, or a file or folder in one, whose findings alone are shown.

Exit code: 0 when nothing fails, 1 when something does, 2 when nobody could look.
"""

import datetime
from functools import partial
from pathlib import Path

import click
from msgspec import Struct

from mlcharter import caching, locating, plugins, progress, remembering, writing
from mlcharter.judged import Result
from mlcharter.plain import plain
from mlcharter.rule import LEVELS

OUTPUTS = "mlcharter.outputs"


def _named(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, Path]:
    """The files by the format that goes into them."""
    files = {}
    for words in given:
        format_, _, file = words.partition("=")
        if format_ not in plugins.names(OUTPUTS) or not file:
            formats = ", ".join(plugins.names(OUTPUTS))
            raise click.BadParameter(f"`{words}` is no FORMAT=FILE; formats are {formats}")
        files[format_] = Path(file)
    return files


def _refuse(patterns: tuple[str, ...], write_baseline: bool) -> None:
    """Refuse rules that are not there, and a baseline of some rules, which would forget others."""
    if patterns:
        from mlcharter import checking

        checking.refuse_unknown(patterns)
    if write_baseline and patterns:
        raise click.UsageError("--write-baseline is for every rule; leave out --select, --ignore")


class Question(Struct, frozen=True):
    """Everything that a result depends on, but for files."""

    root: Path
    prefix: str
    today: datetime.date
    branch: str | None
    organisation: Path | None
    level: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]


def _check(
    asked: Question, kept: Path | None, trust_source: bool, fix: bool, write_baseline: bool
) -> Result:
    from mlcharter import checking  # what is remembered needs no rules

    reopened = partial(
        checking.open_charter,
        asked.root,
        asked.today,
        branch=asked.branch,
        organisation=asked.organisation,
        kept=kept and kept / "specifications",
        trust_source=trust_source,
    )
    charter = reopened()
    if fix:
        for line in checking.fix(charter):
            click.echo(plain(asked.prefix + line), err=True)
        charter = reopened()
    result = checking.check(
        charter, level=asked.level, select=asked.select, ignore=asked.ignore, prefix=asked.prefix
    )
    charter.close()
    return checking.write_baseline(charter, result) if write_baseline else result


def _print(results: list[Result], format_: str, files: dict[str, Path]) -> None:
    for name, file in files.items():
        writing.write(file, click.unstyle(plugins.load_one(OUTPUTS, name).render(results)))
    click.echo(plugins.load_one(OUTPUTS, format_).render(results), nl=False)


@click.command(help=__doc__)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--level", type=click.Choice(LEVELS), help="How far it must have come.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(plugins.names(OUTPUTS)),
    default="text",
    show_default=True,
)
@click.option(
    "--output",
    "files",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=_named,
    help="Write a format into a file as well; repeatable.",
)
@click.option("--select", metavar="RULE", multiple=True, help="Look at this rule; repeatable.")
@click.option("--ignore", metavar="RULE", multiple=True, help="Leave this rule out; repeatable.")
@click.option(
    "--policy",
    "organisation",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An organisation's policy, which binds the repository's own.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Put back what the documents have lost; write fields and waivers in their usual form.",
)
@click.option("--branch", help="Judge by the policy's level for this branch.")
@click.option("--fetch", is_flag=True, help="Fetch the policy that the repository's extends.")
@click.option(
    "--trust-source",
    is_flag=True,
    help="Hold it to the template that its answers name, fetched by Git and read as text.",
)
@click.option("--no-cache", is_flag=True, help="Read the template again, and remember nothing.")
@click.option("--write-baseline", is_flag=True, help="Record what fails today, and let it stand.")
def command(
    paths: tuple[Path, ...],
    level: str | None,
    format_: str,
    files: dict[str, Path],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    organisation: Path | None,
    fix: bool,
    branch: str | None,
    fetch: bool,
    trust_source: bool,
    no_cache: bool,
    write_baseline: bool,
) -> None:
    _refuse((*select, *ignore), write_baseline)
    results = []
    found = locating.places(paths or (Path(),))
    for place in progress.shown(found, lambda place: place.prefix or "."):
        if fetch:
            from mlcharter import fetching

            fetching.policy_of(place.root)
        question = Question(
            place.root,
            place.prefix,
            datetime.date.today(),
            branch or locating.branch(place.root),
            organisation.absolute() if organisation else None,
            level,
            select,
            ignore,
        )
        kept = None if no_cache else caching.folder()
        check = partial(_check, question, kept, trust_source, fix, write_baseline)
        if kept is None or trust_source or fix or write_baseline:
            result = check()
        else:
            result = remembering.remembered(place.root, question, kept / "results", check)
        results.append(place.narrowed(result))
    _print(results, format_, files)
    raise SystemExit(1 if any(result.fails for result in results) else 0)
