"""Check the documents. Runs no code of the repository.

PATH is a repository, or a file or folder in one; only findings in it are shown. With --changed,
PATHs are the files that a change writes or deletes, and deleted documents are reported too.

Exit codes: 0 nothing fails, 1 something fails, 2 could not run.
"""

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from mlcharter.charter import location
from mlcharter.charter.settings import LEVELS
from mlcharter.check import result_cache
from mlcharter.check.result import Result
from mlcharter.commands import _options
from mlcharter.support import plugins, progress, user_cache, writing
from mlcharter.support.files import Folder
from mlcharter.support.nearest import remedy
from mlcharter.support.plain import plain

SECTION, POSITION = "Every day", 2
OUTPUTS = "mlcharter.check.outputs"


def _named(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> list[tuple[str, Path]]:
    """Return each format with its file."""
    files = []
    for words in given:
        format_, _, file = words.partition("=")
        if not file:
            formats = ", ".join(plugins.names(OUTPUTS))
            raise click.BadParameter(f"`{words}` is no FORMAT=FILE; formats are {formats}")
        if format_ not in plugins.names(OUTPUTS):
            known = remedy(format_, plugins.names(OUTPUTS))
            raise click.BadParameter(f"there is no `{format_}` for `{words}`; {known}")
        files.append((format_, Path(file)))
    return files


def _refuse(patterns: tuple[str, ...], write_baseline: bool) -> None:
    """Raise for unknown rules, and for a baseline of only some rules."""
    if patterns:
        from mlcharter.check import engine

        engine.refuse_unknown(patterns)
    if write_baseline and patterns:
        raise click.UsageError(
            "--write-baseline covers every rule; leave out --select and --ignore"
        )


def _refuse_part(place: location.Place) -> None:
    """Raise if a baseline is asked for of only some files."""
    if not place.whole:
        message = "--write-baseline covers a whole repository; leave out files and --changed"
        raise click.UsageError(message)


class Question(Struct, frozen=True):
    """Everything that a result depends on, except files."""

    root: Path
    prefix: str
    today: datetime.date
    branch: str | None
    organisation: Path | None
    level: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]


def _result(
    place: location.Place,
    options: dict[str, Any],
    opening: dict[str, Any],
    fix: bool,
    write_baseline: bool,
) -> Result:
    """Return the result of a check, from the cache if nothing has changed."""
    opening = opening | {"branch": opening["branch"] or location.branch(Folder(place.root))}
    organisation = opening["organisation"]
    asked = Question(
        place.root,
        place.prefix,
        datetime.datetime.now(datetime.UTC).date(),
        opening["branch"],
        organisation.absolute() if organisation else None,
        **options,
    )
    check = partial(_check, asked, opening, place.asks if fix else None, write_baseline)
    if opening["no_cache"] or opening["trust_source"] or fix or write_baseline:
        return check(Folder(place.root))
    return result_cache.remembered(place.root, asked, user_cache.folder() / "results", check)


def _check(
    asked: Question,
    opening: dict[str, Any],
    fix: Callable[[str], bool] | None,
    write_baseline: bool,
    folder: Folder,
) -> Result:
    from mlcharter.check import engine

    charter = _options.open_charter(folder, **opening)
    if fix is not None:
        for line in engine.fix(asked.root, charter, fix):
            click.echo(plain(asked.prefix + line), err=True)
        charter = _options.open_charter(Folder(asked.root), **opening)
    result = engine.check(
        charter, level=asked.level, select=asked.select, ignore=asked.ignore, prefix=asked.prefix
    )
    charter.close()
    return engine.write_baseline(asked.root, charter, result) if write_baseline else result


def _print(results: list[Result], format_: str, files: list[tuple[str, Path]]) -> None:
    for name, file in files:
        writing.write(file, click.unstyle(plugins.load_one(OUTPUTS, name).render(results)))
    click.echo(plugins.load_one(OUTPUTS, format_).render(results), nl=False)


@click.command(help=__doc__)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--level", type=_options.Choice(LEVELS), help="Fail findings of this level and below."
)
@_options.format_(OUTPUTS)
@click.option(
    "--output",
    "files",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=_named,
    help="Also write this format into a file; repeatable.",
)
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
    help="Record what fails today, so that only new findings fail.",
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
    _refuse((*select, *ignore), write_baseline)
    results = []
    found = (location.changed if changed else location.places)(paths or (Path(),))
    for place in progress.shown(found, lambda place: place.prefix or "."):
        if fetch:
            from mlcharter.charter import standard

            standard.settings_of(place.root)
        if write_baseline:
            _refuse_part(place)
        options = {"level": level, "select": select, "ignore": ignore}
        result = _result(place, options, opening, fix, write_baseline)
        results.append(result if place.whole else result.narrowed(place.asks))
    _print(results, format_, files)
    raise SystemExit(1 if any(result.fails for result in results) else 0)
