"""Create a repository atomically: all of its files or none.

It is written to a staging folder beside the destination, on the same file system, and renamed.
A destination that exists must keep its inode, since it may be the working directory of a shell;
there the entries of the finished staging folder are moved one by one, and the next call completes
a move that was interrupted.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mlcharter.support import git, writing
from mlcharter.support.errors import UserError
from mlcharter.template.answers import ANSWERS

_FINISHED = "mlcharter-new.finished"


def create(destination: Path, make: Callable[[Path], None]) -> None:
    """Let `make` create a folder, then move it to `destination`.

    The destination may be missing, empty, or contain only `.git`.
    """
    in_place = destination.is_dir()
    parent = _staging_parent(destination) if in_place else destination.parent
    with _sigterm_as_interrupt(), ExitStack() as stack:
        try:  # fails before the user answers questions
            staging = stack.enter_context(writing.staged_folder(parent))
        except OSError as error:
            raise UserError(
                f"can't create a folder in {parent}: {(error.strerror or '').lower()}",
                hint="choose a DEST in a folder that you can write to",
            ) from error
        make(staging / "new")
        created = f"{staging.name}/new"
        if in_place:
            writing.rename(parent, created, _FINISHED)
            _move(parent / _FINISHED, destination)
        else:
            writing.rename(parent, created, destination.name)


def resume(destination: Path) -> bool:
    """Complete a move that was interrupted; return False if there is none."""
    writing.remove_stale(destination.parent, destination.name)
    if destination.is_dir():
        writing.remove_stale(_staging_parent(destination), _FINISHED)
    finished = _staging_parent(destination) / _FINISHED
    if finished.is_symlink():
        raise UserError(
            f"{finished} is a symbolic link", hint="remove it; `mlcharter new` creates no links"
        )
    if not finished.is_dir():
        return False
    _move(finished, destination)
    return True


def refuse_filled(destination: Path) -> None:
    """Refuse a destination that is a file, or a folder with files in it."""
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
            hint=f"to add documents to an existing repository, run `mlcharter adopt {destination}`",
        )


def commit(root: Path) -> str:
    """Commit everything in `root`; return `committed`, or a message that says why not."""
    inside = git.run("rev-parse", "--is-inside-work-tree", cwd=root)
    if inside.stdout.strip() == "true":
        top = git.output("rev-parse", "--show-toplevel", cwd=root)
        if top is not None and Path(top).resolve() != root.resolve():
            return f"not committed: it is inside the repository at {top}"
    branch = [] if (root / ".git").exists() else ["--initial-branch=main"]
    # Without a configured user, Git would invent a name and an address from the host name.
    quiet = ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false"]
    quiet += ["-c", "user.useConfigOnly=true"]
    message = "Create the repository with mlcharter"
    reason = (
        _try(root, "init", "--quiet", *branch)
        or _find_conflict(root)
        or _try(root, "add", "--all")
        or _try(root, *quiet, "commit", "--quiet", "-m", message)
    )
    return f"not committed: {reason}" if reason else "committed"


def _try(root: Path, *args: str) -> str | None:
    """Run Git; return why it failed and what to do, None if it did not."""
    done = git.run(*args, cwd=root)
    return _explain_failure(done.returncode, done.stderr) if done.returncode else None


def _find_conflict(root: Path) -> str | None:
    """Return why an existing `.git` can't be committed to; None if it can.

    Its work tree may be another folder, whose files would be committed; or it may have files
    already, which a commit would delete.
    """
    done = git.run("rev-parse", "--show-toplevel", cwd=root)
    if done.returncode != 0:
        return _explain_failure(done.returncode, done.stderr)
    top = done.stdout.rstrip("\n")
    if Path(top).resolve() != root.resolve():
        return f"its Git work tree is {top}; look at `git config core.worktree`, then commit"
    if git.output("ls-files", cwd=root) or git.output("ls-tree", "HEAD", cwd=root):
        return "its Git repository has other files; look at `git status`, then commit"
    return None


_NO_IDENTITY = (
    "tell me who you are",
    "empty ident",
    "auto-detection is disabled",
    "auto-detect email",
)


def _explain_failure(code: int, stderr: str) -> str:
    """Return why Git failed, and what to do."""
    if code == 127:
        return "Git is not installed; install it, then run `git init`"
    if (trust := git.trust_command(stderr)) is not None:
        return f"its .git belongs to another user; if you trust it, run `{trust}`, then commit"
    if any(phrase in stderr for phrase in _NO_IDENTITY):
        return "Git does not know you; set user.name and user.email, then commit"
    lines = [line for line in stderr.strip().splitlines() if not line.startswith("hint:")]
    return f"Git failed: `{lines[-1] if lines else ''}`; look at `git status`, then commit"


def apply_umask(root: Path) -> None:
    """Apply the umask to every file: Copier copies the modes of the template's files."""
    mask = os.umask(0o077)
    os.umask(mask)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o7777 & ~mask)


def _staging_parent(destination: Path) -> Path:
    """Return the folder for staging inside an existing destination: its `.git` if possible."""
    git_folder = destination / ".git"
    return git_folder if git_folder.is_dir() and not git_folder.is_symlink() else destination


def _move(finished: Path, destination: Path) -> None:
    names = sorted(os.listdir(finished), key=lambda name: (name == ANSWERS, name))  # noqa: PTH208
    folder = finished.relative_to(destination).as_posix()
    for name in names:
        exists = os.path.lexists(destination / name)
        if exists and name == ".git":
            continue
        if exists:
            raise UserError(
                f"{destination / name} was created after `mlcharter new` was interrupted",
                hint="move it away, then run `mlcharter new` again",
            )
        writing.rename(destination, f"{folder}/{name}", name)
    writing.remove_folder(destination, folder)


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Turn SIGTERM into a KeyboardInterrupt, so that the staging folder is removed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
