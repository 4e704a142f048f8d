"""Generate a fleet: copies of forty real repositories, in which a seeded script edits the documents.

Four of the forty are the filled-in examples, the others are what `mlcharter new` makes for other
tracks, tiers and layouts. An edit fills in sections, empty values of config blocks and owners, and
ticks items, as a team would, each by chance. No two documents are alike. What is not edited is
hard-linked, so that ten thousand repositories fit on a disk.
"""

import itertools
import os
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261130
EXAMPLES = ("applied", "rag", "rl", "applied")
TRACKS = (("applied",), ("rag",), ("rl",), ("platform",), ("applied", "platform"), ("rag", "rl"))
TIERS = ("prototype", "production", "critical")
LAYOUTS = ("documents", "full")
WHO = ("-c", "user.name=a", "-c", "user.email=a@acme.example")
_PLACEHOLDER = re.compile(r"^Not written yet\.$", re.MULTILINE)
_NULL = re.compile(r"^( *(?:- )?[a-z_]+: )null$", re.MULTILINE)
_OPEN = re.compile(r"^- \[ \] ", re.MULTILINE)


@dataclass(frozen=True)
class Seed:
    """A repository that is copied: its folder, the texts of its documents, and its `.git`."""

    root: Path
    documents: dict[str, str]
    history: Path


def seeds(into: Path) -> list[Seed]:
    """Return the forty repositories that a fleet consists of; made in a folder, if it lacks them."""
    made = []
    for number, name in enumerate(EXAMPLES):
        root = into / f"example{number}"
        if root.exists():
            made.append(_read(root))
            continue
        tracked = git("-C", str(ROOT / "examples" / name), "ls-files", "-z").split("\0")
        for path in filter(None, tracked):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "examples" / name / path, root / path)
        made.append(commit(root))
    for number, (tracks, tier, layout) in enumerate(itertools.product(TRACKS, TIERS, LAYOUTS)):
        root = into / f"new{number:02}"
        if root.exists():
            made.append(_read(root))
            continue
        words = [sys.executable, "-m", "mlcharter", "new", str(root), "--defaults", "--no-git"]
        words += ["--tier", tier, "--data", f"layout={layout}"]
        words += [word for track in tracks for word in ("--track", track)]
        subprocess.run(words, check=True, capture_output=True)
        made.append(commit(root))
    return made


def commit(root: Path) -> Seed:
    """Commit a repository, in one pack beside it, and return it."""
    into = root.with_name(f"{root.name}.git")
    git("init", "--quiet", "--bare", str(into))
    at = (f"--git-dir={into}", f"--work-tree={root}")
    git(*at, "add", "--all")
    git(*at, *WHO, "commit", "--quiet", "--message=reviewed")
    git(*at, "repack", "-a", "-d", "-q")
    git(*at, "config", "core.bare", "false")
    return _read(root)


def _read(root: Path) -> Seed:
    paths = [path for path in sorted(root.rglob("*.md")) if path.parent != root]
    texts = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths}
    return Seed(root, texts, root.with_name(f"{root.name}.git"))


def make(made: list[Seed], into: Path, count: int) -> list[Path]:
    """Write `count` repositories; return their folders."""
    folders = []
    for number in range(count):
        seed = made[number % len(made)]
        chance = random.Random(SEED + number)
        folder = into / f"r{number:05}"
        shutil.copytree(seed.root, folder, copy_function=os.link)
        shutil.copytree(seed.history, folder / ".git", copy_function=os.link)
        for path, text in seed.documents.items():
            (folder / path).unlink()
            (folder / path).write_text(edit(text, number, chance), encoding="utf-8")
        folders.append(folder)
    return folders


def edit(text: str, number: int, chance: random.Random) -> str:
    """Return a document as a team might have changed it."""
    filled = f"For system {number} this was decided in week {chance.randrange(1, 53)}, see the log."
    text = _PLACEHOLDER.sub(lambda found: _perhaps(chance, 0.6, filled, found), text)
    text = _NULL.sub(
        lambda found: _perhaps(chance, 0.3, f"{found[1]}{chance.randrange(1, 100)}", found), text
    )
    text = _OPEN.sub(lambda found: _perhaps(chance, 0.2, "- [x] ", found), text)
    return text.replace(".\n", f", as in system {number}.\n", 1)


def _perhaps(chance: random.Random, share: float, new: str, found: re.Match[str]) -> str:
    return new if chance.random() < share else found[0]


def mirror(made: list[Path], into: Path) -> Path:
    """Make a bare repository of each repository, in one pack as a fetch leaves it."""
    for clone in made:
        bare = into / f"{clone.name}.git"
        shutil.copytree(clone / ".git", bare, copy_function=shutil.copy2)
        at = (f"--git-dir={bare}", f"--work-tree={clone}")
        git(*at, "add", "--all")
        git(*at, *WHO, "commit", "--quiet", "--message=all")
        git(*at, "repack", "-a", "-d", "-q")
        git(f"--git-dir={bare}", "config", "core.bare", "true")
    return into


def git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout
