"""Record the commit of the template in a build; hatchling calls this hook."""

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

    A source distribution has it in `COMMIT`, so that a wheel built from that has it too. If the
    template has uncommitted changes, nothing is written, since no version can be fetched for it.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or not (commit := self.commit()):
            return
        file = Path(tempfile.mkdtemp()) / "COMMIT"
        file.write_text(commit + "\n", encoding="utf-8")
        into = "COMMIT" if self.target_name == "sdist" else "mlcharter/_template/COMMIT"
        build_data["force_include"][str(file)] = into

    def commit(self) -> str | None:
        file = Path(self.root) / "COMMIT"
        if file.is_file():  # a source distribution; Git would read a repository around it
            return file.read_text(encoding="utf-8").strip()
        if self.git("status", "--porcelain", "--", "copier.yml", "template") != "":
            return None
        commit = self.git("rev-parse", "HEAD")
        tags = (self.git("tag", "--points-at", "HEAD") or "").split("\n")
        return versions.recorded(commit, tags) if commit else None

    def git(self, *args: str) -> str | None:
        try:
            done = subprocess.run(["git", *args], cwd=self.root, capture_output=True, text=True)
        except FileNotFoundError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None
