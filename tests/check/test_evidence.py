"""Digests of evidence are the same in every clone, for every size and line ending."""

import hashlib
import os
from pathlib import Path

import pytest

import examples
from mlcharter.check import engine
from mlcharter.markdown import document
from mlcharter.support import files
from mlcharter.support.hashing import Digests, Hasher

TEXT = b"Rolled back\r\nin 41 seconds.\n"
BINARY, CRLF, LF = b"\0\r\n", b"\r\n", b"\n"
LARGE = 40 * 1024 * 1024


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def found(root: Path, content: bytes | None, digest: str) -> str:
    """Return the findings for an item whose evidence has a digest."""
    line = f"- [x] `a-b` Rolled back. Evidence: [log](../reports/released/x.log) {digest}\n"
    charter = examples.charter(root, f"# D\n\n{line}")
    if content is not None:
        (root / "reports/released").mkdir(parents=True)
        (root / "reports/released/x.log").write_bytes(content)
    return examples.lines(engine.findings(charter, engine.load(["evidence-stale"])))


@pytest.mark.field(7, "digests of text with other line ends")
@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"a\r\nb\r\n", b"a\nb\n"),
        (b"a\nb\n", b"a\nb\n"),
        (TEXT, TEXT),
        (b"\0\r\n", b"\0\r\n"),
    ],
)
def test_line_endings_of_text_do_not_change_a_digest(
    tmp_path: Path, content: bytes, kept: bytes
) -> None:
    assert found(tmp_path, content, f"(sha256:{sha256(kept)[:16]})") == ""


@pytest.mark.field(7, "digests of binary files")
def test_line_endings_of_a_binary_file_change_a_digest(tmp_path: Path) -> None:
    stamp = f"(sha256:{sha256(BINARY.replace(CRLF, LF))[:16]})"
    assert "has changed" in found(tmp_path, BINARY, stamp)


@pytest.mark.field(8, "evidence of 40 MiB")
def test_a_large_file_is_compared(tmp_path: Path) -> None:
    content = b"\0" * LARGE
    assert found(tmp_path / "same", content, f"(sha256:{sha256(content)[:16]})") == ""
    said = found(tmp_path / "other", content + b"x", f"(sha256:{sha256(content)[:16]})")
    assert f"write `(sha256:{sha256(content + b'x')[:16]})`" in said


STAMPS = ["(SHA256:{})", "(sha256: {})", "`sha256:{}`", "(`sha256:{}`)", "`(sha256:{})`"]


@pytest.mark.field(8, "each form of a digest behind a link")
@pytest.mark.parametrize("form", STAMPS)
def test_every_spelling_of_a_digest_is_read(tmp_path: Path, form: str) -> None:
    assert found(tmp_path / "same", TEXT, form.format(sha256(TEXT)[:16].upper())) == ""
    assert "has changed" in found(tmp_path / "other", TEXT, form.format("0" * 16))


@pytest.mark.field(8, "evidence that can't be read")
def test_evidence_that_cannot_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refuse(path: str, flags: int) -> int:
        if path.endswith("x.log"):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    monkeypatch.setattr(files.os, "open", refuse)
    assert found(tmp_path, TEXT, "(sha256:0123456789abcdef)") == (
        "docs/design_doc.md:3:36: the evidence of `a-b` cannot be compared with its digest: "
        "`reports/released/x.log` can't be read: permission denied [evidence-stale]"
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize(
    "content", [b"", b"\r", b"a\r\r\n\rb\r\n", b"a\r\nb\n\r", b"a\r\n" * 3000 + b"\0\r\n"]
)
def test_hashing_in_pieces_gives_the_digest_of_the_whole(content: bytes, size: int) -> None:
    hasher = Hasher()
    for start in range(0, len(content), size):
        hasher.update(content[start : start + size])
    text = content.replace(b"\r\n", b"\n")
    assert hasher.digests() == Digests(sha256(content), sha256(text), len(content))


def test_a_link_without_a_digest_has_none() -> None:
    text = "# D\n\n- [x] `a-b` Done. Evidence: [log](x.log) (the sha256:abc is elsewhere)\n"
    [item] = document.parse(text).items
    assert [proof.digest for proof in item.evidence] == [None]
