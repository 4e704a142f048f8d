"""Called by hatchling: records the commit of the template in what it builds."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from mlcharter.support import versions


class CommitStamp(BuildHookInterface):  # type: ignore[type-arg]
    """Writes the tag or commit of a clean checkout to `_template/COMMIT` of a wheel.

    A source distribution carries it in `COMMIT`, so that a wheel that is built from it has it too.
    A checkout whose template differs from its commit gets no stamp: it has no name to be found by.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or not (commit := self.commit()):
            return
        stamp = Path(tempfile.mkdtemp()) / "COMMIT"
        stamp.write_text(commit + "\n", encoding="utf-8")
        into = "COMMIT" if self.target_name == "sdist" else "mlcharter/_template/COMMIT"
        build_data["force_include"][str(stamp)] = into

    def commit(self) -> str | None:
        carried = Path(self.root) / "COMMIT"
        if carried.is_file():  # a source distribution; Git would answer for a repository around it
            return carried.read_text(encoding="utf-8").strip()
        if self.git("status", "--porcelain", "--", "copier.yml", "template") != "":
            return None
        commit = self.git("rev-parse", "HEAD")
        tags = (self.git("tag", "--points-at", "HEAD") or "").split("\n")
        return versions.recorded(commit, tags) if commit else None

    def git(self, *words: str) -> str | None:
        try:
            done = subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True)
        except FileNotFoundError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None
