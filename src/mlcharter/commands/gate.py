"""Compare eval reports, or scores, with the gates of the eval pack.

FILE is a report that an eval wrote, such as reports/applied.json, or a table of scores with one row
a case (CSV, JSON Lines, Parquet), or the output of JUnit, promptfoo, lm-eval, DeepEval, MLflow or
OpenTelemetry. `mlcharter explain scores` describes the table. Without FILE, the reports in reports/
and the files in scores/ are read.

Before a threshold is decided, `--explain` says what each gate can decide: which true value passes
with 80 % probability, and how many cases that takes. It needs no FILE.

Exit codes: 0 every gate passes, warns or is waived, 1 a gate fails, 2 could not run.
"""

import datetime
from pathlib import Path

import click

from mlcharter.commands import _options
from mlcharter.gate import engine, explaining, loading
from mlcharter.gate.verdict import Decision
from mlcharter.support import plugins
from mlcharter.support.plain import plain_page

SECTION, POSITION = "Every day", 3
OUTPUTS = "mlcharter.gate.outputs"

_NO_GATES = (
    "no gates yet: fill in `gates` in docs/eval_pack.md, and let your eval write scores; "
    "see `mlcharter explain scores`"
)
_LEFT_OUT = "no gates: the settings leave them out; see `mlcharter explain standard`"


@click.command(help=__doc__)
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--pack",
    "eval_pack",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The eval pack; by default docs/eval_pack.md above the file, or here.",
)
@_options.format_(OUTPUTS)
@click.option(
    "--pin",
    is_flag=True,
    help="Write digest, rows and split of the files' data into the eval pack, and show what "
    "changed; decide nothing.",
)
@click.option("--explain", is_flag=True, help="Say what each gate can decide with its cases.")
@click.option("--only", metavar="GATE", multiple=True, help="Decide only this gate; repeatable.")
def command(
    paths: tuple[Path, ...],
    eval_pack: Path | None,
    format_: str,
    pin: bool,
    explain: bool,
    only: tuple[str, ...],
) -> None:
    if eval_pack is None and loading.are_gates_left_out(paths):
        click.echo(_LEFT_OUT)
        return
    if not (paths or pin) and loading.has_unfilled_gates():
        click.echo(_NO_GATES)
        return
    paths = paths or tuple(loading.find_results())
    if pin:
        changes = loading.pin(paths, eval_pack) or ["the eval pack has these data already"]
        click.echo(plain_page("\n".join(changes)))
        return
    read = loading.read(paths, eval_pack, need_reports=not explain)
    today = datetime.datetime.now(datetime.UTC).date()
    measurements = read.measure(today)
    verdicts = engine.select(engine.decide_configs(read.configs, measurements), only)
    explanations = list(explaining.explain(verdicts, measurements)) if explain else []
    decision = Decision(verdicts, read.notes, read.judged, explanations)
    click.echo(plugins.load_one(OUTPUTS, format_).render(decision), nl=False)
    raise SystemExit(0 if decision.ok else 1)
