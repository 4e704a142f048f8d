"""Check the documents. Runs no code of the repository.

PATH is a repository, or a file or folder in one; only findings in it are shown. Without PATH, it is
the repository around the current folder. With --changed, PATHs are the files that a change writes
or deletes; deleted documents are reported too.

Without PATH and outside of any repository with a charter, --standard checks the standard itself.

Exit codes: 0 nothing fails, 1 something fails, 2 could not run.
"""

import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.charter.settings import LEVELS
from mlcharter.check import installed_version, result_cache
from mlcharter.check.result import Result
from mlcharter.commands import _options
from mlcharter.support import plugins, progress, user_cache, writing
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain, plain_message

SECTION, POSITION = "Every day", 2
OUTPUTS = "mlcharter.check.outputs"


def _validate_patterns(patterns: tuple[str, ...], write_baseline: bool) -> None:
    """Raise for unknown rules, and for a baseline of only some rules."""
    if patterns:
        from mlcharter.check import engine

        engine.refuse_unknown(patterns)
    if write_baseline and patterns:
        raise click.UsageError(
            "--write-baseline covers every rule; leave out --select and --ignore"
        )


def _result(
    place: location.Place,
    options: dict[str, Any],
    opening: dict[str, Any],
    fix: bool,
    write_baseline: bool,
) -> Result:
    """Return the result of a check, from the cache if it is valid."""
    opening = opening | {"branch": opening["branch"] or location.branch(Folder(place.root))}
    check = partial(_check, place, options, opening, fix, write_baseline)
    if opening["no_cache"] or opening["trust_source"] or fix or write_baseline:
        return check(Folder(place.root))
    organisation = opening["organisation"] and opening["organisation"].absolute()
    today = datetime.datetime.now(datetime.UTC).date()
    request = (place.root, place.prefix, today, opening["branch"], organisation, options)
    folder = user_cache.folder() / "results"
    return result_cache.load_or_check(place.root, request, folder, check, Result)


def _check(
    place: location.Place,
    options: dict[str, Any],
    opening: dict[str, Any],
    fix: bool,
    write_baseline: bool,
    folder: Folder,
) -> Result:
    """Return the result of a check; after it has written something, that of a new check."""
    from mlcharter.check import engine

    charter = _options.open_charter(folder, **opening)
    if fix:
        from mlcharter.check import fixing

        for line in fixing.fix(place.root, charter, place.selects):
            click.echo(plain(place.prefix + line), err=True)
        return _check(place, options, opening, False, write_baseline, Folder(place.root))
    result = engine.check(charter, prefix=place.prefix, **options)
    if write_baseline:
        engine.write_baseline(place.root, charter, result)
        return _check(place, options, opening, False, False, Folder(place.root))
    charter.close()
    return result


def _write_outputs(results: list[Result], format_: str, files: list[tuple[str, Path]]) -> None:
    for name, file in files:
        writing.write(file, click.unstyle(plugins.load_one(OUTPUTS, name).render(results)))
    click.echo(plugins.load_one(OUTPUTS, format_).render(results), nl=False)


@click.command(help=__doc__)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--level", type=_options.Choice(LEVELS), help="Fail findings of this level and below."
)
@_options.format_(OUTPUTS)
@_options.outputs(OUTPUTS)
@click.option("--select", metavar="RULE", multiple=True, help="Check only this rule; repeatable.")
@click.option("--ignore", metavar="RULE", multiple=True, help="Skip this rule; repeatable.")
@click.option(
    "--fix",
    is_flag=True,
    help="Restore deleted sections and items; normalise fields and waivers.",
)
@click.option(
    "--changed",
    is_flag=True,
    help="PATHs are the files of a change, for hooks; also report deleted documents.",
)
@click.option(
    "--fetch", is_flag=True, help="Fetch the standard that the repository's settings extend."
)
@_options.repository
@click.option(
    "--write-baseline",
    is_flag=True,
    help="Record the findings that fail now, so that only new ones fail.",
)
def command(
    paths: tuple[Path, ...],
    level: str | None,
    format_: str,
    files: list[tuple[str, Path]],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    changed: bool,
    fetch: bool,
    write_baseline: bool,
    **opening: Any,
) -> None:
    _validate_patterns((*select, *ignore), write_baseline)
    standard = opening["organisation"]
    about_repository = paths or changed or write_baseline or fix or fetch or not standard
    if not about_repository and location.is_standard_alone(standard, Path.cwd()):
        from mlcharter.check import standards

        result = standards.check(standard, datetime.datetime.now(datetime.UTC).date())
        _write_outputs([result], format_, files)
        raise SystemExit(1 if result.fails else 0)
    results = []
    paths = paths or (location.find_root(Path()) or Path(),)
    places = (location.changed if changed else location.places)(paths)
    for place in progress.show_each(places, lambda place: place.prefix or "."):
        if fetch:
            from mlcharter.charter import standard

            standard.fetch(place.root)
        if write_baseline and not place.whole:
            message = "--write-baseline covers a whole repository; leave out files and --changed"
            raise click.UsageError(message)
        options = {"level": level, "select": select, "ignore": ignore}
        result = _result(place, options, opening, fix, write_baseline)
        results.append(result if place.whole else result.narrow(place.selects))
        if difference := installed_version.describe_difference(place.root):
            click.echo(plain_message(f"note: {difference}"), err=True)
    _write_outputs(results, format_, files)
    raise SystemExit(1 if any(result.fails for result in results) else 0)
