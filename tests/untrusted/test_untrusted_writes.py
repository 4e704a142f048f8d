"""Whatever a repository or its `.git` holds, no command writes or removes a file outside it."""

import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcharter
from conftest import Render
from mlcharter.cli import cli
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.update import journal

DOCUMENT, BASELINE = "docs/design_doc.md", ".mlcharter-baseline.json"

Attack = Callable[[Path, Path], object]


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder of the user's beside the repository; it must be as it was in the end."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".bashrc").write_text("export A=1\n")
    (folder / ".git").mkdir()
    before = snapshot(folder)
    yield folder
    assert snapshot(folder) == before


def snapshot(folder: Path) -> dict[str, object]:
    """What is in a folder, with modes and contents."""
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else None,
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def repository(render: Render, tmp_path: Path) -> Path:
    """A repository of documents, one of which has lost its owner, so that `--fix` writes it."""
    root = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    text = (root / DOCUMENT).read_text()
    (root / DOCUMENT).write_text(text.replace("Owner:", "Nobody:", 1))
    return root


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A Git repository with nothing in it yet, which is enough for a journal to be read."""
    root = tmp_path / "harbour"
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def run(*words: str) -> Result:
    """Run a command, which may fail with a message, never with a traceback."""
    result = CliRunner().invoke(cli, [*words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def staged(folder: Path) -> Path:
    """A name under which this program stages what it writes in a folder."""
    with writing._open_folder(folder) as number:
        return folder / writing._staged_name(number)


def moved(place: Path, outside: Path) -> None:
    """Put a link to `outside` in place of a file or folder, which is removed."""
    shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    place.symlink_to(outside)


def linked_hard(place: Path, outside: Path) -> None:
    place.unlink(missing_ok=True)
    place.hardlink_to(outside)


def fifo(place: Path) -> None:
    place.unlink(missing_ok=True)
    os.mkfifo(place)


# check --fix, by what the fix then does: whether the document is written


FIX: dict[str, tuple[Attack, bool]] = {
    "the staged name of version 0, a link": (
        lambda root, out: (root / "docs/.design_doc.md.mlcharter").symlink_to(out / ".bashrc"),
        True,
    ),
    "a staged name, a link": (
        lambda root, out: staged(root / "docs").symlink_to(out / ".bashrc"),
        True,
    ),
    "a staged name, a link to a folder": (
        lambda root, out: staged(root / "docs").symlink_to(out),
        True,
    ),
    "a staged name, a hard link": (
        lambda root, out: staged(root / "docs").hardlink_to(out / ".bashrc"),
        True,
    ),
    "a staged name, a pipe": (lambda root, out: os.mkfifo(staged(root / "docs")), True),
    "a staged name, a folder with a link": (
        lambda root, out: [
            (folder := staged(root / "docs")).mkdir(),
            (folder / "x").symlink_to(out),
        ],
        True,
    ),
    "the folder is a link": (lambda root, out: moved(root / "docs", out), False),
    "the document is a link": (lambda root, out: moved(root / DOCUMENT, out / ".bashrc"), False),
    "the document is a link to nothing": (
        lambda root, out: moved(root / DOCUMENT, out / "new.md"),
        False,
    ),
    "the document is a pipe": (lambda root, out: fifo(root / DOCUMENT), False),
    "the folder is a file": (
        lambda root, out: [shutil.rmtree(root / "docs"), (root / "docs").touch()],
        False,
    ),
}


@pytest.mark.hostile("links and staged names in the way of a write")
@pytest.mark.parametrize("attack, written", FIX.values(), ids=FIX)
def test_a_fix_stays_inside(attack: Attack, written: bool, repository: Path, outside: Path) -> None:
    attack(repository, outside)

    run("check", str(repository), "--fix", "--no-cache")

    document = repository / DOCUMENT
    there = document.is_file() and not document.is_symlink()
    assert (there and "\nOwner:" in document.read_text()) == written


@pytest.mark.hostile("links and staged names in the way of a write")
def test_a_document_that_is_a_hard_link_parts_from_the_other_file(
    repository: Path, outside: Path
) -> None:
    """What the fix reads is the user's, what it writes is a new file."""
    linked_hard(repository / DOCUMENT, outside / ".bashrc")

    run("check", str(repository), "--fix", "--no-cache")

    assert not (repository / DOCUMENT).samefile(outside / ".bashrc")


@pytest.mark.hostile("a folder that becomes a link while it is written to")
def test_a_folder_that_becomes_a_link_meanwhile(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (root / "link").symlink_to(outside)
    (root / ".git").mkdir()
    turns = [("docs", "aside"), ("link", "docs"), ("docs", "link"), ("aside", "docs")]
    child = os.fork()
    if child == 0:
        try:
            for before, after in itertools.cycle(turns):
                (root / before).rename(root / after)
        finally:
            os._exit(1)
    refused = 0
    try:
        for _ in range(500):
            try:
                writing.write(root / "docs/x", "new")
            except UserError:
                refused += 1
    finally:
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended == -signal.SIGKILL  # until then it went on
    assert 0 < refused < 500


# --write-baseline and --output


PLACES: dict[str, Attack] = {
    "a link": lambda place, out: place.symlink_to(out / ".bashrc"),
    "a link to nothing": lambda place, out: place.symlink_to(out / "new"),
    "a link to a folder": lambda place, out: place.symlink_to(out),
    "a pipe": lambda place, out: os.mkfifo(place),
    "a folder": lambda place, out: place.mkdir(),
}


@pytest.mark.hostile("links, pipes and folders in place of a file that is written")
@pytest.mark.parametrize("attack", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    "words", [("--write-baseline",), ("--output", "json=out.json")], ids=["baseline", "output"]
)
def test_what_is_no_file_is_not_written(
    words: tuple[str, ...],
    attack: Attack,
    repository: Path,
    outside: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(repository)
    attack(repository / (BASELINE if len(words) == 1 else "out.json"), outside)

    result = run("check", *words, "--no-cache")

    assert result.exit_code == 2 and result.stderr.startswith("error: ")


@pytest.mark.hostile("links, pipes and folders in place of a file that is written")
@pytest.mark.parametrize("path", ["reports/out.json", "reports/../reports/out.json"])
def test_an_output_does_not_leave_the_repository(
    path: str, repository: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link leads to another Git repository, which does not make it trusted."""
    (repository / "reports").symlink_to(outside)
    monkeypatch.chdir(repository)

    for file in (path, str(repository / path)):
        result = run("check", "--output", f"json={file}", "--no-cache")
        assert result.exit_code == 2 and "reports is a symbolic link" in result.stderr


@pytest.mark.hostile("a file that may not grow, a folder that may not be written to")
def test_a_baseline_that_does_not_fit_leaves_the_old_one(repository: Path) -> None:
    old = json.dumps({"version": 1, "owner": "@a", "findings": []})
    (repository / BASELINE).write_text(old)

    done = subprocess.run(
        [sys.executable, "-m", "mlcharter", "check", "--write-baseline", "--no-cache"],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(Path(mlcharter.__file__).parents[1])},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (32, 32)),
    )

    assert done.returncode == 2
    assert done.stderr == (
        "error: .mlcharter-baseline.json can't be written: file too large\n"
        "  hint: the file is unchanged; fix that, then try again\n"
    )
    assert (repository / BASELINE).read_text() == old
    assert list(repository.glob(".mlcharter-*")) == [repository / BASELINE]


@pytest.mark.hostile("a file that may not grow, a folder that may not be written to")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/x").write_text("old")
    (tmp_path / "docs").chmod(0o555)
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:  # who may write everywhere
            os.setuid(65534)
        try:
            writing.replace(tmp_path, "docs/x", b"new")
        except UserError as error:
            os._exit(3 if "permission denied" in error.message else 4)
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert (tmp_path / "docs/x").read_text() == "old"


# A journal that somebody else wrote, in the `.git` of an archive


def entry(path: object, **sides: object) -> dict[str, object]:
    return {"path": path} | (sides or {"new": 0o100644})


LISTS: dict[str, object] = {
    "a path above": [entry("../home/.bashrc")],
    "a path above, from inside": [entry("docs/../../home/.bashrc")],
    "an absolute path": [entry("/tmp/mlcharter-was-here")],
    "a path of Git": [entry(".git/hooks/post-checkout", new=0o100755)],
    "a path of Git, in capitals": [entry(".GIT/config")],
    "a path of Git, with a character that HFS+ ignores": [entry(".g\u200cit/config")],
    "a path of Git, with a dot that Windows ignores": [entry(".git./config")],
    "a path of a submodule's Git": [entry("docs/.git/config")],
    "an empty path": [entry("")],
    "the folder itself": [entry(".")],
    "an empty part": [entry("docs//x")],
    "a NUL": [entry("a\0b")],
    "half a surrogate": [entry("\ud800")],
    "a path that is a number": [entry(7)],
    "no path": [{"new": 0o100644}],
    "a mode that no file has": [entry("x", new=0o104755)],
    "a mode that is a list": [entry("x", new=[])],
    "an entry that is a list": [[]],
    "no steps": None,
    "a missing content": [entry("x", old=0o100644)],
    "a link to a NUL": [entry("x", new=0o120000)],
    "a link, and a file behind it": [entry("a", new=0o120000), entry("a/.bashrc")],
    "a file through a link that is there": [entry("out/.bashrc")],
    "a file removed through a link that is there": [entry("out/.bashrc", old=0o100644)],
}
CONTENTS = {"a link to a NUL": b"a\0b", "a link, and a file behind it": b"../home"}


def pending(root: Path) -> Path:
    folder = root / ".git/mlcharter/root/pending"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.hostile("a journal of an update in somebody else's .git")
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("words", [(), ("--abort",)], ids=["update", "abort"])
def test_a_journal_that_names_other_places(
    name: str, words: tuple[str, ...], bare: Path, outside: Path
) -> None:
    folder = pending(bare)
    (bare / "out").symlink_to(outside)
    listed = {"about": "x", "index": "", "steps": LISTS[name]}
    (folder / "list.json").write_text(json.dumps(listed))
    (folder / "0.new").write_bytes(CONTENTS.get(name, b"evil"))
    (folder / "1.new").write_bytes(b"evil")
    before = snapshot(bare / ".git/hooks")

    result = run("update", str(bare), *words)

    harmless = {"a link to a NUL", "a link, and a file behind it"} if words else set()
    assert name in harmless or (result.exit_code, result.output[:7]) == (2, "error: ")
    assert snapshot(bare / ".git/hooks") == before
    assert not Path("/tmp/mlcharter-was-here").exists()


DAMAGE: dict[str, Attack] = {
    "half a list": lambda folder, out: (folder / "list.json").write_text('{"steps": ['),
    "a list that is none": lambda folder, out: (folder / "list.json").write_text("7"),
    "a deep list": lambda folder, out: (folder / "list.json").write_text("[" * 99_999),
    "bytes": lambda folder, out: (folder / "list.json").write_bytes(b"\xff\xfe\x00"),
    "nothing": lambda folder, out: None,
    "an endless list": lambda folder, out: (folder / "list.json").symlink_to("/dev/zero"),
    "a list that is a pipe": lambda folder, out: os.mkfifo(folder / "list.json"),
    "a list that is a folder": lambda folder, out: (folder / "list.json").mkdir(),
    "half a surrogate for Git": lambda folder, out: (folder / "list.json").write_text(
        '{"about": "x", "index": "\\ud800", "steps": []}'
    ),
    "a journal that is a link": lambda folder, out: moved(folder, out),
    "its folder is a link": lambda folder, out: moved(folder.parent, out),
    "the folder above is a link": lambda folder, out: moved(folder.parents[1], out),
    "its lock is a link": lambda folder, out: (folder.parent / "lock").symlink_to(out / ".bashrc"),
    "its lock is a pipe": lambda folder, out: os.mkfifo(folder.parent / "lock"),
    "what is being removed is a link": lambda folder, out: (folder.parent / "gone").symlink_to(out),
    "what is being built is a link": lambda folder, out: (folder.parent / "building").symlink_to(
        out
    ),
}


@pytest.mark.hostile("a journal of an update in somebody else's .git")
@pytest.mark.parametrize("attack", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize(
    "words", [("update",), ("update", "--abort"), ("adopt", "--defaults", "--yes")]
)
def test_a_journal_that_is_damaged(
    attack: Attack, words: tuple[str, ...], bare: Path, outside: Path
) -> None:
    attack(pending(bare), outside)

    result = run(*words, str(bare))

    assert (result.exit_code, "error: " in result.output) == (2, True)


@pytest.mark.hostile("a journal of an update in somebody else's .git")
@settings(max_examples=150, deadline=None)
@given(
    path=st.lists(
        st.sampled_from(["..", ".", "", ".git", "a", "out", "home", ".bashrc", "\0", "~"])
        | st.text(max_size=3),
        max_size=5,
    ).map("/".join)
)
def test_no_path_leads_out(path: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    top = tmp_path_factory.mktemp("top")
    (top / "root").mkdir()
    (top / "root/out").symlink_to(top)

    for write in (
        lambda: writing.replace(top / "root", path, b"x", over_link=True),
        lambda: writing.link(top / "root", path, b"x"),
        lambda: writing.remove(top / "root", path),
    ):
        with suppress(UserError):
            write()
        assert [entry.name for entry in top.iterdir()] == ["root"]
        assert not (top / "root/.git").exists()


# A destination of `new` that somebody else made


@pytest.mark.hostile("a half-made repository in a clone")
@pytest.mark.parametrize("hidden", [False, True], ids=["beside", "in .git"])
def test_what_is_finished_is_not_a_link(hidden: bool, tmp_path: Path, outside: Path) -> None:
    """The entries of what `new` left are moved into place; here they would be the user's files."""
    clone = tmp_path / "clone"
    (clone / ".git" if hidden else clone).mkdir(parents=True)
    (clone / ".git" / "x" if hidden else clone / "x").with_name(
        "mlcharter-new.finished"
    ).symlink_to(outside)

    result = run("new", str(clone), "--defaults", "--no-git")

    assert (result.exit_code, "mlcharter-new.finished is a symbolic link" in result.output) == (
        2,
        True,
    )


@pytest.mark.hostile("a half-made repository in a clone")
def test_what_is_finished_replaces_no_file(tmp_path: Path) -> None:
    (tmp_path / "clone/mlcharter-new.finished").mkdir(parents=True)
    (tmp_path / "clone/mlcharter-new.finished/README.md").write_text("theirs")
    (tmp_path / "clone/README.md").write_text("mine")

    result = run("new", str(tmp_path / "clone"), "--defaults", "--no-git")

    assert result.exit_code == 2 and "README.md was created after" in result.output
    assert (tmp_path / "clone/README.md").read_text() == "mine"


def test_the_journal_of_an_update_is_one_that_begin_wrote(tmp_path: Path) -> None:
    """What is refused above is all that differs from a journal that is finished here."""
    folder = tmp_path / ".git/mlcharter/root"
    folder.parents[1].mkdir()
    steps = [journal.Step("docs/\udcff", None, journal.File(b"new"))]

    journal.begin(folder, steps, "a change", "")

    assert journal.read_pending(folder) == "a change"
    assert journal.finish(folder, tmp_path, lambda index: None) is False
    assert (tmp_path / "docs/\udcff").read_bytes() == b"new"
