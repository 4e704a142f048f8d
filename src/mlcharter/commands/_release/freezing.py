"""Keep what was measured, and describe the release that rests on it."""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.commands._release import common, describing
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain

Parts = dict[str, Callable[[], bytes]]


@click.command()
@click.argument("name", metavar="NAME")
@_options.folder
@describing.approved_by
@click.option(
    "--group", "groups", metavar="GROUP", multiple=True, help="A group of pyproject.toml."
)
@_options.change
def freeze(
    name: str, folder: Path, approved_by: tuple[str, ...], groups: tuple[str, ...], **opening: Any
) -> None:
    """Keep what was measured as reports/released/NAME-…, and pin release-NAME.

    NAME is a month or a day, and a letter where there are several: 2026-11, 2026-11-23, 2026-11b.
    Kept are the report of each eval, the decision of the gates, the result of the tests, which this
    runs, the packages of the environment with those of each GROUP, and build/sbom.json. Review
    that, and commit.

    Exit codes: 0 kept; 1 a gate or a test fails; 2 could not run.
    """
    from mlcharter.release import freezing

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    describing.require_approval(charter, approved_by)
    charter.close()
    for path in freezing.freeze(place.root, name, dict(_list_parts(place.root, groups))):
        click.echo(plain(path))
    describing.describe(place.root, f"release-{name}", approved_by, opening)


def _list_parts(root: Path, groups: Sequence[str]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield what makes each file, by what its name ends in; the quickest to fail is first."""
    from mlcharter.gate import eval_programs

    evals = eval_programs.find_evals(root)
    reports = [f"reports/{one}.json" for one in evals]
    for one, path in zip(evals, reports, strict=True):
        yield f"{one}.json", functools.partial(_read, root, path, "make eval")
    yield "gates.json", functools.partial(_decide, root, reports)
    yield "sbom.json", functools.partial(_read, root, "build/sbom.json", "make sbom")
    yield "installed.txt", functools.partial(_list_installed, root, groups)
    yield "tests.xml", functools.partial(_test, root)


def _read(root: Path, path: str, remedy: str) -> bytes:
    from mlcharter.support import files
    from mlcharter.support.errors import UserError

    try:
        return files.whole(root / path)
    except OSError:
        raise UserError(f"{path} is not there", hint=f"run `{remedy}`") from None


def _decide(root: Path, reports: Sequence[str]) -> bytes:
    """Return the decision of the gates as JSON; if one fails, show them and stop."""
    from mlcharter.commands.gate import OUTPUTS
    from mlcharter.gate import engine, loading
    from mlcharter.gate.verdict import Decision
    from mlcharter.support import plugins

    pack = loading.read([Path(os.path.relpath(root / path)) for path in reports], None)
    verdicts = engine.decide_configs(pack.configs, pack.measure(common.now().date()))
    decision = Decision(verdicts, pack.notes, pack.judged)
    if not decision.ok:
        click.echo(plugins.load_one(OUTPUTS, "text").render(decision), nl=False)
        raise SystemExit(1)
    return str(plugins.load_one(OUTPUTS, "json").render(decision)).encode()


def _list_installed(root: Path, groups: Sequence[str]) -> bytes:
    from mlcharter.gate import eval_programs

    words = ["mlcharter.evals.sbom", "--list", *groups]
    return eval_programs.ask(root, words, eval_programs.DESCRIBING).encode()


def _test(root: Path) -> bytes:
    """Run the tests, and return their result as JUnit XML; if one fails, stop."""
    from mlcharter.gate import eval_programs

    path = "build/tests.xml"
    if eval_programs.show(root, ["pytest", "--quiet", f"--junitxml={path}"]):
        raise SystemExit(1)
    return _read(root, path, "make test")
