"""What tool calls leave behind, in one SQLite file: calls, approvals and the audit log.

A row of `calls` with the state `intent` is written before a tool runs. One that stays is a crash,
or a tool that runs now: nobody knows whether it took effect. The view `dead_letters` has these, and
the calls that failed for good. The log has a row for each event, chained by digests; it holds
digests of arguments and results, which `calls` may lose for privacy. Whoever can write the file can
forge an approval: only the gate may. Ship the newest row's digest elsewhere (the spans carry it).
"""

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ... import digests
from ..egress import RefusedError

TABLES = """
CREATE TABLE IF NOT EXISTS calls (
  key TEXT PRIMARY KEY, session TEXT, caller TEXT, tool TEXT, arguments TEXT, digest TEXT,
  state TEXT, result TEXT, started REAL, deadline REAL);
CREATE TABLE IF NOT EXISTS approvals (
  token TEXT PRIMARY KEY, bound TEXT, approver TEXT, expires REAL, used REAL);
CREATE TABLE IF NOT EXISTS log (
  n INTEGER PRIMARY KEY, at REAL, session TEXT, caller TEXT, tool TEXT, event TEXT, key TEXT,
  cost REAL, detail TEXT, previous TEXT, digest TEXT);
CREATE INDEX IF NOT EXISTS by_session ON log (session, event);
CREATE INDEX IF NOT EXISTS by_tool ON log (tool, at);
CREATE VIEW IF NOT EXISTS dead_letters AS SELECT * FROM calls
  WHERE state = 'failed' OR state = 'intent' AND deadline < CAST(strftime('%s', 'now') AS REAL);
"""
START = "0" * 64  # before the first row
STATES = ("intent", "done", "failed", "undone")  # of a call, each with its event in the log
Head = tuple[int, str]


class TamperedError(ValueError):
    """The log is not what was written: a row was changed, dropped or moved, or a call was."""


class Ledger:
    """The file; each transaction has a connection of its own, so threads and processes may share.

    `clock` returns seconds since 1970.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        path.touch(mode=0o600, exist_ok=True)
        self.path, self.clock = path, clock
        with closing(sqlite3.connect(path)) as database:
            database.executescript(f"BEGIN IMMEDIATE;{TABLES}COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that no other one overlaps; closing undoes it if something raises."""
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")

    def write(self, database: sqlite3.Connection, **fields: str | float) -> Head:
        """Append a row to the log; return its number and digest."""
        last = database.execute("SELECT n, digest FROM log ORDER BY n DESC LIMIT 1").fetchone()
        n, previous = (last["n"] + 1, last["digest"]) if last else (1, START)
        empty = dict.fromkeys(("session", "caller", "tool", "event", "key", "detail"), "")
        row = {"n": n, **empty, **fields, "previous": previous}
        row |= {"at": float(self.clock()), "cost": float(fields.get("cost", 0))}
        row["digest"] = digests.sha256(row)
        columns = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        database.execute(f"INSERT INTO log ({columns}) VALUES ({places})", row)  # noqa: S608
        return n, str(row["digest"])

    def log(self, **fields: str | float) -> None:
        """Append a row in a transaction of its own."""
        with self.transaction() as database:
            self.write(database, **fields)

    def begin(
        self, database: sqlite3.Connection, arguments: str, deadline: float, **fields: Any
    ) -> None:
        """Write a call's intent, in a transaction that the caller commits before it runs."""
        digest, now = digests.sha256(arguments), self.clock()
        names = [fields[name] for name in ("key", "session", "caller", "tool")]
        row = (*names, arguments, digest, now, deadline)
        sql = "REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?, 'intent', NULL, ?, ?)"
        database.execute(sql, row)
        self.write(database, **fields, event="intent", detail=digest)

    def end(self, key: str, state: str, detail: str, result: str | None = None, **who: str) -> None:
        """Write a call's outcome."""
        with self.transaction() as database:
            sql = "UPDATE calls SET state = ?, result = ? WHERE key = ?"
            database.execute(sql, (state, result, key))
            self.write(database, **who, key=key, event=state, detail=detail)

    def head(self) -> Head:
        """Return the number and digest of the last row."""
        with closing(sqlite3.connect(self.path, timeout=10)) as database:
            row = database.execute("SELECT n, digest FROM log ORDER BY n DESC LIMIT 1").fetchone()
        return row or (0, START)

    def approve(self, key: str, bound: str, approver: str, seconds: float) -> str:
        """Return a token for the call with the digest `bound`; the file has only its digest."""
        if not approver:
            raise ValueError("an approval needs the name of who gave it")
        token, expires = secrets.token_urlsafe(32), self.clock() + seconds
        with self.transaction() as database:
            row = (digests.sha256(token), bound, approver, expires)
            database.execute("INSERT INTO approvals VALUES (?, ?, ?, ?, NULL)", row)
            self.write(database, caller=approver, event="approved", key=key, detail=bound)
        return token

    def settle(self, key: str, *, happened: bool, by: str) -> None:
        """Say whether a dead letter took effect; if not, the same call may be made again."""
        with self.transaction() as database:
            state = "done" if happened else "undone"
            sql = "UPDATE calls SET state = ? WHERE key = ? AND state IN ('intent', 'failed')"
            if database.execute(sql, (state, key)).rowcount != 1:
                raise ValueError("no call without a known outcome has this key")
            self.write(database, caller=by, event=state, key=key)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return the calls whose outcome a person must find out."""
        with self.transaction() as database:
            return [dict(row) for row in database.execute("SELECT * FROM dead_letters")]


def use_approval(database: sqlite3.Connection, token: str, bound: str, now: float) -> None:
    """Use a token up; RefusedError if it is unknown, used, expired or for another call."""
    sql = "UPDATE approvals SET used = ? WHERE token = ? AND bound = ? AND used IS NULL"
    found = (now, digests.sha256(token), bound, now)
    if database.execute(f"{sql} AND expires > ?", found).rowcount != 1:
        raise RefusedError("the approval is not for this call, or is used or expired")


def verify(path: Path, head: Head | None = None) -> Head:
    """Return the number and digest of the last row; TamperedError if the log is not whole.

    Rows cut off at the end, and a log that was written anew, are found only with a `head` that was
    kept elsewhere.
    """
    said: dict[str, dict[str, str]] = {}  # the details of a call's events, the last one last
    n, previous, seen = 0, START, head in (None, (0, START))
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        database.execute("BEGIN")
        for row in map(dict, database.execute("SELECT * FROM log ORDER BY n")):
            n += 1
            digest = row.pop("digest")
            if (row["n"], row["previous"], digest) != (n, previous, _digest(row)):
                raise TamperedError(f"row {n} of the log was changed, dropped or moved")
            previous = digest
            seen = seen or head == (n, digest)
            if row["key"] and row["event"] in STATES:
                events = said.setdefault(row["key"], {})
                events.pop(row["event"], None)
                events[row["event"]] = row["detail"]
        if not seen:
            raise TamperedError("the log lacks the row that was kept elsewhere")
        for call in database.execute("SELECT * FROM calls"):
            _compare(call, said.pop(call["key"], {"": ""}))
    if said:
        raise TamperedError(f"the call {next(iter(said))} is in the log and was dropped")
    return n, previous


def _digest(row: Mapping[str, Any]) -> str | None:
    try:
        return digests.sha256(row)
    except (TypeError, ValueError):  # not a type that this module writes
        return None


def _compare(call: sqlite3.Row, events: Mapping[str, str]) -> None:
    texts = {"intent": call["arguments"], "done": call["result"]}  # None: deleted, or not kept
    same = all(
        text is None or _digest(text) == events.get(event)
        for event, text in texts.items()
        if event != "done" or call["state"] == "done"
    )
    if list(events)[-1] != call["state"] or not same:
        raise TamperedError(f"the call {call['key']} is not what the log says")
