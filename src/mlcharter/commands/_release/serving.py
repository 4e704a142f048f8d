"""Verify what may serve, return to the release before, and list what was live."""

from pathlib import Path
from typing import Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.commands._release import common
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain


@click.command()
@click.argument("release", required=False)
@_options.folder
@common.store
@_options.change
def verify(release: str | None, folder: Path, folder_of_store: Path | None, **opening: Any) -> None:
    """Verify the live release, or RELEASE: an id, or ID@sha256:….

    Reads every file of it. Refuses what is not whole, not signed by enough keys that are valid
    today, revoked, below the least sequence, or not let through by its gates.

    Exit codes: 0 it may serve, 1 refused, 2 could not run.
    """
    from mlcharter.release import live, verifying
    from mlcharter.release.refusal import RefusedError

    root, store = common.locate(folder, folder_of_store)
    id, pinned = _find_release(root, release)
    with common.show_refusals():
        trust = common.read_trust(root, opening)
        verified = verifying.verify(store, id, trust, common.now(), pinned=pinned)
        current = live.read(Folder(root)) if release is None else None
        if current is not None and (problem := live.find_problem(current, verified.statement)):
            raise RefusedError(id, [problem])
    signed = f"signed by {', '.join(verified.signers)}"
    click.echo(plain(f"{id}@sha256:{verified.manifest}: {len(verified.files)} files, {signed}"))


@click.command()
@_options.folder
@common.store
@click.option("--dry-run", is_flag=True, help="Verify the release before; change nothing.")
@_options.change
def rollback(folder: Path, folder_of_store: Path | None, dry_run: bool, **opening: Any) -> None:
    """Return to the release before the live one.

    It is verified again first; if it is refused, nothing changes. Commit versioning/live.json.

    Exit codes: 0 rolled back, 1 refused, 2 could not run.
    """
    from mlcharter.release import rolling_back

    root, store = common.locate(folder, folder_of_store)
    with common.show_refusals():
        trust = common.read_trust(root, opening)
        done = rolling_back.roll_back(root, store, trust, common.now(), dry_run=dry_run)
    state = "can be live" if dry_run else "is live"
    click.echo(plain(f"{done.now.id}@{done.now.manifest} {state}, in place of {done.before.id}"))


@click.command()
@_options.folder
@common.store
@_options.change
def drill(folder: Path, folder_of_store: Path | None, **opening: Any) -> None:
    """Drill the loss of the store and a rollback, on a copy; print how long each step takes.

    Fails if it takes longer than `rto` in `rollback` of the runbook allows. What a deployment
    takes comes on top.

    Exit codes: 0 done in time, 1 refused or too slow, 2 could not run.
    """
    from mlcharter.release import drilling

    root, store = common.locate(folder, folder_of_store)
    charter = _options.open_charter(Folder(root), **opening)
    total, limit = 0.0, drilling.find_limit(charter)
    with common.show_refusals():
        trust = common.read_trust(root, opening)
        for step in drilling.drill(drilling.Place(root, store), trust, common.now()):
            total += step.seconds
            click.echo(plain(f"{step.name:<20} {step.seconds:8.3f} s  {step.result}"))
    allowed = "no limit yet" if limit is None else f"{limit} s allowed by `rollback` of the runbook"
    click.echo(plain(f"{'total':<20} {total:8.3f} s  {allowed}"))
    raise SystemExit(1 if limit is not None and total > limit else 0)


@click.command("list")
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
