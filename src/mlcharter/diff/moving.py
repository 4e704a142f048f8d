"""Find the files of a charter at the base: in its folder, or in the one that it was moved from."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from mlcharter.support import git, objects
from mlcharter.support.files import Above, Tree
from mlcharter.support.objects import GitTree
from mlcharter.template import answers


def open_below(root: Path, open_folder: Callable[[Path], Tree]) -> Tree:
    """Return the files of a folder; below the top of a repository also those above it."""
    tree = open_folder(root)
    if prefix := git.output("rev-parse", "--show-prefix", cwd=root):
        tree.above = Above(open_folder(_find_top(root)), prefix)
    return tree


def _find_top(root: Path) -> Path:
    hint = "run it in a work tree"
    return Path(git.required_output("rev-parse", "--show-toplevel", cwd=root, hint=hint))


def open_base(root: Path, commit: str, open_now: Callable[[Path], Tree]) -> tuple[Tree, str] | None:
    """Return a charter's files in a commit, and a note if they were in another folder there.

    None if the charter is new. `open_now` opens a folder as the change has it.
    """
    prefix = git.output("rev-parse", "--show-prefix", cwd=root) or ""
    if git.output("rev-parse", "--verify", "--quiet", f"{commit}:{prefix}", cwd=root):
        tree = open_below(root, partial(objects.committed, ref=commit))
        if answers.is_charter(tree):
            return tree, ""
        tree.close()
    top = _find_top(root)
    whole, now, here = objects.committed(top, commit), open_now(top), open_now(root)
    folders = _list_charters(whole)
    gone = [folder for folder in folders if not answers.is_charter(now, folder)]
    found = max(gone, key=lambda folder: _count_common(whole, folder, here), default=None)
    for read in (whole, now, here):
        read.close()
    if found is None:
        return None
    note = f"the charter was in {found or './'} at the base, and is compared with that"
    if others := [folder or "./" for folder in gone if folder != found]:
        note += f"; nothing is compared with those that were in {', '.join(others)}"
    tree = objects.committed(top, commit, found)
    tree.above = Above(whole, found) if found else None
    return tree, note


def _list_charters(tree: GitTree) -> list[str]:
    """Return the folders with a charter, each with `/` at its end."""
    paths = (path.rpartition("/") for path in tree.paths)
    folders = {folder + slash for folder, slash, name in paths if name in answers.FILES}
    return sorted(folder for folder in folders if answers.is_charter(tree, folder))


def _count_common(old: GitTree, folder: str, new: Tree) -> int:
    """Return how many files of a folder are also in the new one."""
    inner = (path.removeprefix(folder) for path in old.paths if path.startswith(folder))
    return sum(map(new.is_file, inner))
