"""Files of a repository that nobody trusts are read in bounds."""

import hashlib
import os
from pathlib import Path

from mlcharter.support import reading
from mlcharter.support.reading import Unreadable


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    content = b"weights" * 400_000
    (tmp_path / "model.bin").write_bytes(content)

    found = reading.digest("model.bin", tmp_path, limit=len(content))
    assert found == hashlib.sha256(content).hexdigest()


def test_a_file_above_the_limit_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"12345")

    found = reading.digest("model.bin", tmp_path, limit=4)
    assert found == Unreadable("model.bin", 1, "is larger than 4 bytes; split it")


def test_what_is_no_file_of_the_repository_has_no_digest(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (root / "out").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "pipe")

    for path in ("folder", "out", "pipe", "gone", "../secret", "a\0b"):
        refused = reading.digest(path, root, limit=100)
        assert isinstance(refused, Unreadable), path
        assert refused == reading.read_bytes(path, root, 100), path
