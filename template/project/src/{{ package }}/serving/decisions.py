"""The decisions of a policy and what came of them: a file of JSON lines for each policy.

A line is written before its action leaves the service; an action that cannot be logged stays in.
The kill-switch is computed from the lines, so a restart finds it as it was. Keep the folder: it is
DECISIONS, by default build/decisions. `python -m <package>.serving.decisions FILE…` prints the
episodes that have all their outcomes as CSV, in the columns of data/log.csv.
"""

import csv
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from ..digests import canonical
from ..parsing import parsed
from ..rl.rollout import KillSwitch

WAITING = 100_000
"""Decisions that may wait for their outcome, and open episodes; the oldest are forgotten."""
Row = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=100)]


def folder() -> Path:
    return Path(os.environ.get("DECISIONS", "build/decisions"))


class Outcome(BaseModel):
    """What the caller saw of an action; report them in order.

    `violation` is its name in the taxonomy of the runbook. `ended` says whether the task ended
    with this action, or was only cut off; None: the episode goes on.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    decision: Name
    reward: FiniteFloat
    violation: Name | None = None
    ended: Literal["terminated", "truncated"] | None = "terminated"


class Decisions:
    """The log of one policy, and the kill-switch over its episodes."""

    def __init__(self, folder: Path, version: str, switch: KillSwitch) -> None:
        """Open the log and replay it; a ValueError where a line of it is damaged."""
        self.version, self.switch = version, switch
        self._waiting: dict[str, str] = {}
        self._violated: dict[str, bool] = {}
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{version}.jsonl"
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._take(parsed(line))
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if whole != data:  # A crash broke off the last line; nobody was told that it was written.
            os.truncate(path, len(whole))

    def decided(self, row: Row) -> None:
        """Log an action that is about to go out."""
        self._write({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **row})

    def learn(self, outcome: Outcome) -> bool:
        """Log an outcome, and let the kill-switch see it; False for an unknown decision."""
        known = outcome.decision in self._waiting
        if known:
            self._write(outcome.model_dump())
        return known

    def _write(self, row: Row) -> None:
        os.write(self._file, canonical(row) + b"\n")
        self._take(row)

    def _take(self, row: Row) -> None:
        """Change the state by a line; an episode counts once, at its first violation or its end."""
        if "action" in row:
            _put(self._waiting, row["decision"], row["episode"])
            if row["policy_version"] == self.version:  # The baseline's actions are not judged.
                _put(self._violated, row["episode"], self._violated.get(row["episode"], False))
            return
        episode = self._waiting.pop(row["decision"], None)
        violated = self._violated.get(episode) if episode is not None else None
        if episode is None or violated is None:
            return
        if row["violation"] is not None and not violated:
            self._violated[episode] = True
            self.switch.record(violated=True)
        elif row["ended"] is not None and not violated:
            self.switch.record(violated=False)
        if row["ended"] is not None:
            del self._violated[episode]


def _put(into: dict[str, Any], key: str, value: Any) -> None:
    into[key] = value
    if len(into) > WAITING:
        del into[next(iter(into))]


def joined(lines: Iterable[str]) -> list[Row]:
    """Rows of a log: decisions with their outcomes, of episodes that ended and have them all."""
    episodes: dict[str, dict[str, Row]] = {}
    outcomes: dict[str, Row] = {}
    for row in map(parsed, lines):
        if "action" in row:
            episodes.setdefault(row["episode"], {})[row["decision"]] = row
        else:
            outcomes[row["decision"]] = row
    return [
        {
            **{name: value for name, value in row.items() if name != "decision"},
            "reward": outcomes[decision]["reward"],
            "violation": int(outcomes[decision]["violation"] is not None),
            "terminated": int(outcomes[decision]["ended"] == "terminated"),
        }
        for decisions in episodes.values()
        if decisions.keys() <= outcomes.keys() and any(outcomes[d]["ended"] for d in decisions)
        for decision, row in decisions.items()
    ]


def main() -> None:
    """Print the joined rows of the files."""
    lines = [line for name in sys.argv[1:] for line in Path(name).read_text("utf-8").splitlines()]
    if rows := joined(lines):
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
