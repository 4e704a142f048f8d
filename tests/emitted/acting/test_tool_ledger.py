"""Crashes, races and forgers: no call acts twice, and no trace of one is lost unseen."""

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from system.rag import tools
from system.rag.egress import RefusedError
from system.rag.tools import Gate, Ledger, TamperedError, UnsettledError, verify
from system.rag.tools.ledger import START

from ._acting import NOTICE, World, rules, session

FORK = multiprocessing.get_context("fork")
BERTH = {"berth": 1}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(sql)


# Crashes


def crash(folder: Path, tool: str, call_id: str = "") -> None:
    """Make a call in a process that ends in the middle of it."""
    world = World(folder)
    world.gate.functions = {tool: lambda context, **arguments: os._exit(9)}
    call = lambda: world.gate.call(session(), tool, BERTH, call_id=call_id)  # noqa: E731
    process = FORK.Process(target=call)
    process.start()
    process.join(20)
    assert process.exitcode == 9


def test_a_crash_is_seen_and_its_call_is_not_repeated(tmp_path: Path) -> None:
    crash(tmp_path, "log-berth")
    world = World(tmp_path)

    with pytest.raises(UnsettledError, match="begun before and is intent"):
        world.gate.call(session(), "log-berth", BERTH)
    assert world.done == []
    [letter] = overdue(world)
    assert (letter["tool"], letter["state"], letter["arguments"]) == (
        *("log-berth", "intent", '{"berth":1}'),
    )
    world.ledger.settle(letter["key"], happened=True, by="ada")
    assert world.gate.call(session(), "log-berth", BERTH) is None
    assert (world.done, overdue(world)) == ([], [])
    assert world.events() == ["intent", "refused", "done", "replayed"]
    verify(world.ledger.path)


def overdue(world: World) -> list[dict[str, Any]]:
    """Return the dead letters when the time of every call is over."""
    change(world.ledger.path, "UPDATE calls SET deadline = 0")
    return world.ledger.dead_letters()


def test_a_call_that_did_not_happen_can_be_made_again(tmp_path: Path) -> None:
    crash(tmp_path, "log-berth")
    world = World(tmp_path)
    [letter] = overdue(world)
    world.ledger.settle(letter["key"], happened=False, by="ada")
    world.gate.call(session(), "log-berth", BERTH)
    assert world.done == [("log-berth", BERTH)]
    verify(world.ledger.path)
    with pytest.raises(ValueError, match="no call without a known outcome"):
        world.ledger.settle(letter["key"], happened=True, by="ada")


def test_an_idempotent_call_is_made_again_after_a_crash_and_the_log_shows_both(
    tmp_path: Path,
) -> None:
    crash(tmp_path, "set-berth", "1")
    world = World(tmp_path)
    for _ in range(2):
        world.gate.call(session(), "set-berth", BERTH, call_id="1")
    assert world.done == [("set-berth", BERTH)]
    assert world.events() == ["intent", "intent", "done", "replayed"]
    verify(world.ledger.path)


def test_a_call_that_runs_is_no_dead_letter(world: World) -> None:
    seen = []
    look = lambda context, berth: seen.append(world.ledger.dead_letters())  # noqa: E731
    world.gate.functions = {"log-berth": look}
    world.gate.call(session(), "log-berth", BERTH)
    assert seen == [[]]


def test_without_a_ledger_that_can_be_written_nothing_is_done(world: World) -> None:
    change(world.ledger.path, "DROP TABLE log")
    with pytest.raises(sqlite3.OperationalError):
        world.gate.call(session(), "log-berth", BERTH)
    assert world.done == []


# Repetitions and races


def test_the_same_call_acts_once_and_gives_the_same_result(world: World) -> None:
    results = [world.gate.call(session(), "log-berth", given) for given in (BERTH, '{"berth": 1}')]
    assert results == [{"done": "log-berth"}] * 2
    assert world.done == [("log-berth", BERTH)]
    world.gate.call(session(), "log-berth", BERTH, call_id="again")
    world.gate.call(session("other"), "log-berth", BERTH)
    assert len(world.done) == 3


def test_what_is_set_again_after_another_value_is_set(world: World) -> None:
    for berth in (1, 2, 1):
        world.gate.call(session(), "set-berth", {"berth": berth})
    assert [arguments["berth"] for _, arguments in world.done] == [1, 2, 1]


def test_a_call_id_is_for_one_set_of_arguments(world: World) -> None:
    world.gate.call(session(), "log-berth", BERTH, call_id="1")
    with pytest.raises(RefusedError, match="used for other arguments"):
        world.gate.call(session(), "log-berth", {"berth": 2}, call_id="1")
    assert world.done == [("log-berth", BERTH)]


def test_no_call_id_is_another_call_without_one(world: World) -> None:
    """A call id that is spelled as arguments must not stand for them."""
    world.gate.call(session(), "log-berth", {"berth": 2}, call_id='{"berth":1}')
    world.gate.call(session(), "log-berth", BERTH)
    assert world.done == [("log-berth", {"berth": 2}), ("log-berth", BERTH)]


def race(folder: Path, act: Callable[[Gate], object], times: int = 6) -> list[str]:
    """Call a gate in several processes at once; return what its functions wrote to a file."""
    (folder / "effects").touch()
    shared, start = rules(folder), FORK.Barrier(times)

    def note(context: object, **arguments: object) -> None:
        with (folder / "effects").open("a") as file:
            file.write(f"{arguments}\n")

    def run() -> None:
        gate = Gate(shared, dict.fromkeys(shared, note), Ledger(folder / "tools.sqlite"))
        start.wait(20)
        try:
            act(gate)
        except RefusedError:
            os._exit(3)
        os._exit(0)

    processes = [FORK.Process(target=run) for _ in range(times)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert {process.exitcode for process in processes} <= {0, 3}
    verify(folder / "tools.sqlite")
    return (folder / "effects").read_text().splitlines()


def test_processes_that_make_the_same_call_at_once_act_once(tmp_path: Path) -> None:
    assert len(race(tmp_path, lambda gate: gate.call(session(), "log-berth", BERTH))) == 1


def test_processes_that_use_one_approval_at_once_act_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(tools.ApprovalNeededError) as needed:
        world.gate.call(session(), "send-notice", NOTICE)
    token = Gate.approve(world.gate, needed.value.request, "harbour-master", 10**9)
    ask = {"approval": token}
    assert len(race(tmp_path, lambda gate: gate.call(session(), "send-notice", NOTICE, **ask))) == 1


def test_processes_share_the_steps_of_a_session(tmp_path: Path) -> None:
    def act(gate: Gate) -> None:
        for n in range(3):
            gate.call(session(steps=5), "set-berth", {"berth": os.getpid() * 10 + n})

    assert len(race(tmp_path, act)) == 5


# Forgers


@pytest.fixture
def written(world: World) -> Path:
    for berth in (1, 2, 3):
        world.gate.call(session(), "log-berth", {"berth": berth})
    assert verify(world.ledger.path) == world.ledger.head()
    return world.ledger.path


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("UPDATE log SET caller = 'eve' WHERE n = 2", "row 2 of the log was changed"),
        ("UPDATE log SET at = at + 1 WHERE n = 3", "row 3 of the log was changed"),
        ("UPDATE log SET detail = NULL WHERE n = 3", "row 3 of the log was changed"),
        ("UPDATE log SET detail = x'00' WHERE n = 3", "row 3 of the log was changed"),
        ("UPDATE log SET at = 9e999 WHERE n = 3", "row 3 of the log was changed"),
        ("DELETE FROM log WHERE n = 1", "row 1 of the log was changed, dropped or moved"),
        ("DELETE FROM log WHERE n = 4", "row 4 of the log was changed, dropped or moved"),
        ("UPDATE log SET n = CASE n WHEN 4 THEN 40 ELSE n END", "row 4 of the log"),
        ("UPDATE log SET n = -n WHERE n IN (5, 6)", "row 1 of the log"),
        ("DELETE FROM calls WHERE arguments LIKE '%2%'", "is in the log and was dropped"),
        ("UPDATE calls SET state = 'undone' WHERE arguments LIKE '%2%'", "is not what the log"),
        ("UPDATE calls SET arguments = '{\"berth\":9}' WHERE rowid = 2", "is not what the log"),
        ("UPDATE calls SET result = '{}' WHERE rowid = 2", "is not what the log"),
        ("UPDATE calls SET key = 'other' WHERE rowid = 2", "is not what the log"),
        ("INSERT INTO calls (key, state) VALUES ('new', 'done')", "is not what the log"),
    ],
)
def test_the_verifier_finds_what_was_changed(written: Path, sql: str, message: str) -> None:
    change(written, sql)
    with pytest.raises(TamperedError, match=message):
        verify(written)


def test_two_rows_that_changed_places_are_found(written: Path) -> None:
    for sql in ("n = 99 WHERE n = 3", "n = 3 WHERE n = 4", "n = 4 WHERE n = 99"):
        change(written, f"UPDATE log SET {sql}")
    with pytest.raises(TamperedError, match="row 3"):
        verify(written)


def test_a_log_that_was_cut_or_written_anew_is_found_by_a_kept_row(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    worlds = [World(tmp_path / "old"), World(tmp_path / "new")]
    for world in worlds:
        for berth in (1, 2):
            world.gate.call(session(world.ledger.path.parent.name), "log-berth", {"berth": berth})
    old, new = worlds
    kept = old.ledger.head()
    assert verify(old.ledger.path, kept) == kept
    assert verify(old.ledger.path, (0, START)) == kept
    assert verify(new.ledger.path)[0] == kept[0]
    with pytest.raises(TamperedError, match="lacks the row that was kept"):
        verify(new.ledger.path, kept)

    last = "SELECT key FROM calls ORDER BY rowid DESC LIMIT 1"
    change(old.ledger.path, f"DELETE FROM log WHERE key = ({last})")
    change(old.ledger.path, f"DELETE FROM calls WHERE key = ({last})")
    assert verify(old.ledger.path)[0] == kept[0] - 2, "whole in itself"
    with pytest.raises(TamperedError, match="lacks the row that was kept"):
        verify(old.ledger.path, kept)


def test_the_next_row_after_a_forged_one_does_not_hide_it(written: Path, world: World) -> None:
    change(written, "UPDATE log SET caller = 'eve' WHERE n = 6")
    world.gate.call(session(), "log-berth", {"berth": 4})
    with pytest.raises(TamperedError, match="row 6"):
        verify(written)


def test_texts_of_people_can_be_deleted_and_the_log_stays_whole(written: Path) -> None:
    assert b"berth" in written.read_bytes()
    change(written, "UPDATE calls SET arguments = NULL, result = NULL")
    verify(written)
    with closing(sqlite3.connect(written)) as database:
        assert "berth" not in str(database.execute("SELECT * FROM log WHERE tool = ''").fetchall())


def test_the_file_has_no_token_and_only_its_owner_reads_it(world: World) -> None:
    with pytest.raises(tools.ApprovalNeededError) as needed:
        world.gate.call(session(), "send-notice", NOTICE)
    token = world.gate.approve(needed.value.request, "harbour-master")
    assert token.encode() not in world.ledger.path.read_bytes()
    assert stat.S_IMODE(world.ledger.path.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="name of who gave it"):
        world.gate.approve(needed.value.request, "")


def test_the_command_verifies_a_log_and_lists_dead_letters(written: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "system.rag.tools", str(written), *words]
        return subprocess.run(command, capture_output=True, text=True)

    n, digest = verify(written)
    assert run().stdout == f"6 rows, the last is {digest}\n"
    assert run(str(n), digest).returncode == 0
    cut = run("7", digest)
    assert (cut.returncode, cut.stderr) == (
        *(1, "error: the log lacks the row that was kept elsewhere\n"),
    )
