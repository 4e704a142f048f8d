"""Show that gates can fail: run evals on systems that are broken on purpose.

Runs code of the repository: for each gate without a valid proof, or each GATE that you name,
`python -m evals.NAME --defect GATE`. A proof is a line in proofs.json; it is valid until the gate
or an input of its eval changes. A gate that fails without a defect as well is proven only if the
defect makes it clearly worse: beyond the interval of the system itself.

For a gate on scores, the scores in scores/ are broken instead: ever more cases get the worst score,
until the gate fails. Its proof is valid until the gate, its metric, slice or data changes.

Exit codes: 0 every gate that was run is proven, or only warns and fails without a defect as well,
1 one is not proven, or with --check proofs.json is out of date, 2 an eval could not run.
"""

import datetime
from pathlib import Path

import click

from mlcharter.formats.proofs import PATH
from mlcharter.gate import eval_programs, loading, proving
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain, plain_page

SECTION, POSITION = "Every day", 4


@click.command(help=__doc__)
@click.argument("gates", metavar="[GATE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Run every defect, also of proven gates.")
@click.option(
    "--check",
    "checked",
    is_flag=True,
    help="Write nothing; fail if proofs.json is out of date. For CI.",
)
@click.option(
    "--limit",
    metavar="SECONDS",
    type=click.IntRange(1),
    default=eval_programs.LIMIT,
    show_default=True,
    help="Stop a defect after this time.",
)
def command(gates: tuple[str, ...], every: bool, checked: bool, limit: int) -> None:
    if loading.are_gates_left_out(()):
        click.echo("no gates: the settings leave them out; there is nothing to prove")
        return
    root = loading.find_root([Path()])
    if root is None:
        raise UserError(f"no {loading.EVAL_PACK} here or above", "change to a repository with one")
    if loading.has_unfilled_gates() and not gates:
        click.echo("no gates yet: fill in `gates` in docs/eval_pack.md; there is nothing to prove")
        return
    if checked and not Folder(root).lexists(PATH):
        click.echo(plain_page(f"no {PATH} yet; run `mlcharter prove` and commit it"))
        return
    today = datetime.datetime.now(datetime.UTC).date()
    prover = proving.Prover(root, today, limit, lambda line: click.echo(plain(line), err=True))
    outcome = prover.prove(gates, every, write=not checked)
    click.echo(plain_page("\n".join(proving.describe_outcome(outcome, checked=checked))))
    if outcome.failed:
        raise SystemExit(2)
    unproven = outcome.weak or any(prover.gates[name].on_fail == "block" for name in outcome.idle)
    raise SystemExit(1 if unproven or (checked and outcome.differs) else 0)
