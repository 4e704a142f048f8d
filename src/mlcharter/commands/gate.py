"""Decide the gates of the eval pack on the reports of a run.

Exit code: 0 when every gate holds, warns or is waived; 1 when one fails; 2 when nobody could look.
"""

import datetime
from pathlib import Path

import click

from mlcharter.commands import _options
from mlcharter.gate import engine, loading
from mlcharter.gate.verdict import Decision
from mlcharter.support import plugins

OUTPUTS = "mlcharter.gate.outputs"


@click.command(help=__doc__)
@click.argument("paths", metavar="REPORT...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--pack",
    "eval_pack",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The eval pack, where it is not docs/eval_pack.md above the report or here.",
)
@_options.format_(OUTPUTS)
@click.option("--only", metavar="GATE", multiple=True, help="Decide this gate alone; repeatable.")
def command(
    paths: tuple[Path, ...], eval_pack: Path | None, format_: str, only: tuple[str, ...]
) -> None:
    read = loading.read(paths, eval_pack)
    today = datetime.datetime.now(datetime.UTC).date()
    verdicts = engine.decide(read.configs, read.reports, read.released, today, read.stale)
    decision = Decision(engine.select(verdicts, only), read.notes, read.judged)
    click.echo(plugins.load_one(OUTPUTS, format_).render(decision), nl=False)
    raise SystemExit(0 if decision.ok else 1)
