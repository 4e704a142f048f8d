"""Evidence is compared with its digest, whatever the size of the file and its line endings.

If the digest differs, what the file says is compared with what the reviewed version says.
"""

import hashlib
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

import examples
from mlcharter.charter import statements
from mlcharter.check import engine
from mlcharter.check.result_cache import RecordingFolder, _is_unchanged
from mlcharter.check.rules.structure import evidence_stale
from mlcharter.markdown import document
from mlcharter.support import files, git, history, objects
from mlcharter.support.files import Entry, Folder, Tree
from mlcharter.support.hashing import Digests, Hasher

TEXT = b"Rolled back\r\nin 41 seconds.\n"
BINARY, CRLF, LF = b"\0\r\n", b"\r\n", b"\n"
LARGE = 40 * 1024 * 1024


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def find_stale(root: Path, content: bytes | None, digest: str) -> str:
    """Return the findings of evidence-stale for a file with this content and this digest."""
    line = f"- [x] `a-b` Rolled back. Evidence: [log](../reports/released/x.log) {digest}\n"
    charter = examples.charter(root, f"# D\n\n{line}")
    if content is not None:
        (root / "reports/released").mkdir(parents=True)
        (root / "reports/released/x.log").write_bytes(content)
    return examples.lines(engine.findings(charter, engine.load(["evidence-stale"])))


@pytest.mark.field(7, "digests of text with other line ends")
@pytest.mark.parametrize(
    ("content", "recorded"),
    [
        (b"a\r\nb\r\n", b"a\nb\n"),
        (b"a\nb\n", b"a\nb\n"),
        (TEXT, TEXT),
        (b"\0\r\n", b"\0\r\n"),
    ],
)
def test_line_endings_of_text_are_ignored(tmp_path: Path, content: bytes, recorded: bytes) -> None:
    assert find_stale(tmp_path, content, f"(sha256:{sha256(recorded)[:16]})") == ""


@pytest.mark.field(7, "digests of binary files")
def test_line_endings_of_a_binary_file_are_compared(tmp_path: Path) -> None:
    digest = f"(sha256:{sha256(BINARY.replace(CRLF, LF))[:16]})"
    assert "has changed" in find_stale(tmp_path, BINARY, digest)


@pytest.mark.field(8, "evidence of 40 MiB")
def test_a_large_file_is_compared(tmp_path: Path) -> None:
    content = b"\0" * LARGE
    assert find_stale(tmp_path / "same", content, f"(sha256:{sha256(content)[:16]})") == ""
    finding = find_stale(tmp_path / "other", content + b"x", f"(sha256:{sha256(content)[:16]})")
    assert f"write `(sha256:{sha256(content + b'x')[:16]})`" in finding


DIGESTS = ["(SHA256:{})", "(sha256: {})", "`sha256:{}`", "(`sha256:{}`)", "`(sha256:{})`"]


@pytest.mark.field(8, "each form of a digest behind a link")
@pytest.mark.parametrize("form", DIGESTS)
def test_a_digest_is_read_in_every_form(tmp_path: Path, form: str) -> None:
    assert find_stale(tmp_path / "same", TEXT, form.format(sha256(TEXT)[:16].upper())) == ""
    assert "has changed" in find_stale(tmp_path / "other", TEXT, form.format("0" * 16))


@pytest.mark.field(8, "evidence that can't be read")
def test_unreadable_evidence_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os_open = os.open

    def refuse(path: str, flags: int) -> int:
        if path.endswith("x.log"):
            raise PermissionError(13, "Permission denied")
        return os_open(path, flags)

    monkeypatch.setattr(files.os, "open", refuse)
    assert find_stale(tmp_path, TEXT, "(sha256:0123456789abcdef)") == (
        "docs/design_doc.md:3:36: the evidence of `a-b` cannot be compared with its digest: "
        "`reports/released/x.log` can't be read: permission denied [evidence-stale]"
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize(
    "content", [b"", b"\r", b"a\r\r\n\rb\r\n", b"a\r\nb\n\r", b"a\r\n" * 3000 + b"\0\r\n"]
)
def test_a_file_hashed_in_pieces_has_the_digests_of_the_whole(content: bytes, size: int) -> None:
    hasher = Hasher()
    for start in range(0, len(content), size):
        hasher.update(content[start : start + size])
    text = content.replace(b"\r\n", b"\n")
    assert hasher.digests() == Digests(sha256(content), sha256(text), len(content))


# What a changed file says


REVIEWED = {
    "drill.md": "# Drill\n\n- Rolled back in *41* seconds.\n- No order was lost.\n",
    "drill.json": '{"seconds": 41, "lost": []}\n',
    "drill.yaml": "seconds: 41  # by a stopwatch\nlost: []\n",
    "drill.toml": "seconds = 41 # by a stopwatch\n",
    "drill.py": "def test_drill() -> None:  # a stopwatch\n    assert roll_back('now') < 41\n",
    "drill.log": "rolled back\nin 41 seconds\n",
}
SAME = {
    "drill.md": "Drill\n=====\n\n* Rolled back in _41_\n  seconds.\n* No order was lost\\.\n",
    "drill.json": '{\n  "lost": [],\n  "seconds": 41\n}\n',
    "drill.yaml": 'lost: [ ]\n"seconds":   41 # by a stopwatch\n',
    "drill.toml": "seconds=41   # by a stopwatch\n",
    "drill.py": (
        "def test_drill() -> None:  # a stopwatch\n"
        '    assert (\n        roll_back("now")\n        < 41\n    )\n'
    ),
    "drill.log": "rolled back  \n\nin 41 seconds",
}


def run(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def review(root: Path, name: str) -> None:
    """Commit a file and an item that records its digest."""
    digest = sha256(REVIEWED[name].encode())[:16]
    line = f"- [x] `a-b` Done. Evidence: [log](../evidence/{name}) (sha256:{digest})\n"
    examples.charter(
        root, f"--- docs/design_doc.md\n# D\n\n{line}--- evidence/{name}\n{REVIEWED[name]}"
    )
    run(root, "init", "--quiet")
    run(root, "add", "--all")
    run(root, "commit", "--quiet", "-m", "x")


def find_again(tree: Tree) -> str:
    charter = engine.open_charter(tree, examples.TODAY)
    return examples.lines(engine.findings(charter, engine.load(["evidence-stale"])))


@pytest.mark.parametrize("name", REVIEWED)
def test_a_change_of_layout_is_not_stale(tmp_path: Path, name: str) -> None:
    review(tmp_path, name)
    (tmp_path / "evidence" / name).write_text(SAME[name])

    assert find_again(Folder(tmp_path)) == ""

    run(tmp_path, "add", "--all")
    assert find_again(objects.staged(tmp_path)) == ""
    run(tmp_path, "commit", "--quiet", "-m", "format")
    assert find_again(objects.committed(tmp_path, "HEAD")) == ""


@pytest.mark.parametrize("name", REVIEWED)
def test_a_changed_number_is_stale_in_any_layout(tmp_path: Path, name: str) -> None:
    review(tmp_path, name)
    (tmp_path / "evidence" / name).write_text(SAME[name].replace("41", "47"))

    finding = find_again(Folder(tmp_path))
    removed, added = finding.split("removed ")[1].split(", added ")
    assert "41" in removed and "47" in added.split("; review")[0]


def test_the_finding_says_what_changed(tmp_path: Path) -> None:
    review(tmp_path, "drill.md")
    text = REVIEWED["drill.md"].replace("41", "47") + "\nIt was a test.\n"
    (tmp_path / "evidence/drill.md").write_text(text)

    assert find_again(Folder(tmp_path)) == (
        "docs/design_doc.md:3:29: the evidence of `a-b` has changed since its digest was recorded: "
        "removed `- Rolled back in _41_ seconds.`, added `- Rolled back in _47_ seconds.` "
        f"and 1 more; review it and write `(sha256:{sha256(text.encode())[:16]})` [evidence-stale]"
    )


def test_without_the_reviewed_version_any_change_is_stale(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    review(origin, "drill.md")
    (origin / "evidence/drill.md").write_text(SAME["drill.md"])
    run(origin, "commit", "--quiet", "--all", "-m", "format")
    run(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{origin}", "clone")

    assert find_again(Folder(clone)) == (
        "docs/design_doc.md:3:29: the evidence of `a-b` has changed since its digest was recorded; "
        f"review it and write `(sha256:{sha256(SAME['drill.md'].encode())[:16]})`, or run "
        "`git fetch --unshallow` to see what changed [evidence-stale]"
    )

    run(clone, "fetch", "--quiet", "--unshallow")
    assert find_again(Folder(clone)) == ""


@pytest.mark.parametrize(
    ("module", "limit"),
    [
        (git, "HISTORY_SECONDS"),
        (git, "MOST_COMMITS"),
        (history, "MOST_READ"),
        (evidence_stale, "_MOST_FILES"),
        (evidence_stale, "_MOST_COMPARED"),
    ],
)
def test_beyond_a_limit_any_change_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, limit: str
) -> None:
    review(tmp_path, "drill.md")
    (tmp_path / "evidence/drill.md").write_text(SAME["drill.md"])
    assert find_again(Folder(tmp_path)) == ""

    monkeypatch.setattr(module, limit, 0)
    if limit == "HISTORY_SECONDS":  # Git may end before it is looked at
        look = git._has_ended
        monkeypatch.setattr(git, "_has_ended", lambda *at: at[1] > 0 and look(*at))
    assert "since its digest was recorded; review" in find_again(Folder(tmp_path))


def test_a_file_is_compared_once_for_all_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path, "drill.md")
    document = tmp_path / "docs/design_doc.md"
    item = document.read_text().splitlines()[2]
    others = "".join(f"{item.replace('a-b', f'a-{n}')}\n" for n in range(9))
    document.write_text(f"# D\n\n{item}\n{others}")
    (tmp_path / "evidence/drill.md").write_text(SAME["drill.md"].replace("41", "47"))
    compared = []
    read = statements.read

    def count(path: str, data: bytes) -> list[str] | None:
        compared.append(path)
        return read(path, data)

    monkeypatch.setattr(statements, "read", count)

    assert find_again(Folder(tmp_path)).count("[evidence-stale]") == 10
    assert compared == ["evidence/drill.md"] * 2


def record(root: Path) -> dict[str, Entry | None]:
    states: dict[str, Entry | None] = {}
    find_again(RecordingFolder(root, states))
    return states


def is_cacheable(states: dict[str, Entry | None]) -> bool:
    return all(isinstance(entry.state, tuple) for entry in states.values() if entry)


def test_a_result_is_cached_unless_git_cannot_read_the_history(tmp_path: Path) -> None:
    review(tmp_path, "drill.md")
    file = tmp_path / "evidence/drill.md"

    assert is_cacheable(record(tmp_path))
    file.write_text(SAME["drill.md"])
    assert is_cacheable(record(tmp_path))
    run(tmp_path, "update-ref", "-d", "HEAD")
    assert not is_cacheable(record(tmp_path))


def test_a_result_of_a_shallow_clone_is_cached_until_a_fetch_or_a_commit(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    review(origin, "drill.md")
    (origin / "evidence/drill.md").write_text(SAME["drill.md"])
    run(origin, "commit", "--quiet", "--all", "-m", "format")
    run(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{origin}", "clone")

    shallow = record(clone)
    assert is_cacheable(shallow)
    assert _is_unchanged(shallow)
    run(clone, "commit", "--quiet", "--allow-empty", "-m", "y")
    assert not _is_unchanged(shallow)
    committed = record(clone)
    run(clone, "fetch", "--quiet", "--unshallow")
    assert not _is_unchanged(committed)


def test_a_result_that_lacks_an_object_of_a_partial_clone_is_not_cached(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    review(origin, "drill.md")
    (origin / "evidence/drill.md").write_text(SAME["drill.md"])
    run(origin, "commit", "--quiet", "--all", "-m", "format")
    run(origin, "config", "uploadpack.allowFilter", "true")
    words = ("clone", "--quiet", "--filter=blob:none", f"file://{origin}", "clone")
    run(tmp_path, *words)

    assert "since its digest was recorded; review" in find_again(Folder(clone))
    assert not is_cacheable(record(clone))


def test_a_link_without_a_digest_has_none() -> None:
    text = "# D\n\n- [x] `a-b` Done. Evidence: [log](x.log) (the sha256:abc is elsewhere)\n"
    [item] = document.parse(text).items
    assert [evidence.digest for evidence in item.evidence] == [None]
