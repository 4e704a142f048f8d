"""Calling Git on a user's repository. `check` never does: its configuration can run programs."""

import os
import subprocess
from pathlib import Path

from mlcharter.errors import UserError

# A fixed identity of the repository must not leak in from a hook that called us.
_LEAKY = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"),
    *("GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE"),
)


def run(
    *words: str, cwd: Path | None = None, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `git WORDS` without prompts; the caller looks at the return code.

    A machine without Git gives return code 127, like a shell. A command that only looks takes no
    lock, so that Ctrl-C can't leave one behind.
    """
    env = {name: value for name, value in os.environ.items() if name not in _LEAKY}
    env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", *words],
            cwd=cwd,
            env=env,
            input=text,
            capture_output=True,
            text=True,
            errors="surrogateescape",
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(words, 127, "", "git is not installed")


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


def exact_version(root: Path) -> str | None:
    """The tag at HEAD, else the full commit id; None outside a Git repository with commits."""
    return output("describe", "--tags", "--exact-match", cwd=root) or output(
        "rev-parse", "HEAD", cwd=root
    )
