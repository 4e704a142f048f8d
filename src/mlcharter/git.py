"""Calling Git on a user's repository. `check` never does: its configuration can run programs."""

import os
import subprocess
from pathlib import Path

from mlcharter.errors import UserError

# A fixed identity of the repository must not leak in from a hook that called us.
_LEAKY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


def run(
    *words: str, cwd: Path | None = None, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `git WORDS` without prompts; the caller looks at the return code.

    A machine without Git gives return code 127, like a shell. A command that only looks takes no
    lock, so that Ctrl-C can't leave one behind.
    """
    try:
        return subprocess.run(
            ["git", *words],
            cwd=cwd,
            env=_environment(),
            input=text,
            capture_output=True,
            text=True,
            errors="surrogateescape",
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(words, 127, "", "git is not installed")


def _environment() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in _LEAKY}
    return env | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def output(*words: str, cwd: Path | None = None) -> str | None:
    """What `git WORDS` prints, stripped; None when it fails."""
    done = run(*words, cwd=cwd)
    return done.stdout.strip() if done.returncode == 0 else None


def must(*words: str, cwd: Path | None = None, text: str | None = None, hint: str) -> str:
    """What `git WORDS` prints; a failure is the user's to act on."""
    done = run(*words, cwd=cwd, text=text)
    if done.returncode != 0:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise UserError(
            f"git {words[0]} failed: {reason[-1] if reason else 'no reason'}", hint=hint
        )
    return done.stdout.strip()


def blob(name: str, cwd: Path) -> bytes:
    """The bytes of a blob."""
    done = subprocess.run(
        ["git", "cat-file", "blob", name], cwd=cwd, env=_environment(), capture_output=True
    )
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip()
        raise UserError(f"Git has no object {name[:12]}: {reason}", hint="run `git fsck`")
    return done.stdout


def exact_version(root: Path) -> str | None:
    """The tag at HEAD, else the full commit id; None outside a Git repository with commits."""
    return output("describe", "--tags", "--exact-match", cwd=root) or output(
        "rev-parse", "HEAD", cwd=root
    )
