"""Check many repositories by one standard, report on them, and update them in waves.

`fleet check` writes one line a repository; `fleet report` reads such lines, of one run or of a
year's, and needs no repository. `fleet update` puts an update on a branch of each.
"""

import datetime
import os
from collections import Counter
from pathlib import Path

import click

from mlcharter.charter.settings import LEVELS
from mlcharter.commands import _options
from mlcharter.support import groups, plugins, progress, writing
from mlcharter.support.plain import plain, plain_page

SECTION, POSITION = "Platform teams", 1
OUTPUTS = "mlcharter.fleet.outputs"
FORMATS = ("text", "jsonl")


_jobs = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="the number of processors",
    help="How many repositories are worked on at the same time.",
)
_lines = click.option(
    "--format",
    "format_",
    type=_options.Choice(FORMATS),
    default="text",
    show_default=True,
    help="One line a repository: text, or a JSON object.",
)
_sources = click.argument(
    "sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
_wave = click.option(
    "--wave", metavar="NAME", help="Only the repositories that the list puts in this wave."
)


@click.group(cls=groups.Group, help=__doc__)
def command() -> None:
    pass


@command.command("check")
@_sources
@_wave
@_options.organisation
@click.option("--level", type=_options.Choice(LEVELS), help="Check every repository at this level.")
@click.option(
    "--compare",
    "before",
    metavar="RESULTS",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Earlier results; only a repository that passed there and fails now fails the run.",
)
@_jobs
@_lines
@click.option("--no-cache", is_flag=True, help="Do not read or write cached results.")
def check(
    sources: tuple[Path, ...],
    wave: str | None,
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
    from mlcharter.fleet import checking, lines, members, reporting, waves

    found = waves.select(members.find(sources), wave)
    passed = {row.name for row in reporting.read([before]) if row.passes} if before else set()
    standard = organisation and organisation.absolute()
    options = checking.Options(_today(), level, standard, not no_cache)
    outcomes: Counter[str] = Counter()
    newly: list[str] = []
    with progress.steps(len(found)) as tell:
        for row in checking.rows(found, options, min(jobs, len(found))):
            outcomes[row.outcome] += 1
            if row.name in passed and row.outcome != "passes":
                newly.append(f"{row.name}: {lines.why(row)}")
            tell("")
            click.echo(lines.render(row, format_), nl=False)
            tell(row.name)
    if format_ == "text":
        _echo_counts(len(found), outcomes)
    if before:
        head = f"{len(newly) or 'none'} newly fail"
        shown = "\n".join([head, *(f"  {plain(line)}" for line in newly)])
        click.echo(plain_page(shown), err=format_ != "text")
    fails = newly if before else outcomes["fails"] or outcomes["failed"]
    raise SystemExit(1 if fails else 0)


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _echo_counts(repositories: int, counts: Counter[str]) -> None:
    each = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    click.echo(plain_page(f"\n{repositories} repositories: {each}"))


@command.command("update")
@_sources
@_wave
@click.option("--to", metavar="REF", help="A tag or commit of the template; default: the newest.")
@click.option(
    "--branch",
    default="mlcharter-update",
    show_default=True,
    help="The branch that the update is committed on, from HEAD.",
)
@_options.organisation
@_jobs
@_lines
def update(
    sources: tuple[Path, ...],
    wave: str | None,
    to: str | None,
    branch: str,
    organisation: Path | None,
    jobs: int,
    format_: str,
) -> None:
    """Update each repository on a branch of its own; never push.

    SOURCE is as for `fleet check`. A work tree is not touched: what is at HEAD is updated, and
    committed on a new branch with the text of a pull request: what changed, what `check` and `diff`
    say. Where a person must merge something, the paths are listed, and there is no branch.

    With --format jsonl, each line is a JSON object, see schemas/fleet-update.json.

    Exit codes: 0 all are updated, current or waiting, 1 some are not, 2 could not run.
    """
    from mlcharter.fleet import lines, members, updating, waves

    found = waves.select(members.find(sources), wave)
    options = updating.Options(_today(), branch, to, organisation and organisation.absolute())
    states: Counter[str] = Counter()
    with progress.steps(len(found)) as tell:
        for row in updating.rows(found, options, min(jobs, len(found))):
            states[row.state] += 1
            tell("")
            click.echo(lines.render(row, format_), nl=False)
            tell(row.name)
    if format_ == "text":
        _echo_counts(len(found), states)
    raise SystemExit(1 if states["conflicts"] or states["failed"] else 0)


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


@command.command("matrix")
@_sources
@_wave
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=256,
    show_default=True,
    help="The most jobs; GitHub Actions takes 256.",
)
def matrix(sources: tuple[Path, ...], wave: str | None, jobs: int) -> None:
    """Print the matrix of a workflow that divides a fleet among jobs, as JSON.

    SOURCE is as for `fleet check`; a list may name clones that are not there yet. Each job has
    `part`, and `list`: the list of its repositories as JSON, for the other commands.
    """
    from mlcharter.fleet import members, waves
    from mlcharter.support.plain import as_json

    found = waves.select(members.find(sources), wave)
    click.echo(as_json(waves.matrix(found, jobs), indent=None), nl=False)


@command.command("wave")
@click.argument("name", metavar="WAVE")
@click.argument("source", metavar="LIST", type=click.Path(path_type=Path))
@click.argument(
    "results", metavar="RESULTS...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--at-least",
    "share",
    type=click.FloatRange(0, 1),
    default=0.95,
    show_default=True,
    help="The share of the wave that must pass.",
)
def wave_(name: str, source: Path, results: tuple[Path, ...], share: float) -> None:
    """Decide whether the next wave may start: enough repositories of WAVE pass.

    LIST says which repositories are in which wave, RESULTS are files that `fleet check --format
    jsonl` wrote, of which the newest day counts. A repository without a result does not pass.

    Exit codes: 0 the next wave may start, 1 too few pass, 2 could not run.
    """
    from mlcharter.fleet import members, reporting, waves

    decision = waves.decide(members.find([source]), reporting.read(results), name)
    counts = f"{decision.passing} of {decision.repositories} repositories pass"
    head = f"wave {plain(name)}: {counts}, at least {share:.4g} of them must"
    others = [f"  {plain(who)}: {plain(why)}" for who, why in decision.others]
    click.echo(plain_page("\n".join([head, *others])))
    raise SystemExit(0 if decision.allows(share) else 1)
