"""What was live when, read from the commits of `versioning/live.json`."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from mlcharter.release import live
from mlcharter.release.live import Live
from mlcharter.support import git

_MOST = 1000  # commits


class Change(Struct, frozen=True):
    """A commit that made a release live; `live` is None if it names none."""

    date: str
    commit: str
    author: str
    live: Live | None
    before: Live | None

    @property
    def what(self) -> str:
        """`release` or `rollback`, by the sequence; `damaged` if the file names no release."""
        if self.live is None:
            return "damaged"
        lower = self.before is not None and self.live.sequence < self.before.sequence
        return "rollback" if lower else "release"


def read(root: Path) -> Iterator[Change]:
    """Yield each change of what is live, the oldest first."""
    listed = git.exact_output(
        *("log", f"-{_MOST}", "--reverse", "--format=%H%x09%cs%x09%an", "--", live.PATH),
        cwd=root,
        hint="a release is made of a commit; commit first",
    )
    before = None
    for line in listed.splitlines():
        commit, date, author = line.split("\t", 2)
        now = live.parse(git.output("show", f"{commit}:./{live.PATH}", cwd=root) or "")
        yield Change(date, commit, author, now, before)
        before = now or before
