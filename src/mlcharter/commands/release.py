"""Pin, create, verify, roll back or list releases: signed, and pinned by digest.

A release pins what moves together: models, prompts, indexes, policies, with the reports and gates
that let them through. It is described by the config block `joint_release` of
versioning/registries.md, and kept in a store that any OCI registry takes.

Exit codes: 0 done, 1 the release is refused, 2 could not run.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support import groups
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain, plain_message

if TYPE_CHECKING:
    from mlcharter.release.store import Store
    from mlcharter.release.trust import Trust

SECTION, POSITION = "Now and then", 3

_store = click.option(
    "--store",
    "folder_of_store",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="The store, by default releases/ of the repository.",
)


@click.group(cls=groups.Group, help=__doc__)
def command() -> None:
    pass


@command.command()
@click.argument("id", metavar="ID")
@_options.folder
@click.option(
    "--approved-by",
    metavar="OWNER",
    multiple=True,
    help="Who approved the release, if not the owner of a prototype; repeatable.",
)
@_options.change
def pin(id: str, folder: Path, approved_by: tuple[str, ...], **opening: Any) -> None:
    """Describe the release ID, such as `release-2026-11`, in versioning/registries.md.

    Its members are what the newest reports in reports/released measured. At tier prototype, a demo
    key is made and added to `signing` if no key is there. Review it, and commit.
    """
    from mlcharter.release import demo_key, pinning, trust
    from mlcharter.support import writing
    from mlcharter.support.errors import UserError

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    if not charter.configs("joint_release"):
        click.echo(
            plain(f"{trust.REGISTRIES} describes no release; it does from tier production on")
        )
        return
    owner, today = str(charter.answers.values.get("owner")), _now().date()
    prototype = charter.tier == "prototype"
    if not (approved_by or prototype):
        raise UserError("nobody approved the release", hint="name them with --approved-by")
    has_keys = charter.entry("signing") is not None or not prototype
    keys = [] if has_keys else [demo_key.create(place.root, owner, today)]
    request = pinning.Request(id, approved_by or (owner,), today, keys)
    writing.replace(place.root, trust.REGISTRIES, pinning.pin(charter, request).encode())
    click.echo(plain(f"{trust.REGISTRIES}: {id}; review it and commit"))


@command.command()
@_options.folder
@_store
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
    root, store = _locate(folder, folder_of_store)
    trust = _read_trust(root, opening)
    signers = [signing.load_signer(key, trust, _ask) for key in keys if not dry_run]
    request = drafting.Request(
        root,
        store,
        trust,
        _now(),
        commit,
        opening["branch"] or location.branch(Folder(root)),
        opening["organisation"],
    )
    with _show_refusals():
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


@command.command()
@click.argument("source", metavar="FOLDER|URI")
@_options.folder
@_options.change
def fetch(source: str, folder: Path, **opening: Any) -> None:
    """Fetch missing files of the release's members from a folder, or from MLflow.

    A URI of MLflow such as `models:/applied/3` or `runs:/…` needs the package `mlflow` or
    `mlflow-skinny`. A file is recognised by the digest in `registry`; names, tags and aliases of
    MLflow decide nothing.

    Exit codes: 0 all files are there, 1 refused, 2 could not run.
    """
    from mlcharter.release import fetching

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    with _show_refusals():
        fetched = fetching.fetch(place.root, charter, source)
    for one in fetched:
        origin = "was there" if one.source is None else f"from {one.source}"
        click.echo(plain(f"{one.name}: {one.path} {origin}"))


@command.command()
@click.argument("release", required=False)
@_options.folder
@_store
@_options.change
def verify(release: str | None, folder: Path, folder_of_store: Path | None, **opening: Any) -> None:
    """Verify the live release, or RELEASE: an id, or ID@sha256:….

    Reads every file of it. Refuses what is not whole, not signed by enough keys that are valid
    today, revoked, below the least sequence, or not let through by its gates.

    Exit codes: 0 it may serve, 1 refused, 2 could not run.
    """
    from mlcharter.release import verifying

    root, store = _locate(folder, folder_of_store)
    id, pinned = _find_release(root, release)
    with _show_refusals():
        trust = _read_trust(root, opening)
        verified = verifying.verify(store, id, trust, _now(), pinned=pinned)
    signed = f"signed by {', '.join(verified.signers)}"
    click.echo(plain(f"{id}@sha256:{verified.manifest}: {len(verified.files)} files, {signed}"))


@command.command()
@_options.folder
@_store
@click.option("--dry-run", is_flag=True, help="Verify the release before; change nothing.")
@_options.change
def rollback(folder: Path, folder_of_store: Path | None, dry_run: bool, **opening: Any) -> None:
    """Return to the release before the live one.

    It is verified again first; if it is refused, nothing changes. Commit versioning/live.json.

    Exit codes: 0 rolled back, 1 refused, 2 could not run.
    """
    from mlcharter.release import rolling_back

    root, store = _locate(folder, folder_of_store)
    with _show_refusals():
        trust = _read_trust(root, opening)
        done = rolling_back.roll_back(root, store, trust, _now(), dry_run=dry_run)
    state = "can be live" if dry_run else "is live"
    click.echo(plain(f"{done.now.id}@{done.now.manifest} {state}, in place of {done.before.id}"))


@command.command()
@_options.folder
@_store
@_options.change
def drill(folder: Path, folder_of_store: Path | None, **opening: Any) -> None:
    """Drill the loss of the store and a rollback, on a copy; print how long each step takes.

    Fails if it takes longer than `rto` in `rollback` of the runbook allows. What a deployment
    takes comes on top.

    Exit codes: 0 done in time, 1 refused or too slow, 2 could not run.
    """
    from mlcharter.release import drilling

    root, store = _locate(folder, folder_of_store)
    charter = _options.open_charter(Folder(root), **opening)
    total, limit = 0.0, drilling.find_limit(charter)
    with _show_refusals():
        trust = _read_trust(root, opening)
        for step in drilling.drill(drilling.Place(root, store), trust, _now()):
            total += step.seconds
            click.echo(plain(f"{step.name:<20} {step.seconds:8.3f} s  {step.result}"))
    allowed = "no limit yet" if limit is None else f"{limit} s allowed by `rollback` of the runbook"
    click.echo(plain(f"{'total':<20} {total:8.3f} s  {allowed}"))
    raise SystemExit(1 if limit is not None and total > limit else 0)


@command.command("list")
@_options.folder
def list_(folder: Path) -> None:
    """List what was live when, from the commits of versioning/live.json."""
    from mlcharter.release import history, live

    (place,) = location.places([folder])
    known = False
    for change in history.read(place.root):
        known = True
        which = "" if change.live is None else f"{change.live.id}@{change.live.manifest[:19]}"
        parts = (change.date, change.what, which, change.commit[:12], change.author)
        click.echo(plain("  ".join(parts)))
    if not known:
        click.echo(plain(f"no commit changes {live.PATH} yet"))


def _read_bundles(file: Path) -> list[bytes]:
    from mlcharter.release import keyless
    from mlcharter.support import files
    from mlcharter.support.errors import UserError

    try:
        return keyless.split(files.whole(file), str(file))
    except OSError as error:
        message = f"{file} can't be read: {error.strerror}"
        raise UserError(message, hint="name a file with a Sigstore bundle") from None


def _locate(folder: Path, folder_of_store: Path | None) -> "tuple[Path, Store]":
    from mlcharter.release import store
    from mlcharter.support.errors import UserError

    (place,) = location.places([folder])
    inside = place.root / store.DEFAULT
    if folder_of_store is None and inside.is_symlink():
        hint = "make it a folder, or name the store with --store"
        raise UserError(f"{store.DEFAULT} is a link, which may lead anywhere", hint=hint)
    return place.root, store.Store(folder_of_store or inside)


def _read_trust(root: Path, opening: dict[str, Any]) -> "Trust":
    from mlcharter.release import trust

    charter = _options.open_charter(Folder(root), **opening)
    return trust.read(charter)


def _find_release(root: Path, name: str | None) -> tuple[str, str | None]:
    """Return the id and the digest of a release, by default of the live one."""
    from mlcharter.release import live
    from mlcharter.support.errors import UserError

    if name is not None:
        id, _, digest = name.partition("@sha256:")
        return id, digest or live.find_pinned(Folder(root), id)
    current = live.read(Folder(root))
    if current is None:
        raise UserError("no release is live", hint="make one with `mlcharter release create`")
    return current.id, current.manifest.removeprefix("sha256:")


@contextmanager
def _show_refusals() -> Iterator[None]:
    """Print each reason of a refusal, and exit with 1."""
    from mlcharter.release.refusal import RefusedError

    try:
        yield
    except RefusedError as error:
        for reason in error.reasons:
            click.echo(plain_message(f"refused: {error.release}: {reason}"), err=True)
        raise SystemExit(1) from None


def _ask(question: str) -> str:
    return str(click.prompt(plain(question), hide_input=True, err=True))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
