"""The store of releases: an OCI image layout in a folder.

Any OCI tool pushes it to a registry byte for byte. A blob's name is its digest, so it is written
once; `index.json` is the only file that changes, and is replaced atomically, after all that it
names. What nobody names, such as the blobs of an interrupted `create`, is never read.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from mlcharter.formats import strict_json
from mlcharter.release.refusal import RefusedError
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable

DEFAULT = Path("releases")
MAX_BYTES = 1024**3  # of one file of a release
_MAX_JSON = 4 * 1024 * 1024
_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
RELEASE = "application/vnd.mlcharter.release.v1+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
NAME = "org.opencontainers.image.ref.name"
CREATED = "org.opencontainers.image.created"
TITLE = "org.opencontainers.image.title"
_SHA256 = "sha256:"
_MOST_ATTACHED = 32
# After the id of a release, the names of what is attached to it; no id has a dot.
SIGNED, BUNDLES = ".dsse", ".sigstore"
_NONE: Mapping[str, str] = {}


class _Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """A part of the layout; a key that it does not know is refused."""


class Descriptor(_Part, frozen=True):
    """A reference to a blob."""

    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    annotations: dict[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return self.digest.removeprefix(_SHA256)


class Manifest(_Part, frozen=True, kw_only=True):
    """A release with its files as layers, or what is attached to the release `subject`."""

    schema_version: Literal[2]
    media_type: Literal["application/vnd.oci.image.manifest.v1+json"]
    artifact_type: Literal[
        "application/vnd.mlcharter.release.v1+json",
        "application/vnd.dsse.envelope.v1+json",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    ]
    config: Descriptor
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None


class Index(_Part, frozen=True, kw_only=True, omit_defaults=False):
    """What the store has. It is not signed, and another tool may have written it."""

    schema_version: Literal[2] = 2
    media_type: str = "application/vnd.oci.image.index.v1+json"
    manifests: tuple[Descriptor, ...] = ()


class Blob(Struct, frozen=True):
    """The content of a file, with its descriptor."""

    data: bytes
    descriptor: Descriptor


def describe(data: bytes, media_type: str, annotations: Mapping[str, str] = _NONE) -> Blob:
    """Return a blob, of which nothing is written yet."""
    digest = f"{_SHA256}{hashlib.sha256(data).hexdigest()}"
    return Blob(data, Descriptor(media_type, digest, len(data), annotations=dict(annotations)))


EMPTY = describe(b"{}", "application/vnd.oci.empty.v1+json")


def describe_manifest(kind: str, layers: Iterable[Blob], subject: Descriptor | None = None) -> Blob:
    """Return the manifest of these files; every manifest also needs the blob EMPTY."""
    made = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST_TYPE,
        "artifactType": kind,
        "config": EMPTY.descriptor,
        "layers": [layer.descriptor for layer in layers],
        **({} if subject is None else {"subject": subject}),
    }
    manifest = msgspec.convert(msgspec.to_builtins(made), Manifest)
    blob = describe(encode(manifest), _MANIFEST_TYPE)
    return Blob(blob.data, msgspec.structs.replace(blob.descriptor, artifact_type=kind))


class Store:
    """The store in a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        exists = next(parent for parent in (self.folder, *self.folder.parents) if parent.is_dir())
        self._root = exists  # no link below it is followed
        self._inner = self.folder.relative_to(exists)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the store for this process; a second one is a UserError."""
        with writing.locked(self._root, self._path(".lock")) as acquired:
            if not acquired:
                raise UserError("another command changes this store", hint="wait until it is done")
            yield

    # Writing

    def put(self, blob: "Blob") -> None:
        """Write a blob, unless it is there and whole."""
        path = f"blobs/sha256/{blob.descriptor.sha256}"
        if self._read(path, blob.descriptor.size) != blob.data:
            writing.replace(self._root, self._path(path), blob.data)

    def publish(
        self, id: str, created: str, release: Descriptor, attached: Mapping[str, Descriptor]
    ) -> None:
        """Name a release and what is attached to it in the index, in place of what it had."""
        named = {entry.annotations.get(NAME, ""): entry for entry in self.index().manifests}
        for ending, entry in {"": release, **attached}.items():
            annotations = {NAME: id + ending, CREATED: created}
            named[id + ending] = msgspec.structs.replace(entry, annotations=annotations)
        manifests = tuple(named[name] for name in sorted(named))
        data = encode(Index(manifests=manifests))
        if not Folder(self.folder).lexists("oci-layout"):
            writing.replace(self._root, self._path("oci-layout"), _LAYOUT)
        if self._read("index.json", _MAX_JSON) != data:
            writing.replace(self._root, self._path("index.json"), data)

    def _path(self, name: str) -> str:
        return (self._inner / name).as_posix()

    # Reading

    def index(self) -> Index:
        """Return the index; empty if there is no store yet."""
        tree = Folder(self.folder)
        if not tree.lexists("index.json"):
            return Index()
        data = self._read("index.json", _MAX_JSON)
        try:
            index = msgspec.convert(strict_json.loads(data or b""), Index)
            encode(index)  # a ValueError for text that is no Unicode
            return index
        except (ValueError, RecursionError) as error:
            message = f"{self.folder / 'index.json'} is not valid: {error}"
            raise UserError(message, hint=_RESTORE) from None

    def find(self, id: str) -> Descriptor:
        """Return the manifest of a release by its id, the only one with it."""
        entries = self.index().manifests
        found = [e for e in entries if e.annotations.get(NAME) == id]
        if not found:
            raise RefusedError(id, [f"{self.folder} does not have it"])
        if len(found) > 1:
            raise RefusedError(id, [f"{self.folder} has {len(found)} releases with this id"])
        return found[0]

    def manifest(self, descriptor: Descriptor, id: str) -> Manifest:
        """Return a manifest; one that is damaged, or written by others, is refused."""
        data = self.get(descriptor, id, _MAX_JSON)
        try:
            manifest = msgspec.convert(strict_json.loads(data), Manifest)
            written = encode(manifest)  # a ValueError for text that is no Unicode
        except (ValueError, RecursionError) as error:
            raise RefusedError(id, [f"its manifest is not valid: {error}"]) from None
        if written != data:
            reason = "its manifest is not as `mlcharter release create` writes it"
            raise RefusedError(id, [reason])
        return manifest

    def find_attached(self, release: Descriptor, id: str, ending: str) -> list[bytes]:
        """Return what is attached to a release, nothing if that is about another one."""
        names = [entry.annotations.get(NAME) for entry in self.index().manifests]
        if id + ending not in names:
            return []
        manifest = self.manifest(self.find(id + ending), id)
        if manifest.subject is None or manifest.subject.digest != release.digest:
            return []
        if len(manifest.layers) > _MOST_ATTACHED:
            raise RefusedError(id, [f"it has more than {_MOST_ATTACHED} files attached"])
        return [self.get(layer, id, _MAX_JSON) for layer in manifest.layers]

    def get(self, descriptor: Descriptor, id: str, limit: int = MAX_BYTES) -> bytes:
        """Return the bytes of a blob, read once; missing or other bytes are refused."""
        name = descriptor.annotations.get(TITLE, descriptor.digest[:19])
        digest = descriptor.sha256
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise RefusedError(id, [f"{name} has no SHA-256 digest"])
        size = min(limit, descriptor.size)
        data = self._read(f"blobs/sha256/{digest}", size)
        if data is None:
            reason = f"{name} is missing from {self.folder}, or has more than {size} bytes"
            raise RefusedError(id, [reason])
        if len(data) != descriptor.size or hashlib.sha256(data).hexdigest() != digest:
            raise RefusedError(id, [f"{name} has other bytes than those that were signed"])
        return data

    def _read(self, name: str, limit: int) -> bytes | None:
        data = Folder(self.folder).read(name, limit)
        return None if isinstance(data, Unreadable) else data


def encode(part: Struct) -> bytes:
    """Return the JSON of a part of the layout; equal parts have equal bytes."""
    return msgspec.json.encode(part, order="sorted")


_RESTORE = "restore the store from its registry or backup"
