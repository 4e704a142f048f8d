"""Trees: a folder, a commit, an index and an overlay read and refuse the same paths."""

import datetime
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import EXAMPLES
from mlcharter.check import engine
from mlcharter.check.result import Result
from mlcharter.support import git, objects
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Overlay, Tree, Unreadable
from mlcharter.template.template import embedded_root

TODAY = datetime.date(2026, 11, 25)
CONTENTS = {
    "README.md": b"# A\n",
    "docs/a.md": b"# A\r\n",
    "docs/deep/er/b.bin": b"\0" * 9,
    "docs/deep/er/c.bin": bytes(range(256)) * 1000,  # more than a pipe holds
    "empty": b"",
    "gr\u00fc\u00dfe.txt": "gr\u00fc\u00dfe\n".encode(),
    "large": b"1234567890",
}
LINKS = {
    "link.md": "docs/a.md",
    "docs/up.md": "../README.md",
    "twice.md": "link.md",
    "folder": "docs",
    "folder-twice": "./folder/../folder/deep",
    "gone.md": "docs/gone.md",
    "loop": "pool",
    "pool": "loop",
    "out": "../secret",
    "out-and-in": "../repository/README.md",
    "absolute": "/etc/hostname",
    "null": "/dev/null",
    "of-a-file": "README.md/x",
}


def run(*args: str, cwd: Path) -> str:
    done = subprocess.run(("git", *args), cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path) -> None:
    """Commit everything in a folder, which becomes a Git repository if it is not one."""
    run("init", "--quiet", cwd=root)
    run("add", "--all", "--force", ".", cwd=root)
    run("commit", "--quiet", "--message", "All", cwd=root)


def bare(root: Path) -> Path:
    into = root.parent / "bare.git"
    run("clone", "--quiet", "--bare", str(root), str(into), cwd=root.parent)
    return into


def write(root: Path) -> None:
    for path, content in CONTENTS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    for path, target in LINKS.items():
        (root / path).symlink_to(target)
    (root.parent / "secret").write_text("secret\n")


def emptied(root: Path) -> None:
    """Delete the files of a work tree, so that only Git's objects can be read."""
    for path in root.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def folder(root: Path) -> Tree:
    write(root)
    return Folder(root)


def committed(root: Path) -> Tree:
    write(root)
    commit(root)
    emptied(root)
    return objects.committed(root, "HEAD")


def mirrored(root: Path) -> Tree:
    write(root)
    commit(root)
    return objects.committed(bare(root), "main")


def staged(root: Path) -> Tree:
    write(root)
    run("init", "--quiet", cwd=root)
    run("add", ".", cwd=root)
    emptied(root)
    return objects.staged(root)


def overlaid(root: Path) -> Tree:
    """Return an overlay over a tree in which every file differs or is missing."""
    write(root)
    for path in CONTENTS:
        (root / path).write_text("below\n")
    shutil.rmtree(root / "docs/deep")
    (root / "docs/gone.md").write_text("below\n")
    return Overlay(Folder(root), {**CONTENTS, "docs/gone.md": None})


KINDS = [folder, committed, mirrored, staged, overlaid]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def tree(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tree]:
    """Provide the same repository as each kind of tree."""
    root = tmp_path_factory.mktemp("tree") / "repository"
    root.mkdir()
    made: Tree = request.param(root)
    yield made
    made.close()


OUTSIDE = "lies outside the repository; keep a copy inside"
NOT_REGULAR = "is not a regular file; replace it with one"
ABSENT = "can't be read: no such file or directory"
LOOP = "can't be read: too many levels of symbolic links"
NO_FOLDER = "can't be read: not a directory"
LONG = "can't be read: file name too long"
BAD = "can't be read: bad path"
# For each path: its bytes or the message, then the results of `exists` and `lexists`.
READ: dict[str, tuple[bytes | str, bool, bool]] = {
    **{path: (content, True, True) for path, content in CONTENTS.items()},
    "./docs//a.md": (b"# A\r\n", True, True),
    "docs/../README.md": (b"# A\n", True, True),
    "link.md": (b"# A\r\n", True, True),
    "twice.md": (b"# A\r\n", True, True),
    "docs/up.md": (b"# A\n", True, True),
    "folder/a.md": (b"# A\r\n", True, True),
    "folder/up.md": (b"# A\n", True, True),
    "folder-twice/er/b.bin": (b"\0" * 9, True, True),
    "folder/../README.md": (b"# A\n", True, True),
    ".": (NOT_REGULAR, True, True),
    "docs": (NOT_REGULAR, True, True),
    "docs/": (NOT_REGULAR, True, True),
    "folder": (NOT_REGULAR, True, True),
    "absent": (ABSENT, False, False),
    "absent/a.md": (ABSENT, False, False),
    "absent/../README.md": (ABSENT, False, False),
    "DOCS/A.md": (ABSENT, False, False),
    "README.md/x": (NO_FOLDER, False, False),
    "README.md/": (NO_FOLDER, False, False),
    "of-a-file": (NO_FOLDER, False, True),
    "gone.md": (ABSENT, False, True),
    "loop": (LOOP, False, True),
    "loop/a.md": (LOOP, False, False),
    "out": (OUTSIDE, False, True),
    "out-and-in": (OUTSIDE, False, True),
    "out/a.md": (OUTSIDE, False, True),
    "absolute": (OUTSIDE, False, True),
    "null": (OUTSIDE, False, True),
    "..": (OUTSIDE, False, True),
    "../secret": (OUTSIDE, False, True),
    "docs/../../secret": (OUTSIDE, False, True),
    "/etc/hostname": (OUTSIDE, False, True),
    "/x": (OUTSIDE, False, True),
    "a\0b": (BAD, False, False),
    "\ud800": (BAD, False, False),
    "a" * 256: (LONG, False, False),
    "\u00fc" * 128: (LONG, False, False),
    "docs/" + "a" * 256: (LONG, False, False),
    "a/" * 2048 + "a": (LONG, False, False),
}


@pytest.mark.parametrize("path", READ, ids=lambda path: ascii(path)[:40])
def test_every_kind_of_tree_reads_or_refuses_the_same_paths(tree: Tree, path: str) -> None:
    expected, exists, lexists = READ[path]
    if isinstance(expected, str):
        assert tree.read(path) == tree.digests(path) == Unreadable(path, 1, expected)
    else:
        assert tree.read(path) == expected
        assert tree.digests(path).size == len(expected)
    assert tree.exists(path) is exists
    assert tree.is_file(path) is isinstance(expected, bytes)
    assert tree.lexists(path) is lexists


def test_a_file_over_the_limit_is_refused(tree: Tree) -> None:
    refused = Unreadable("large", 1, "is larger than 9 bytes; split it")
    assert tree.read("large", 9) == tree.digests("large", 9) == refused
    assert tree.read("large", 10) == b"1234567890"
    assert tree.read("README.md") == b"# A\n"  # what was refused leaves nothing behind


def test_a_folder_is_listed(tree: Tree) -> None:
    file, link, folder = stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR
    inner = {"a.md": file, "deep": folder, "up.md": link}
    top = {
        **{path: file for path in CONTENTS if "/" not in path},
        **{path: link for path in LINKS if "/" not in path},
        "docs": folder,
    }
    assert {n: kind for n, kind in tree.list_folder(".") if n != ".git"} == top
    for path in ("docs", "docs/", "folder", "folder/../folder"):
        assert dict(tree.list_folder(path)) == inner, path
    for path in ("README.md", "absent", "out", "..", "a\0b", "loop"):
        assert dict(tree.list_folder(path)) == {}, path


def test_all_links_to_a_file_resolve_to_one_place(tree: Tree) -> None:
    for path in ("docs/a.md", "link.md", "twice.md", "folder/a.md", "folder/../docs/./a.md"):
        assert tree.real(path) == "docs/a.md"
    for path in ("out", "loop", "a\0b", "../secret"):
        assert tree.real(path) == path


# Special cases of one kind of tree


def test_a_pipe_and_a_device_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert Folder(tmp_path).read("pipe") == Unreadable("pipe", 1, NOT_REGULAR)
    assert Folder("/dev").read("null") == Unreadable("null", 1, NOT_REGULAR)


def test_a_submodule_is_an_empty_folder(tmp_path: Path) -> None:
    root, other = tmp_path / "repository", tmp_path / "other"
    for place in (root, other):
        place.mkdir()
        (place / "a.md").write_text("# A\n")
        commit(place)
    run("submodule", "--quiet", "add", str(other), "sub", cwd=root)
    run("commit", "--quiet", "--message", "Sub", cwd=root)
    for tree in (objects.committed(root, "HEAD"), objects.staged(root)):
        assert tree.is_folder("sub") and list(tree.list_folder("sub")) == []
        assert tree.read("sub/a.md") == Unreadable("sub/a.md", 1, ABSENT)
        assert tree.read("sub") == Unreadable("sub", 1, NOT_REGULAR)


def test_files_outside_a_sparse_checkout_are_in_the_commit_and_the_index(
    tmp_path: Path,
) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    run("sparse-checkout", "set", "--cone", "--sparse-index", cwd=root)
    assert Folder(root).read("docs/a.md") == Unreadable("docs/a.md", 1, ABSENT)
    for tree in (objects.committed(root, "HEAD"), objects.staged(root)):
        assert tree.read("docs/a.md") == b"# A\r\n"


def test_a_package_of_a_monorepo_is_read_from_its_folder(tmp_path: Path) -> None:
    write(root := tmp_path / "repository" / "packages/one")
    (tmp_path / "repository/packages/other").write_text("other\n")
    commit(tmp_path / "repository")
    for tree in (objects.committed(root, "HEAD"), objects.staged(root), Folder(root)):
        assert tree.read("docs/a.md") == b"# A\r\n"
        assert tree.read("../other") == Unreadable("../other", 1, OUTSIDE)
        assert not tree.exists("packages")


def test_the_index_has_staged_content_and_the_commit_has_committed_content(tmp_path: Path) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    (root / "README.md").write_text("staged\n")
    run("add", "README.md", cwd=root)
    (root / "README.md").write_text("edited\n")
    (root / "new.md").write_text("untracked\n")
    read = [
        tree.read("README.md")
        for tree in (objects.committed(root, "HEAD"), objects.staged(root), Folder(root))
    ]
    assert read == [b"# A\n", b"staged\n", b"edited\n"]
    assert [objects.staged(root).exists("new.md"), Folder(root).exists("new.md")] == [False, True]


def test_a_file_with_a_conflict_is_a_user_error(tmp_path: Path) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    for branch, text in (("one", "1\n"), ("two", "2\n")):
        run("switch", "--quiet", "--create", branch, "main", cwd=root)
        (root / "README.md").write_text(text)
        run("commit", "--quiet", "--all", "--message", branch, cwd=root)
    subprocess.run(("git", "merge", "--quiet", "one"), cwd=root, capture_output=True)
    with pytest.raises(UserError, match=r"^README.md has a conflict$"):
        objects.staged(root)


@pytest.mark.parametrize("ref", ["absent", "-h", "--output=x", "", "HEAD:docs/a.md", "a\0b"])
def test_a_ref_that_is_not_a_commit_is_refused(tmp_path: Path, ref: str) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    with pytest.raises(UserError):
        objects.committed(root, ref)
    with pytest.raises(UserError):
        objects.committed(tmp_path, "HEAD")
    assert not (root / "x").exists()


def test_a_commit_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    monkeypatch.setattr(git, "MOST_LISTED", 10)
    for read in (objects.staged, lambda root: objects.committed(root, "HEAD")):
        with pytest.raises(UserError, match="has more than 10 files in Git"):
            read(root)


MISSING = Unreadable("docs/a.md", 1, "can't be read: its object is missing or damaged")


@pytest.mark.parametrize("content", [None, b"", b"\0" * 30], ids=["gone", "empty", "damaged"])
def test_a_missing_object_is_reported_and_the_others_are_read(
    tmp_path: Path, content: bytes | None
) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    name = run("rev-parse", "HEAD:docs/a.md", cwd=root)
    file = root / ".git/objects" / name[:2] / name[2:]
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    tree = objects.committed(root, "HEAD")
    assert (tree.read("docs/a.md"), tree.read("README.md")) == (MISSING, b"# A\n")
    tree.close()


def test_a_partial_clone_is_read_without_its_missing_objects_and_starts_no_program(
    tmp_path: Path,
) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    run("config", "uploadpack.allowFilter", "true", cwd=root)
    clone, ran = tmp_path / "clone", tmp_path / "ran"
    args = ("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{root}", "clone")
    run(*args, cwd=tmp_path)
    run("config", "remote.origin.url", f"ext::touch {ran}", cwd=clone)
    run("config", "protocol.ext.allow", "always", cwd=clone)
    tree = objects.committed(clone, "HEAD")
    assert tree.read("docs/a.md") == MISSING
    assert tree.exists("docs/deep/er/b.bin")
    assert not ran.exists()


def test_git_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root := tmp_path / "repository")
    commit(root)
    tree = objects.committed(root, "HEAD")
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (bin / "git").chmod(0o755)
    tree._objects._env["PATH"] = f"{bin}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", f"{bin}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "READ_SECONDS", 1)
    with pytest.raises(UserError, match="git cat-file was stopped after 1 seconds"):
        tree.read("README.md")
    assert tree._objects._process is None


def test_reading_a_repository_runs_nothing_of_it(tmp_path: Path) -> None:
    write(root := tmp_path / "repository")
    (root / ".gitattributes").write_text("* filter=evil diff=evil\n")
    commit(root)
    here = bare(root)
    ran = tmp_path / "ran"
    for place in (root, here):
        for key in (
            "core.fsmonitor",
            "core.sshCommand",
            "filter.evil.smudge",
            "diff.evil.textconv",
        ):
            run("config", key, f"touch {ran}; false", cwd=place)
        run("config", "core.hooksPath", str(tmp_path), cwd=place)
    for tree in (
        objects.committed(root, "HEAD"),
        objects.staged(root),
        objects.committed(here, "main"),
    ):
        assert tree.read("README.md") == b"# A\n"
    assert not ran.exists()


# A whole check

Kind = Callable[[Path], Tree]
TREES: dict[str, Kind] = {
    "a commit": lambda root: objects.committed(root, "HEAD"),
    "a bare clone": lambda root: objects.committed(bare(root), "main"),
    "the index": objects.staged,
    "an overlay": lambda root: Overlay(Folder(root), {}),
}


def check(tree: Tree) -> Result:
    charter = engine.open_charter(tree, TODAY)
    result = engine.check(charter, level="release")
    charter.close()
    return result


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide an example in a Git repository with a broken link and a missing document."""
    root = tmp_path_factory.mktemp("example") / request.param
    shutil.copytree(embedded_root() / "examples" / request.param, root)
    (root / "ops/runbook.md").unlink()
    with (root / "docs/design_doc.md").open("a") as file:
        file.write("\n[gone](../gone.md)\n\n- [x] `nobody-knows` Done.\n")
    commit(root)
    return root


@pytest.mark.parametrize("kind", TREES)
def test_a_check_has_the_same_findings_for_each_kind_of_tree(
    example: Path, kind: str, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(example, tmp_path / "copy", symlinks=True))
    expected = check(Folder(copy))
    tree = TREES[kind](copy)
    if kind != "an overlay":
        emptied(copy)  # so that what is read comes from Git
    assert {"link-broken", "document-missing"} <= {one.finding.rule for one in expected.judged}
    assert check(tree) == expected


def loosened(text: str) -> str:
    """Return an eval pack whose first gate uses the wrong bound for its metric."""
    assert "bound: lower95" in text
    return text.replace("bound: lower95", "bound: upper95", 1)


@pytest.mark.parametrize("below", [Folder, TREES["a commit"], TREES["the index"]])
def test_unsaved_text_has_the_same_findings_as_saved_text(below: Kind, tmp_path: Path) -> None:
    root = tmp_path / "applied"
    shutil.copytree(embedded_root() / "examples/applied", root)
    commit(root)
    pack = root / "docs/eval_pack.md"
    text = loosened(pack.read_text())
    unsaved = check(Overlay(below(root), {"docs/eval_pack.md": text.encode()}))
    deleted = check(Overlay(below(root), {"docs/eval_pack.md": None}))

    before = check(Folder(root))
    pack.write_text(text)
    assert unsaved == check(Folder(root)) != before
    pack.unlink()
    assert deleted == check(Folder(root)) != before


def test_writing_to_a_link_in_an_overlay_changes_its_target(tmp_path: Path) -> None:
    write(root := tmp_path / "repository")
    tree = Overlay(Folder(root), {"twice.md": b"new\n", "folder/b/c.md": b"c\n", "link.md": None})
    assert (tree.read("docs/a.md"), tree.read("docs/b/c.md")) == (b"new\n", b"c\n")
    assert tree.read("twice.md") == Unreadable("twice.md", 1, ABSENT)  # by way of link.md
    assert dict(tree.list_folder("docs/b")) == {"c.md": stat.S_IFREG}
    for path in ("out", "../secret", "/etc/hostname", "loop", "a\0b"):
        with pytest.raises(UserError, match="is not in the repository"):
            Overlay(Folder(root), {path: b"new\n"})


def test_a_check_of_a_commit_starts_two_programs_for_all_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "applied"
    shutil.copytree(embedded_root() / "examples/applied", root)
    commit(root)
    check(objects.committed(root, "HEAD"))  # its configuration is read once
    started = []
    real = subprocess.Popen

    def counted(args: list[str], **more: object) -> object:
        started.append(next(word for word in args[1:] if not word.startswith("-")))
        return real(args, **more)

    monkeypatch.setattr(git.subprocess, "Popen", counted)
    check(objects.committed(root, "HEAD"))
    assert started == ["rev-parse", "ls-tree", "cat-file"]
