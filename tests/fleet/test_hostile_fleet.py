"""Hostile repositories, and a kill, change nothing about the others of a fleet."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile_sizes import COUNTS
from test_fleet_check import charter, check, commit, git
from test_fleet_update import Found, _cache, found, history
from test_untrusted_documents import BLOCKS, BOMB, HIDDEN, UNREADABLE
from test_untrusted_git import test_a_repositorys_configuration_starts_nothing as git_configs
from test_untrusted_inputs import CASES
from test_untrusted_output import CORPUS
from test_untrusted_sizes import DOCUMENTS

from mlcharter.fleet import lines, reporting

__all__ = ["_cache", "found", "history"]  # fixtures

PACK = "docs/eval_pack.md"
HEALTHY = ("a", "m", "z")
Spoil = Callable[[Path], None]


def write(path: str, text: str, *, append: bool = False) -> Spoil:
    def spoil(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        before = (root / path).read_text() if append else ""
        data = f"{before}\n{text}\n".encode(errors="surrogateescape")
        (root / path).write_bytes(data)

    return spoil


def unreadable(path: str, spoil: Spoil) -> Spoil:
    def do(root: Path) -> None:
        (root / path).touch()
        spoil(root / path)

    return do


def configured(config: str) -> Spoil:
    def spoil(root: Path) -> None:
        commit(root)
        (root / ".gitattributes").write_text("* filter=x diff=x\n*.md filter=a=b\n")
        with (root / ".git/config").open("a") as file:
            file.write(config.format(marker=root.parent.parent / "started"))

    return spoil


def many(size: int, files: Callable[[int], dict[str, str]]) -> Spoil:
    def spoil(root: Path) -> None:
        for path, text in files(size).items():
            write(path, text)(root)

    return spoil


def corpus() -> Iterator[Spoil]:
    """Yield what each hostile input of tests/untrusted does to a repository."""
    for path in (PACK, ".copier-answers.yml", ".mlcharter.yml"):
        yield from (unreadable(path, spoil) for spoil, _ in UNREADABLE.values())
        yield from (
            write(path, text) for text in (BOMB, "[" * 50_000, "tracks: [" + "a, " * 60_000)
        )
    yield from (write(PACK, text, append=True) for text, _ in HIDDEN.values())
    for block, _ in BLOCKS.values():
        yield write(PACK, f"<!-- config: gates -->\n```yaml\n{block}\n```", append=True)
    for text in ("[" * 100_000, '{"version": 1e999}', "\udcff", "{}"):
        yield write(".mlcharter-baseline.json", text)
    yield from (spoil for spoil, _, _ in CASES.values())
    yield from (write(PACK, text) for text in DOCUMENTS.values())
    yield from (many(*case) for case in COUNTS.values())
    [marked] = (mark for mark in git_configs.pytestmark if mark.name == "parametrize")
    yield from (configured(config) for config in marked.args[1])


def names() -> Iterator[str]:
    """Yield the hostile texts that can be the name of a folder."""
    for parameters in CORPUS:
        text = str(parameters.values[-1])
        if "/" not in text and "\0" not in text and len(text.encode(errors="replace")) < 200:
            yield f"n{text}"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "fleet"
    subprocess.run(["rm", "-rf", str(tmp_path / "fleet")], check=True)  # Python recurses too


@pytest.mark.journey
@pytest.mark.hostile("a repository among others")
def test_the_healthy_ones_have_the_same_results_among_all_hostile_ones(fleet: Path) -> None:
    for name in HEALTHY:
        charter(fleet / name)
    alone = {row.name: row for row in check(fleet)}
    spoils = list(corpus())
    for number, spoil in enumerate(spoils):
        spoil(charter(fleet / f"hostile-{number}"))
    named = list(names())
    for name in named:
        charter(fleet / name)

    rows = check(fleet, processes=2)

    print(f"{len(spoils)} hostile repositories, {len(named)} hostile names")
    assert len(rows) == len(HEALTHY) + len(spoils) + len(named) > 150
    assert {row.name: row for row in rows if row.name in HEALTHY} == alone
    assert [row.name for row in rows if row.passes] == []
    assert [row.error for row in rows if "mlcharter failed" in row.error] == []
    assert not (fleet.parent / "started").exists()
    for row in rows:
        for format_ in ("text", "jsonl"):
            line = lines.render(row, format_).rstrip("\n")
            assert "\n" not in line and not line.startswith("::")
            assert "\x1b" not in line.replace("\x1b[3", "").replace("\x1b[0m", "")  # our colours


def start(*words: str | Path, into: Path, until: int) -> None:
    """Start a command, and kill it when it has printed that many lines."""
    command = [sys.executable, "-m", "mlcharter", "fleet", *map(str, words), "--format", "jsonl"]
    with into.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
    while into.read_bytes().count(b"\n") < until:
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def run(*words: str | Path) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "mlcharter", "fleet", *map(str, words), "--format", "jsonl"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def commits(place: Path) -> bytes:
    """Count the commits on the branch of updates."""
    count = ["git", "-C", str(place), "rev-list", "--count", "HEAD..mlcharter-update"]
    return subprocess.run(count, capture_output=True, check=True).stdout


def test_a_check_that_was_killed_and_run_again_has_each_repository_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for number in range(60):
        charter(tmp_path / "fleet" / f"r{number:02}", **{"0.9,": f"0.9{number},"})

    start("check", tmp_path / "fleet", "--jobs", "2", into=tmp_path / "killed.jsonl", until=20)
    again = run("check", tmp_path / "fleet", "--jobs", "2")

    shutil.rmtree(tmp_path / "cache")
    assert again == run("check", tmp_path / "fleet", "--jobs", "2")
    assert [row["name"] for row in again] == [f"r{number:02}" for number in range(60)]
    known = [json.loads(line) for line in (tmp_path / "killed.jsonl").read_text().splitlines()[:20]]
    assert known == again[:20]
    (tmp_path / "again.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in again))
    both = reporting.read([tmp_path / "killed.jsonl", tmp_path / "again.jsonl"])
    assert len(reporting.summarise(both).repositories) == 60


def test_an_update_that_was_killed_and_run_again_is_made_once(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = found(where="fleet/r0", layout="documents")
    for number in range(1, 8):
        git(tmp_path, "clone", "--quiet", str(first), str(tmp_path / f"fleet/r{number}"))
    words = ("update", tmp_path / "fleet", "--to", "v2.0.0", "--jobs", "1")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))

    start(*words, into=tmp_path / "killed.jsonl", until=3)
    again = run(*words)

    states = [row["state"] for row in again]
    assert set(states) == {"waiting", "updated"} and states[:3] == ["waiting"] * 3
    for number in range(8):
        place = tmp_path / f"fleet/r{number}"
        assert commits(place) == b"1\n"


def test_two_updates_at_once_make_each_branch_once(found: Found, tmp_path: Path) -> None:
    place = found(where="fleet/r0", layout="documents")
    words = ("update", str(tmp_path / "fleet"), "--to", "v2.0.0", "--format", "jsonl")
    command = [sys.executable, "-m", "mlcharter", "fleet", *words]

    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    rows = [json.loads(process.communicate()[0]) for process in both]
    assert sorted(row["state"] for row in rows) == ["updated", "waiting"]
    assert commits(place) == b"1\n"
