"""The files of this checkout that Git has, or would have after `git add`."""

import subprocess

from conftest import ROOT


def in_git(*patterns: str) -> set[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    done = subprocess.run([*command, *patterns], cwd=ROOT, capture_output=True, check=True)
    names = done.stdout.decode().split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}
