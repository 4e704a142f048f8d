"""What is signed: an in-toto Statement v1 about a release.

Its first subject is the release's manifest in the store, which has the digest of every file. The
other subjects are the members, also those that are pinned only, such as a dataset.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from mlcharter.formats import strict_json
from mlcharter.release.refusal import RefusedError


class _Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """A part of a statement; a key that it does not know is refused."""


class Digest(_Part, frozen=True):
    sha256: str


class Subject(_Part, frozen=True):
    """What the statement is about: the release by its id, then each member as `kind/name`."""

    name: str
    digest: Digest


class Release(_Part, frozen=True):
    """The predicate. `created` is the date of `commit` in UTC; `gates` has the verdict of each."""

    id: str
    sequence: int
    previous: str | None
    commit: str
    created: str
    approved_by: tuple[str, ...]
    approved_on: str
    required: tuple[str, ...]
    gates: dict[str, str]


class Statement(_Part, frozen=True, kw_only=True):
    type_: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(
        name="_type", default="https://in-toto.io/Statement/v1"
    )
    subject: tuple[Subject, ...]
    predicate_type: Literal["https://mlcharter.github.io/mlcharter/release/v1"] = (
        "https://mlcharter.github.io/mlcharter/release/v1"
    )
    predicate: Release

    @property
    def manifest(self) -> str:
        """The digest of the release's manifest, in hexadecimal."""
        return self.subject[0].digest.sha256

    @property
    def members(self) -> tuple[Subject, ...]:
        return self.subject[1:]


def about(release: Release, manifest: str, members: tuple[str, ...]) -> Statement:
    """Return the statement about a release with this manifest and these refs."""
    subjects = [Subject(name=release.id, digest=Digest(sha256=manifest))]
    for ref in members:
        name, _, digest = ref.partition("@sha256:")
        subjects.append(Subject(name=name, digest=Digest(sha256=digest)))
    return Statement(subject=tuple(subjects), predicate=release)


def encode(statement: Statement) -> bytes:
    """Return the bytes that are signed; the same statement always has the same."""
    return msgspec.json.encode(statement, order="sorted")


def parse(payload: bytes, release: str) -> Statement:
    """Return the statement in a signed payload; any other content, or spelling, is refused."""
    try:
        statement = msgspec.convert(strict_json.loads(payload), Statement)
        written = encode(statement)  # a ValueError for text that is no Unicode
    except (ValueError, RecursionError) as error:
        raise RefusedError(release, [f"its statement is not valid: {error}"]) from None
    if written != payload or not statement.subject:
        reason = "its statement is not as `mlcharter release create` writes it"
        raise RefusedError(release, [reason])
    return statement
