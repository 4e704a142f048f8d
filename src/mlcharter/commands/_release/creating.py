"""Make the release of a commit, and sign it."""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.commands._release import common
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain, plain_message


@click.command()
@_options.folder
@common.store
@click.option(
    "--key",
    "keys",
    metavar="[ID=]FILE|URI",
    multiple=True,
    help="A private key to sign with; repeatable. With ID=, also `awskms:…` and the like.",
)
@click.option(
    "--bundle",
    "bundles",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Sigstore bundles of this release, one a line; repeatable.",
)
@click.option("--keyless", is_flag=True, help="Sign with the identity of this CI job, by Sigstore.")
@click.option("--commit", help="The commit to release, by default HEAD.")
@click.option("--dry-run", is_flag=True, help="Make the release; sign and write nothing.")
@_options.change
def create(
    folder: Path,
    folder_of_store: Path | None,
    keys: tuple[str, ...],
    bundles: tuple[Path, ...],
    keyless: bool,
    commit: str | None,
    dry_run: bool,
    **opening: Any,
) -> None:
    """Make the release of a commit, sign it, and make it live.

    The commit must pass `check --level release`, and every blocking gate must have passed, with a
    proof, on the digests that are released. If the tier or `signing` needs more signatures, the
    release becomes live when another person has run the same command.

    With --dry-run, no key is needed: CI makes the same release of the same commit, to attest it.

    Exit codes: 0 live, or --dry-run found nothing wrong; 1 refused, or more signatures needed; 2
    could not run.
    """
    from mlcharter.release import creating, drafting, signing

    if not (keys or bundles or keyless or dry_run):
        raise click.UsageError("name a --key or a --bundle, or --keyless or --dry-run")
    signing.require()
    root, store = common.locate(folder, folder_of_store)
    trust = common.read_trust(root, opening)
    signers = [signing.load_signer(key, trust, _ask) for key in keys if not dry_run]
    request = drafting.Request(
        root,
        store,
        trust,
        common.now(),
        commit,
        opening["branch"] or location.branch(Folder(root)),
        opening["organisation"],
    )
    with common.show_refusals():
        added = [one for file in bundles for one in _read_bundles(file)]
        created = creating.create(request, signers, added, as_job=keyless, dry_run=dry_run)
    for note in created.notes:
        click.echo(plain_message(f"note: {note}"), err=True)
    click.echo(plain(f"{created.id}@sha256:{created.manifest}"))
    if not (created.live or dry_run):
        count = f"{created.signatures} of {created.needed} signatures"
        hint = f"another person runs `mlcharter release create --commit {created.commit[:12]}`"
        click.echo(plain_message(f"not live: {count}; {hint}"), err=True)
        raise SystemExit(1)


def _read_bundles(file: Path) -> list[bytes]:
    from mlcharter.release import keyless
    from mlcharter.support import files
    from mlcharter.support.errors import UserError

    try:
        return keyless.split(files.whole(file), str(file))
    except OSError as error:
        message = f"{file} can't be read: {error.strerror}"
        raise UserError(message, hint="name a file with a Sigstore bundle") from None


def _ask(question: str) -> str:
    return str(click.prompt(plain(question), hide_input=True, err=True))
