"""Sparse checkouts: what Git tracks but keeps out of the working tree, because a user said so."""

import shlex
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlcharter.support import git
from mlcharter.support.errors import UserError
from mlcharter.update.merging.trees import File


class Sparse:
    """The part of a repository below `root` that is not checked out; `prefix` leads to `root`."""

    def __init__(self, root: Path, prefix: str) -> None:
        self.root, self.prefix = root, prefix

    @cached_property
    def _entries(self) -> dict[str, tuple[int, str]]:
        """Mode and blob of each path whose skip-worktree bit is set, and that is not on disk."""
        listed = git.output("ls-files", "-z", "-t", "--stage", "--", ".", cwd=self.root) or ""
        found = {}
        for entry in listed.split("\0"):
            head, _, path = entry.partition("\t")
            if head[:2] == "S " and not (self.root / path).is_symlink():
                mode, blob, _ = head[2:].split()
                if not (self.root / path).exists():
                    found[path] = (int(mode, 8), blob)
        return found

    def file(self, path: str) -> File | None:
        """The file as the index has it; None for a path that is checked out or not tracked."""
        if path not in self._entries:
            return None
        mode, blob = self._entries[path]
        return File(git.blob(blob, cwd=self.root), mode)

    def outside(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that writing would bring into the working tree; sorted."""
        return sorted(path for path in paths if path in self._entries or self._beyond(path))

    def refuse(self, paths: Iterable[str]) -> None:
        """Refuse to write what is outside the sparse checkout."""
        if outside := self.outside(paths):
            raise UserError(self.said(outside), hint=self._hint(outside))

    def said(self, outside: list[str]) -> str:
        """What a plan says about paths that it would have to bring into the working tree."""
        shown = ", ".join(outside[:5]) + (f", and {len(outside) - 5} more" if outside[5:] else "")
        return f"outside the sparse checkout: {shown}"

    @cached_property
    def _cone(self) -> list[PurePosixPath] | None:
        """The folders that are checked out, from the top; None without folders to go by."""
        for name in ("core.sparseCheckout", "core.sparseCheckoutCone"):
            if git.output("config", "--type=bool", name, cwd=self.root) != "true":
                return None
        listed = git.output("-c", "core.quotePath=false", "sparse-checkout", "list", cwd=self.root)
        return [PurePosixPath(line) for line in (listed or "").splitlines()]

    def _beyond(self, path: str) -> bool:
        """Whether a new file would be outside: neither in a folder of the cone nor above one."""
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
