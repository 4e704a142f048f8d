"""Judge a change: show what weakens the charter, and who must approve it.

Compares the charter at REF with HEAD and what is not committed yet. REF is a commit; by default it
is the base of the pull request or merge request in CI, elsewhere the merge base with the default
branch. Reads Git's objects; runs no code of the repository, and checks nothing out. An owner
approves by a review on the host, see --approvals, or by signing the last commit.

Exit codes: 0 nothing weakens the charter without approval, 1 something does, 2 could not run.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support import plugins, writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder

if TYPE_CHECKING:
    from mlcharter.charter.charter import Charter

SECTION, POSITION = "Every day", 3
OUTPUTS = "mlcharter.diff.outputs"


@click.command(help=__doc__)
@click.argument("ref", metavar="[REF]", required=False)
@_options.folder
@click.option("--staged", is_flag=True, help="Compare HEAD with what is staged, for hooks.")
@click.option(
    "--approvals",
    "approval_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What GitHub or GitLab says about approvals, as JSON; repeatable.",
)
@click.option(
    "--trust-source",
    is_flag=True,
    help="Fetch the template that the base names, to tell what an update of it changes.",
)
@_options.format_(OUTPUTS)
@_options.outputs(OUTPUTS)
@_options.change
def command(
    ref: str | None,
    folder: Path,
    staged: bool,
    approval_files: tuple[Path, ...],
    trust_source: bool,
    format_: str,
    files: list[tuple[str, Path]],
    **opening: Any,
) -> None:
    from mlcharter.diff import judging

    def foresee(old: "Charter", new: "Charter") -> "Mapping[str, bytes | None]":
        from mlcharter.update import foreseeing  # takes 20 ms, and only updates need it

        return foreseeing.foresee(old, new, place.root, fetches=trust_source)

    (place,) = location.places([folder])
    if staged and ref is not None:
        raise UserError("--staged compares with HEAD", hint="leave out the commit")
    opening["branch"] = opening["branch"] or location.branch(Folder(place.root))
    comparison = judging.judge(
        place.root,
        ref,
        partial(_options.open_charter, **opening),
        staged=staged,
        approval_files=approval_files,
        foresee=foresee,
    )
    for name, file in files:
        text = plugins.load_one(OUTPUTS, name).render(comparison)
        writing.write(file, click.unstyle(text))
    click.echo(plugins.load_one(OUTPUTS, format_).render(comparison), nl=False)
    raise SystemExit(1 if comparison.fails else 0)
