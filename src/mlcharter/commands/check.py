"""Hold a repository to its charter.

PATH is a repository, or a file or folder in one, whose findings alone are shown.

Exit code: 0 when nothing fails, 1 when something does, 2 when nobody could look.
"""

import datetime
import gc
from functools import partial
from pathlib import Path

import click

from mlcharter import checking, locating, plugins, policy, progress, writing
from mlcharter.judged import Result
from mlcharter.plain import plain
from mlcharter.policy import LEVELS

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
    checking.refuse_unknown(patterns)
    if write_baseline and patterns:
        raise click.UsageError("--write-baseline is for every rule; leave out --select, --ignore")


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
    gc.set_threshold(100_000)  # one check is over before collecting cycles pays
    _refuse((*select, *ignore), write_baseline)
    results = []
    found = locating.places(paths or (Path(),))
    for place in progress.shown(found, lambda place: place.prefix or "."):
        if fetch:
            from mlcharter import fetching

            fetching.policy_of(place.root)
        reopened = partial(
            checking.open_charter,
            place.root,
            datetime.date.today(),
            branch=branch or locating.branch(place.root),
            organisation=organisation,
            kept=None if no_cache else policy.caches() / "specifications",
            trust_source=trust_source,
        )
        charter = reopened()
        if fix:
            for line in checking.fix(charter):
                click.echo(plain(place.prefix + line), err=True)
            charter = reopened()
        result = checking.check(
            charter, level=level, select=select, ignore=ignore, prefix=place.prefix
        )
        if write_baseline:
            result = checking.write_baseline(charter, result)
        results.append(place.narrowed(result))
    _print(results, format_, files)
    raise SystemExit(1 if any(result.fails for result in results) else 0)
