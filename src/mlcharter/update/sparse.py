"""Handle sparse checkouts: files that Git tracks but does not check out, as the user configured."""

import shlex
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlcharter.support import git
from mlcharter.support.errors import UserError
from mlcharter.update.merging.trees import File


class Sparse:
    """The part of a repository below `root` that is not checked out.

    `prefix` is the path from the top of the repository to `root`.
    """

    def __init__(self, root: Path, prefix: str) -> None:
        self.root, self.prefix = root, prefix

    @cached_property
    def _entries(self) -> dict[str, tuple[int, str]]:
        """Return mode and blob of each path with the skip-worktree bit that is not on disk."""
        listed = git.output("ls-files", "-z", "-t", "--stage", "--", ".", cwd=self.root) or ""
        entries = {}
        for entry in listed.split("\0"):
            head, _, path = entry.partition("\t")
            if head[:2] == "S " and not (self.root / path).is_symlink():
                mode, blob, _ = head[2:].split()
                if not (self.root / path).exists():
                    entries[path] = (int(mode, 8), blob)
        return entries

    def read(self, path: str) -> File | None:
        """Return a file from the index; None for a path that is checked out or not tracked."""
        if path not in self._entries:
            return None
        mode, blob = self._entries[path]
        return File(git.blob(blob, cwd=self.root), mode)

    def find_outside(self, paths: Iterable[str]) -> list[str]:
        """Return those of the paths that are outside the sparse checkout; sorted."""
        return sorted(
            path for path in paths if path in self._entries or self._is_outside_cone(path)
        )

    def refuse(self, paths: Iterable[str]) -> None:
        """Refuse to write what is outside the sparse checkout."""
        if outside := self.find_outside(paths):
            raise UserError(self.describe(outside), hint=self._hint(outside))

    def describe(self, outside: list[str]) -> str:
        """Return a message that lists paths outside the sparse checkout."""
        shown = ", ".join(outside[:5]) + (f", and {len(outside) - 5} more" if outside[5:] else "")
        return f"outside the sparse checkout: {shown}"

    @cached_property
    def _cone(self) -> list[PurePosixPath] | None:
        """Return the folders that are checked out, from the top; None outside cone mode."""
        for name in ("core.sparseCheckout", "core.sparseCheckoutCone"):
            if git.output("config", "--type=bool", name, cwd=self.root) != "true":
                return None
        listed = git.output("-c", "core.quotePath=false", "sparse-checkout", "list", cwd=self.root)
        return [PurePosixPath(line) for line in (listed or "").splitlines()]

    def _is_outside_cone(self, path: str) -> bool:
        """Return whether a new file is neither in a folder of the cone nor above one."""
        if self._cone is None:
            return False
        folder = PurePosixPath(self.prefix + path).parent
        return folder != PurePosixPath() and not any(
            folder.is_relative_to(one) or one.is_relative_to(folder) for one in self._cone
        )

    def _hint(self, outside: list[str]) -> str:
        if self._cone is not None:
            names = {PurePosixPath(self.prefix + path).parent.as_posix() for path in outside}
        elif git.output("config", "--type=bool", "core.sparseCheckout", cwd=self.root) == "true":
            names = {f"/{self.prefix}{path}" for path in outside}
        else:
            some = shlex.join(outside[:5])
            return f"run `git update-index --no-skip-worktree {some} && git restore {some}`"
        return f"run `git sparse-checkout add {shlex.join(sorted(names))}`, then try again"
