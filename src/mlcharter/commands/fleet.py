"""Check many repositories by one standard, and report on them.

`fleet check` writes one line a repository; `fleet report` reads such lines, of one run or of a
year's, and needs no repository.
"""

import datetime
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlcharter.charter.settings import LEVELS
from mlcharter.commands import _options
from mlcharter.support import groups, plugins, progress, writing
from mlcharter.support.plain import plain

if TYPE_CHECKING:
    from mlcharter.fleet.rows import Row

SECTION, POSITION = "Platform teams", 1
OUTPUTS = "mlcharter.fleet.outputs"
_RULES = 3  # shown of a repository


@click.group(cls=groups.Group, help=__doc__)
def command() -> None:
    pass


@command.command("check")
@click.argument(
    "sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--standard",
    "organisation",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An organisation's standard, which the repositories' settings cannot weaken.",
)
@click.option("--level", type=_options.Choice(LEVELS), help="Check every repository at this level.")
@click.option(
    "--compare",
    "before",
    metavar="RESULTS",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Earlier results; only a repository that passed there and fails now fails the run.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="the number of processors",
    help="How many repositories are checked at the same time.",
)
@click.option("--format", "format_", type=_options.Choice(["text", "jsonl"]), default="text")
@click.option("--no-cache", is_flag=True, help="Do not read or write cached results.")
def check(
    sources: tuple[Path, ...],
    organisation: Path | None,
    level: str | None,
    before: Path | None,
    jobs: int,
    format_: str,
    no_cache: bool,
) -> None:
    """Check each repository, and print its result as soon as it is known.

    SOURCE is a folder of clones or bare mirrors, a text file with a path in each line, or a list as
    CSV or JSON with `path`, and if you like `name`, `owner`, `tier`, `wave` and `url`. A mirror is
    checked at its HEAD, without a checkout. Runs no code of a repository.

    With --format jsonl, each line is a JSON object, see schemas/fleet.json; redirect them into a
    file for `mlcharter fleet report`. What is unchanged since an earlier run comes from the cache.

    Exit codes: 0 every repository with a charter passes, 1 some don't, 2 could not run.
    """
    from mlcharter.fleet import checking, members, reporting, rows, running

    found = members.find(sources)
    passed = {row.name for row in reporting.read([before]) if row.passes} if before else set()
    today = datetime.datetime.now(datetime.UTC).date()
    organisation = organisation and organisation.absolute()
    options = checking.Options(today, level, organisation, not no_cache)
    outcomes: Counter[str] = Counter()
    newly: list[str] = []
    with progress.steps(len(found)) as tell:
        for row in running.check(found, options, min(jobs, len(found))):
            outcomes[row.outcome] += 1
            if row.name in passed and row.outcome != "passes":
                newly.append(f"{row.name}: {_why(row)}")
            tell("")
            click.echo(rows.encode(row) if format_ == "jsonl" else _line(row), nl=False)
            tell(row.name)
    if format_ == "text":
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        click.echo(f"\n{len(found)} repositories: {counts}")
    if before:
        lines = "".join(f"  {plain(line)}\n" for line in newly)
        click.echo(f"{len(newly) or 'none'} newly fail\n{lines}", nl=False, err=format_ != "text")
    fails = newly if before else outcomes["fails"] or outcomes["failed"]
    raise SystemExit(1 if fails else 0)


def _line(row: "Row") -> str:
    """Return a line of text about a repository."""
    colour = {"passes": "green", "not adopted": "yellow"}.get(row.outcome, "red")
    outcome = click.style(f"{row.outcome:11}", fg=colour)
    score = "" if row.score is None else f", score {row.score}"
    about = {
        "passes": f"at level {row.level}{score}, template {row.template}",
        "fails": f"at level {row.level}: {_why(row)}{score}, template {row.template}",
    }.get(row.outcome, row.error)
    return f"{outcome} {plain(row.name)} {plain(about)}".rstrip() + "\n"


def _why(row: "Row") -> str:
    """Return the rules that fail with how often, the most frequent first."""
    if row.error:
        return row.error
    counts = Counter(failing.rule for failing in row.failing).most_common()
    shown = [f"{count} {rule}" for rule, count in counts[:_RULES]]
    more = [f"{len(counts) - _RULES} more rules"] if len(counts) > _RULES else []
    return ", ".join([*shown, *more]) or row.outcome


@command.command("report")
@click.argument(
    "results", metavar="RESULTS...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@_options.format_(OUTPUTS)
@_options.outputs(OUTPUTS)
def report(results: tuple[Path, ...], format_: str, files: list[tuple[str, Path]]) -> None:
    """Summarise results, without any repository.

    RESULTS are files that `fleet check --format jsonl` wrote: of one day, or of many for a trend.
    --output html=FILE writes one page that needs nothing else.
    """
    from mlcharter.fleet import reporting

    fleet = reporting.summarise(reporting.read(results))
    for name, file in files:
        writing.write(file, plugins.load_one(OUTPUTS, name).render(fleet))
    click.echo(plugins.load_one(OUTPUTS, format_).render(fleet), nl=False)
