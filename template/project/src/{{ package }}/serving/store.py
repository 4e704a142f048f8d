"""Objects by the sha256 of their bytes: what was written once is never written differently."""

import os
import re
import stat
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

MAX_BYTES = 2**30
"""What one file of a release may have; raise it for a larger model."""
DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class DamagedError(ValueError):
    """An object is missing or is not what its name says."""


class Store:
    """A flat folder of files, each named by the sha256 of its bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data`; its digest. Other processes see the whole object or none."""
        digest = sha256(data).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / digest, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes, read once and compared, so that what was verified is what is used."""
        if not DIGEST.match(digest):
            raise DamagedError(f"{digest!r} is no sha256")
        try:
            data = read_whole(self.folder / digest)
        except OSError as error:
            raise DamagedError(f"{digest[:12]} is missing") from error
        if sha256(data).hexdigest() != digest:
            raise DamagedError(f"{digest[:12]} has other bytes")
        return data

    def keep(self, digests: Collection[str]) -> None:
        """Delete every other object: a release carries what it pins, and no older one."""
        for path in self.folder.iterdir():
            if path.name not in digests:
                path.unlink()


def read_whole(path: Path) -> bytes:
    """The bytes of a file; an OSError refuses a link, a pipe and what is longer than MAX_BYTES."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise OSError(f"{path.name} is no file of at most {MAX_BYTES} bytes")
        return file.read(MAX_BYTES)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one."""
    # A name of its own: two who write the same file must not write into one another's part.
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(path)
            _flushed(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _flushed(folder: Path) -> None:
    """Bring the names in a folder to the disk; a renamed file may be lost without."""
    entries = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entries)
    finally:
        os.close(entries)
