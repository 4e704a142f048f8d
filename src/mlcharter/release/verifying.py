"""Verify a release: who signed what, whether all of it is there, and whether it may serve."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mlcharter.release import keyless, signing, statement
from mlcharter.release.data_formats import find_problem
from mlcharter.release.evidence import lets_through
from mlcharter.release.refusal import RefusedError
from mlcharter.release.signing import Envelope
from mlcharter.release.statement import Statement
from mlcharter.release.store import (
    BUNDLES,
    CREATED,
    MAX_BYTES,
    SIGNED,
    TITLE,
    Descriptor,
    Store,
)
from mlcharter.release.trust import Trust

REF = "mlcharter.ref"
FORMAT = "mlcharter.format"
_DAY = datetime.timedelta(days=1)
_MOST_FILES = 1000


class Verified(Struct, frozen=True):
    """A release that may serve; `files` are those in its store, `signers` the ids of keys."""

    statement: Statement
    manifest: str
    signers: tuple[str, ...]
    files: tuple[Descriptor, ...]


def verify(
    store: Store, id: str, trust: Trust, now: datetime.datetime, *, pinned: str | None = None
) -> Verified:
    """Verify the release `id` of a store; raise RefusedError with all reasons.

    `pinned` is the digest of its manifest in hexadecimal, if it is known from elsewhere.
    """
    signing.require()
    descriptor = store.find(id)
    if pinned is not None and descriptor.sha256 != pinned:
        raise RefusedError(id, [f"its manifest is {descriptor.sha256[:12]}, not {pinned[:12]}"])
    attached = store.find_attached(descriptor, id, SIGNED)
    if len(attached) != 1:
        raise RefusedError(id, ["it is not signed"])
    envelope = signing.parse(attached[0], id)
    signed = statement.parse(envelope.content, id)
    if signed.manifest != descriptor.sha256 or signed.predicate.id != id:
        raise RefusedError(id, ["its signatures are about another release"])
    bundles = store.find_attached(descriptor, id, BUNDLES)
    signers, problems = judge_signatures(envelope, bundles, signed, trust, now.date())
    if reasons := [*problems, *judge(signed, store, trust, now)]:
        raise RefusedError(id, reasons)
    files = store.manifest(descriptor, id).layers
    if reasons := [*_judge_files(files, signed, trust), *_read_all(store, files, id)]:
        raise RefusedError(id, reasons)
    return Verified(signed, descriptor.sha256, signers, files)


def judge(signed: Statement, store: Store, trust: Trust, now: datetime.datetime) -> Iterator[str]:
    """Yield why a release with this statement may not serve, whoever has signed it."""
    yield from _judge_statement(signed, trust)
    yield from _judge_clock(store, signed, now)


def judge_signatures(
    envelope: Envelope,
    bundles: Sequence[bytes],
    signed: Statement,
    trust: Trust,
    today: datetime.date,
) -> tuple[tuple[str, ...], list[str]]:
    """Return the ids of the keys and identities that count, and what is wrong if they are few."""
    approved_by = signed.predicate.approved_by
    identities, problems = keyless.find_signers(bundles, signed, trust)
    judged = []
    first: dict[str, str] = {}
    for key in signing.find_signers(envelope, trust):
        problem = key.find_problem(approved_by, trust.tier, today)
        if not problem and (other := first.setdefault(key.person, key.id)) != key.id:
            problem = f"`{other}` and `{key.id}` are keys of one owner, and count once"
        judged.append((key.id, problem))
    judged += [(one.id, one.find_problem(approved_by, trust.tier)) for one in identities]
    accepted = [id for id, problem in judged if not problem]
    problems += [problem for _, problem in judged if problem]
    if len(accepted) >= trust.threshold:
        return tuple(accepted), []
    message = f"{len(accepted)} of {trust.threshold} signatures by different keys of `signing`"
    return tuple(accepted), [message, *problems]


def _judge_statement(signed: Statement, trust: Trust) -> Iterator[str]:
    release = signed.predicate
    if release.sequence < trust.min_sequence:
        least = f"`signing` accepts none below {trust.min_sequence}"
        yield f"its sequence is {release.sequence}, and {least}"
    kinds = {member.name.partition("/")[0] for member in signed.members}
    for kind in release.required:
        if kind not in kinds:
            yield f"it pins no {kind}, which is required"
    counts = Counter(member.name for member in signed.members)
    yield from (f"it pins `{name}` twice" for name, number in counts.items() if number > 1)
    for subject in signed.subject:
        if subject.digest.sha256 in trust.revoked:
            yield f"`{subject.name}` is revoked"
    if not release.gates:
        yield "no gate was decided"
    for gate, verdict in release.gates.items():
        if not lets_through(verdict, trust.tier):
            yield f"gate `{gate}`: {verdict}"


def _judge_clock(store: Store, signed: Statement, now: datetime.datetime) -> Iterator[str]:
    """Yield that the clock is behind a release: an expired key would seem valid again."""
    made = {entry.annotations.get(CREATED, "") for entry in store.index().manifests}
    latest = max({*made, signed.predicate.created})
    if (now + _DAY).strftime(_MOMENT) < latest:
        yield f"the clock says {now:%Y-%m-%d}, but a release is of {latest[:10]}; correct the clock"


_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _judge_files(files: tuple[Descriptor, ...], signed: Statement, trust: Trust) -> Iterator[str]:
    """Yield what is wrong with the list of files, before one of them is read."""
    if len(files) > _MOST_FILES:
        yield f"it has more than {_MOST_FILES} files"
    titles = [file.annotations.get(TITLE, "") for file in files]
    if not all(_is_path(title) for title in titles):
        yield "a file has a name that is no path inside a folder"
    if len(set(titles)) < len(titles):
        yield "two of its files have one name"
    refs = {f"{member.name}@sha256:{member.digest.sha256}" for member in signed.members}
    for file, title in zip(files, titles, strict=True):
        ref = file.annotations.get(REF)
        if ref is not None and ref not in refs:
            yield f"{title} is not a member"
        if file.sha256 in trust.revoked:
            yield f"{title} is revoked"
        if file.size > MAX_BYTES:
            yield f"{title} is larger than {MAX_BYTES} bytes"


def _is_path(title: str) -> bool:
    """Return whether a tool that writes a file under its title stays in its folder."""
    parts = title.split("/")
    return not {"", ".", ".."} & {*parts} and "\\" not in title and title.isprintable()


def _read_all(store: Store, files: tuple[Descriptor, ...], id: str) -> Iterator[str]:
    for file in files:
        try:
            data = store.get(file, id)
        except RefusedError as error:
            yield from error.reasons
            continue
        format = file.annotations.get(FORMAT)
        if format is not None and (problem := find_problem(format, data)):
            yield f"{file.annotations[TITLE]}: {problem}"
