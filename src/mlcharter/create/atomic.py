"""Putting a new repository in its place: all of it or nothing.

It is made in a staging folder beside the destination, on the same file system, and renamed.
A destination that exists must keep its identity, since someone's shell may stand in it; there the
entries are moved one by one out of a finished staging folder, and a move that was interrupted is
completed by the next call.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mlcharter.support import git, writing
from mlcharter.support.errors import UserError

ANSWERS = ".copier-answers.yml"
_FINISHED = "mlcharter-new.finished"


def found(destination: Path, make: Callable[[Path], None]) -> None:
    """Let `make` fill a new folder, then make that the content of `destination`.

    The destination may be missing, empty, or hold only `.git`.
    """
    in_place = destination.is_dir()
    beside = _inside(destination) if in_place else destination.parent
    with _terminable(), ExitStack() as stack:
        try:  # before a question is asked in vain
            staging = stack.enter_context(writing.staged_folder(beside))
        except OSError as error:
            raise UserError(
                f"no folder can be made in {beside}: {(error.strerror or '').lower()}",
                hint="name a place where you may write",
            ) from error
        make(staging / "new")
        made = f"{staging.name}/new"
        if in_place:
            writing.rename(beside, made, _FINISHED)
            _move(beside / _FINISHED, destination)
        else:
            writing.rename(beside, made, destination.name)


def resume(destination: Path) -> bool:
    """Complete a move that was interrupted; False where there is none."""
    writing.remove_stale(destination.parent, destination.name)
    if destination.is_dir():
        writing.remove_stale(_inside(destination), _FINISHED)
    finished = _inside(destination) / _FINISHED
    if finished.is_symlink():
        raise UserError(f"{finished} is a link", hint="remove it; `mlcharter new` makes none")
    if not finished.is_dir():
        return False
    _move(finished, destination)
    return True


def refuse_filled(destination: Path) -> None:
    """Refuse a destination that is a file or has content of its own."""
    if destination.is_symlink() or (destination.exists() and not destination.is_dir()):
        raise UserError(f"{destination} is not a folder", hint="name a folder that does not exist")
    if not destination.exists():
        return
    ours = {".git", _FINISHED}
    content = sorted(
        entry.name
        for entry in destination.iterdir()
        if entry.name not in ours and not writing.is_staged(entry)
    )
    if content:
        shown = ", ".join(content[:3]) + (", …" if len(content) > 3 else "")
        raise UserError(
            f"{destination} has files in it: {shown}",
            hint=f"to bring an existing repository in, run `mlcharter adopt {destination}`",
        )


def commit(root: Path) -> str:
    """Commit everything in `root` as the first commit; returns what was done, in words."""
    inside = git.run("rev-parse", "--is-inside-work-tree", cwd=root)
    if inside.stdout.strip() == "true":
        top = git.output("rev-parse", "--show-toplevel", cwd=root)
        if top is not None and Path(top).resolve() != root.resolve():
            return f"not committed: it lies inside the repository at {top}"
    branch = [] if (root / ".git").exists() else ["--initial-branch=main"]
    done = git.run("init", "--quiet", *branch, cwd=root)
    if done.returncode != 0:
        return f"not committed: {_refusal(done.returncode, done.stderr)}"
    if (why := _foreign(root)) is not None:
        return f"not committed: {why}"
    # The name and address that Git would guess from this machine are nobody's.
    quiet = ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false"]
    quiet += ["-c", "user.useConfigOnly=true"]
    message = "Found the repository on its charter"
    for words in (("add", "--all"), (*quiet, "commit", "--quiet", "-m", message)):
        done = git.run(*words, cwd=root)
        if done.returncode != 0:
            return f"not committed: {_refusal(done.returncode, done.stderr)}"
    return "committed"


def _foreign(root: Path) -> str | None:
    """Why a `.git` that was there is not that of this folder alone; None where it is.

    Its work tree may be another folder, whose files would be committed; and where it has files
    already, a commit would say that they are deleted.
    """
    done = git.run("rev-parse", "--show-toplevel", cwd=root)
    if done.returncode != 0:
        return _refusal(done.returncode, done.stderr)
    top = done.stdout.rstrip("\n")
    if Path(top).resolve() != root.resolve():
        return f"its Git work tree is {top}; look at `git config core.worktree`, then commit"
    if git.output("ls-files", cwd=root) or git.output("ls-tree", "HEAD", cwd=root):
        return "its Git repository has other files; look at `git status`, then commit"
    return None


_NOBODY = ("tell me who you are", "empty ident", "auto-detection is disabled", "auto-detect email")


def _refusal(code: int, said: str) -> str:
    """Why Git refused to commit, and what to do."""
    if code == 127:
        return "Git is not there; install it, then run `git init`"
    if (trust := git.trust_command(said)) is not None:
        return f"its .git belongs to another user; if you trust it, run `{trust}`, then commit"
    if any(words in said for words in _NOBODY):
        return "Git does not know you; set user.name and user.email, then commit"
    lines = [line for line in said.strip().splitlines() if not line.startswith("hint:")]
    return f"Git says `{lines[-1] if lines else 'nothing'}`; look at `git status`, then commit"


def apply_umask(root: Path) -> None:
    """Take from every file the rights that the umask withholds; a template's files have more."""
    mask = os.umask(0o077)
    os.umask(mask)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o7777 & ~mask)


def _inside(destination: Path) -> Path:
    """Where a destination that exists is staged: out of sight of Git where that is possible."""
    hidden = destination / ".git"
    return hidden if hidden.is_dir() and not hidden.is_symlink() else destination


def _move(finished: Path, destination: Path) -> None:
    names = sorted(os.listdir(finished), key=lambda name: (name == ANSWERS, name))  # noqa: PTH208
    folder = finished.relative_to(destination).as_posix()
    for name in names:
        there = os.path.lexists(destination / name)
        if there and name == ".git":
            continue
        if there:
            raise UserError(
                f"{destination / name} was made after `mlcharter new` was interrupted",
                hint="move it away, then run `mlcharter new` again",
            )
        writing.rename(destination, f"{folder}/{name}", name)
    writing.remove_folder(destination, folder)


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C, so that the staging folder goes."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
