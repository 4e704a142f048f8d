"""Rebuild the recorded repositories, adopt and update them, and count what changes."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import inference
from click.testing import CliRunner, Result
from inference import LISTINGS

from mlcharter.cli import cli
from mlcharter.template import answers

# Other answers for the update, one after the other; a track that is there already is another's.
CHANGES = (
    ("--track", "rl", "--tier", "critical"),
    ("--track", "rag", "--track", "platform"),
    ("--tier", "prototype"),
    ("--track", "applied", "--track", "rag", "--track", "rl", "--track", "platform"),
)
TEAM = "We measured {n} of them in week {n}, for {path}."


@dataclass(frozen=True)
class Adoption:
    """The result of adopting and updating one repository."""

    repository: str
    files: int
    changed: int
    findings: int
    updated: int
    proposed: list[str]
    expected: list[str]
    written: int
    lost: int
    conflicts: int


def adoptions(only: str = "") -> Iterator[Adoption]:
    """Adopt and update each recorded repository whose name contains a text."""
    changes = cycle(CHANGES)
    for listing in json.loads(LISTINGS.read_text(encoding="utf-8")):
        if only in listing["repository"]:
            with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder, _as_someone(folder):
                yield adoption(listing, Path(folder, "repository"), next(changes))


@contextmanager
def _as_someone(folder: str) -> Iterator[None]:
    """Set an author for Git commits, without the configuration of this machine."""
    config = Path(folder, "gitconfig")
    config.write_text("[user]\n name = Ada\n email = ada@acme.example\n")
    named = {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
    before = {name: os.environ.get(name) for name in named}
    os.environ.update(named)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def adopted(listing: dict[str, Any], options: tuple[str, ...]) -> Iterator[Path]:
    """Rebuild one recorded repository in a new folder, and adopt it with these options."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder, _as_someone(folder):
        root = Path(folder, "repository")
        rebuild(listing, root)
        run("adopt", root, "--yes", *options)
        yield root


def rebuild(listing: dict[str, Any], root: Path) -> dict[str, str]:
    """Rebuild and commit a repository; return the text of each file by its path."""
    root.mkdir()
    inference.rebuild(listing, root, invented)
    _git(root, "init", "--quiet", "--initial-branch=main")
    _git(root, "remote", "add", "origin", listing["remote"])
    return _commit(root)


def adoption(listing: dict[str, Any], root: Path, change: tuple[str, ...]) -> Adoption:
    """Adopt one repository, update it, let a team write, and update it with other answers."""
    before = rebuild(listing, root)
    run("adopt", root, "--yes")
    adopted = _commit(root)
    failing = _failing(root)
    run("update", root, "--defaults")
    updated = _commit(root)
    lines = write(root, [path for path in updated if path not in before])
    filled = _commit(root)
    result = run("update", root, "--defaults", *change)
    after = _commit(root)
    left = "\n".join(after.values())
    lost = [line for line in lines if line not in left]
    return Adoption(
        listing["repository"],
        len(before),
        sum(now.get(path) != text for now in (adopted, after) for path, text in before.items()),
        failing,
        sum(adopted.get(path) != updated.get(path) for path in {*adopted, *updated}),
        _tracks(root, adopted),
        listing["expected"]["tracks"],
        len(lines),
        len(lost),
        result.output.count("conflict") if filled != after else 0,
    )


def invented(path: str) -> str:
    """Return short synthetic content for a file of which only the name is known."""
    name = path.rpartition("/")[2]
    if name == ".copier-answers.yml":
        return "_commit: 2025.01.22\n_src_path: gh:scientific-python/cookie\nproject_name: theirs\n"
    if name == ".pre-commit-config.yaml":
        return "repos: []\n"
    if path.endswith((".yml", ".yaml")):
        return "name: theirs\n"
    if path.endswith((".md", ".rst", ".txt")):
        return f"# {name}\n\nWhat was written before the charter came.\n"
    return f"# {path}\n"


def write(root: Path, paths: list[str]) -> list[str]:
    """Write a team's lines into documents: in the first empty section, and at the end."""
    lines = []
    for n, path in enumerate(path for path in paths if path.endswith(".md")):
        file = root / path
        first, last = (TEAM.format(n=n * 2 + more, path=path) for more in (0, 1))
        text = file.read_text(encoding="utf-8")
        if "Not written yet." in text:
            text = text.replace("Not written yet.", first, 1)
            lines.append(first)
        file.write_text(f"{text}\n{last}\n", encoding="utf-8")
        lines.append(last)
    return lines


def run(command: str, root: Path, *words: str) -> Result:
    result = CliRunner().invoke(cli, [command, str(root), *words])
    if result.exit_code == 2 or (result.exception and result.exit_code not in (0, 1)):
        raise RuntimeError(f"{command} in {root}: {result.output}") from result.exception
    return result


def _failing(root: Path) -> int:
    """Return how many findings fail at draft."""
    result = run("check", root, "--level", "draft", "--format", "json", "--no-cache")
    return sum(found["outcome"] == "fails" for found in json.loads(result.stdout)["findings"])


def _tracks(root: Path, files: dict[str, str]) -> list[str]:
    """Return the tracks that an adoption recorded."""
    place = answers.BESIDE if answers.BESIDE in files else answers.ANSWERS
    lines = files[place].partition("\ntracks:\n")[2].splitlines()
    return [line.removeprefix("- ") for line in lines if line.startswith("- ")]


def _commit(root: Path) -> dict[str, str]:
    """Commit everything; return the text of each file by its path."""
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "--message", "more")
    listed = _git(root, "ls-files", "-z").rstrip("\0").split("\0")
    return {path: (root / path).read_text(encoding="utf-8") for path in listed}


def _git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
