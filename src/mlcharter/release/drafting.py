"""Decide whether a commit may be released, and what the release is; nothing is written.

Nothing is taken from the working tree but the bytes of members, and those by their digest. The same
commit gives the same statement.
"""

import ast
import contextlib
import datetime
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from mlcharter.charter import canonical_forms, release_record
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import engine
from mlcharter.release import bom, evidence, live, signing, statement, trust, verifying
from mlcharter.release.data_formats import find_problem
from mlcharter.release.evidence import Evidence
from mlcharter.release.refusal import RefusedError
from mlcharter.release.statement import Statement
from mlcharter.release.store import (
    EMPTY,
    MAX_BYTES,
    RELEASE,
    TITLE,
    Blob,
    Descriptor,
    Store,
    describe,
    describe_manifest,
)
from mlcharter.release.trust import Trust
from mlcharter.release.verifying import FORMAT, REF
from mlcharter.support import git, objects
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Overlay, Tree, Unreadable

_BY_DIGEST = (*evidence.OF_DATA, "eval")
_LARGEST_CODE = 2**22
_MEDIA_TYPES = {"json": "application/json", "md": "text/markdown", "csv": "text/csv"}


class Request(Struct, frozen=True):
    """What `create` works on: the repository, its store, today's trust, the commit (None: HEAD)."""

    root: Path
    store: Store
    trust: Trust
    now: datetime.datetime
    commit: str | None = None
    branch: str | None = None
    organisation: Path | None = None


class Draft(Struct, frozen=True):
    """A release of which nothing is written yet.

    `blobs` are its files with its manifest `release`, `added` what it adds to the repository: an
    envelope without signatures, and its record unless the team has written one.
    """

    statement: Statement
    release: Descriptor
    blobs: tuple[Blob, ...]
    added: dict[str, bytes]


class _Commit(Struct, frozen=True):
    """The commit that is released."""

    entry: Entry
    charter: Charter
    hash: str
    created: str
    evidence: Evidence


def draft(request: Request) -> Draft:
    """Return the release that `joint_release` describes at a commit, if nothing forbids it."""
    commit = _read_commit(request)
    id = commit.entry.value.id
    problems = evidence.find_problems(commit.charter, commit.entry, commit.evidence)
    value = commit.entry.value
    if reasons := [*judge_sequence(request.root, id, value.sequence), *problems]:
        raise RefusedError(id, reasons)
    files = (EMPTY, *_collect(request, commit))
    release = describe_manifest(RELEASE, files[1:])
    signed = _state(commit, release.descriptor)
    if reasons := list(verifying.judge(signed, request.store, request.trust, request.now)):
        raise RefusedError(id, reasons)
    added = _render_added(commit, statement.encode(signed))
    _check(request, commit, added)
    return Draft(signed, release.descriptor, (*files, release), added)


def _read_commit(request: Request) -> _Commit:
    """Read the charter of the commit, and what it rests on."""
    hint = "commit the release, then run this again"
    ref = f"{request.commit or 'HEAD'}^{{commit}}"
    args = ("log", "-1", "--format=%H %ct", "--end-of-options", ref, "--")
    commit, seconds = git.required_output(*args, cwd=request.root, hint=hint).split()
    created = datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)
    charter = _open(request, objects.committed(request.root, commit))
    entry = charter.entry("joint_release")
    if entry is None:
        message = f"the config block `joint_release` of {trust.REGISTRIES} is not filled in"
        raise UserError(f"{message} at {commit[:12]}", hint="see `mlcharter explain joint_release`")
    return _Commit(
        entry,
        charter,
        commit,
        created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        evidence.collect(charter),
    )


def _open(request: Request, tree: Tree) -> Charter:
    today = request.now.date()
    return engine.open_charter(
        tree, today, branch=request.branch, organisation=request.organisation
    )


def judge_sequence(root: Path, id: str, sequence: int) -> Iterator[str]:
    """Yield the releases with this sequence or a higher one, as what forbids this one."""
    for other in release_record.read_all(Folder(root)):
        if other.id != id and other.sequence >= sequence:
            yield f"its sequence {sequence} is not above that of {other.id}, {other.sequence}"


# The files of a release


def _collect(request: Request, commit: _Commit) -> Iterator[Blob]:
    """Yield each file of a release; all that is wrong with members is reported at once."""
    reasons: list[str] = []
    paths: dict[str, None] = dict.fromkeys(commit.evidence.paths)
    paths["docs/eval_pack.md"] = None
    paths[trust.REGISTRIES] = None
    for ref in commit.entry.value.members:
        registered = commit.charter.named("registry").get(ref)
        if registered is None:
            reasons.append(f"`{ref.partition('@')[0]}` is not in `registry`")
            continue
        if registered.value.card is not None:
            paths[registered.value.card] = None
        read = _read_member(Folder(request.root), registered.value)
        if isinstance(read, str):
            reasons.append(read)
        elif read is not None:
            yield read
    if reasons:
        raise RefusedError(commit.entry.value.id, reasons)
    for path in paths:
        yield _read_document(commit.charter.tree, path, commit.entry.value.id)
    made = bom.render(commit.charter, commit.entry, commit.evidence.reports)
    yield describe(made, "application/vnd.cyclonedx+json", {TITLE: bom.TITLE})


def has_file(registered: Any) -> bool:
    """Return whether a release has a file of this member, and not only its digest."""
    other = registered.path is None or registered.format == "package"
    return not other and registered.kind not in _BY_DIGEST


def _read_member(tree: Tree, registered: Any) -> Blob | str | None:
    """Return the file of a member, None if it is pinned by digest only, or what is wrong."""
    name = registered.ref.partition("@")[0]
    if not has_file(registered):
        return _judge_package(tree, registered, name)
    data = tree.read(registered.path, MAX_BYTES)
    if isinstance(data, Unreadable):
        return f"`{name}`: {registered.path} {data.message.partition(';')[0]}"
    if registered.ref[-64:] not in canonical_forms.digests(data, registered.format):
        return f"`{name}`: {registered.path} has other bytes than those that are registered"
    if problem := find_problem(registered.format, data):
        return f"`{name}`: {registered.path}: {problem}"
    media_type = _MEDIA_TYPES.get(registered.format, "application/octet-stream")
    title = f"{name}.{registered.format}"
    notes = {TITLE: title, REF: registered.ref, FORMAT: registered.format}
    return describe(data, media_type, notes)


def _judge_package(tree: Tree, registered: Any, name: str) -> str | None:
    """Return what is wrong with a package: data that is called one would be signed unread."""
    path = registered.path
    if path is None or registered.kind in _BY_DIGEST or not tree.is_file(path):
        return None
    data = tree.read(path, _LARGEST_CODE)
    with (
        warnings.catch_warnings(action="ignore"),
        contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError),
    ):
        if not isinstance(data, Unreadable):
            ast.parse(data)
            return None
    return f"`{name}`: {path} is not Python, so it is no package; name the format of the file"


def _read_document(tree: Tree, path: str, id: str) -> Blob:
    data = tree.read(path, MAX_BYTES)
    if isinstance(data, Unreadable):
        raise RefusedError(id, [f"{path} {data.message}"])
    media_type = _MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    return describe(data, media_type, {TITLE: path})


def _state(commit: _Commit, release: Descriptor) -> Statement:
    value = commit.entry.value
    about = statement.Release(
        id=value.id,
        sequence=value.sequence,
        previous=value.previous,
        commit=commit.hash,
        created=commit.created,
        approved_by=tuple(value.approved_by),
        approved_on=str(value.approved_on),
        required=tuple(value.required),
        gates=commit.evidence.gates,
    )
    return statement.about(about, release.sha256, tuple(value.members))


def _render_added(commit: _Commit, payload: bytes) -> dict[str, bytes]:
    """Return the files that the release adds to the repository; the envelope has no signature yet.

    A record that the team has written stays as it is.
    """
    value = commit.entry.value
    added = {live.ENVELOPE.format(value.id): signing.sign(payload, ()).encode()}
    path = f"{release_record.RELEASES}/{value.id}.json"
    if not commit.charter.exists(path):
        keys = ("id", "sequence", "previous", "members")
        record = {key: getattr(value, key) for key in keys}
        added[path] = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    return added


def _check(request: Request, commit: _Commit, added: dict[str, bytes]) -> None:
    """Refuse a release whose commit, with what the release adds, fails at level release.

    At tier prototype the level of the settings is enough: what has a demo key serves nowhere else.
    """
    id = commit.entry.value.id
    charter = _open(request, Overlay(commit.charter.tree, added))
    level = None if charter.tier == "prototype" else "release"
    result = engine.check(charter, level=level)
    failing = [judged.finding for judged in result.with_outcome("fails")]
    if failing:
        found = [f"{f.path}:{f.line}: {f.message} [{f.rule}]" for f in failing[:_MOST_SHOWN]]
        more = len(failing) - len(found)
        command = "mlcharter check" + (f" --level {level}" if level else "")
        reasons = [f"`{command}` fails at this commit", *found]
        raise RefusedError(id, [*reasons, *([f"and {more} more findings"] if more else [])])


_MOST_SHOWN = 5
