"""Judge a change of a repository: find its base, compare, and count the approvals."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from mlcharter.charter import allowed_signers
from mlcharter.charter.charter import Charter
from mlcharter.diff import approvals, bases, comparing, moving, signing, updates
from mlcharter.diff.difference import Comparison
from mlcharter.support import git, objects
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Tree
from mlcharter.template import answers

_STATUS = ("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none")


def judge(
    root: Path,
    ref: str | None,
    open_charter: Callable[[Tree], Charter],
    *,
    staged: bool,
    approval_files: Sequence[Path],
    foresee: updates.Foresee,
) -> Comparison:
    """Return what the files of a folder, or those that are staged, change, and who approved it.

    `ref` names the base; `open_charter` opens the charter of a tree. `foresee` says what an update
    of the template changes.
    """
    clean = not staged and git.output(*_STATUS, cwd=root) == ""
    open_now = _opener(staged, clean)
    base = bases.find(root, "HEAD" if staged else ref)
    # Hosts look for files from the top of the repository, wherever this runs.
    prefix = git.output("rev-parse", "--show-prefix", cwd=root) or ""
    if base is None:
        note = "there is no commit yet, so there is nothing to weaken"
        return Comparison(prefix, "an empty repository", (), (note,))
    now = moving.open_below(root, open_now)
    before = moving.open_base(root, base.commit, open_now)
    if before is None:
        if not answers.is_charter(now):
            raise UserError(f"there is no charter in {root}", hint="name its folder: `-C FOLDER`")
        note = "the base has no charter here, so all of it is new, and there is nothing to weaken"
        return Comparison(prefix, base.shown, (), (note,))
    tree, moved = before
    old, new = open_charter(tree), open_charter(now)
    comparison = comparing.compare(old, new, base.shown, prefix)
    if comparison.fails and old.answers.commit != new.answers.commit:
        comparison = updates.explain(comparison, old, new, foresee, open_charter)
    notes = comparison.notes if comparison.differences else base.notes
    notes = (*notes, moved) if moved else notes
    comparison = replace(comparison, notes=notes, commit=base.commit)
    judged = _approve(comparison, old, root, base.commit, clean, approval_files)
    for charter in (old, new):
        charter.close()
        if charter.tree.above:
            charter.tree.above.tree.close()
    return judged


def _approve(
    comparison: Comparison,
    old: Charter,
    root: Path,
    base: str,
    clean: bool,
    approval_files: Sequence[Path],
) -> Comparison:
    """Return a comparison with the approvals of the host, and those by signature if it needs some.

    The teams and the keys of the base count.
    """
    teams = old.settings.teams
    found = approvals.read(approval_files)
    judged = approvals.apply(comparison, found, teams)
    signers = allowed_signers.read(old.tree) if judged.fails else ()
    if signers and clean:
        found = signing.add(found, root, base, signers, datetime.now(UTC))
        return approvals.apply(comparison, found, teams)
    if signers:
        note = "there are uncommitted changes, so no signature of a commit counts"
        return replace(judged, notes=(*judged.notes, note))
    return judged


def _opener(staged: bool, clean: bool) -> Callable[[Path], Tree]:
    """Return what opens a folder: as it is staged, as HEAD has it, or as it is on the disk.

    What HEAD has is judged wherever possible: a filter such as that of Git LFS may show another
    content on the disk, and the next comparison will be with what Git has.
    """
    if staged:
        return objects.staged
    return partial(objects.committed, ref="HEAD") if clean else Folder
