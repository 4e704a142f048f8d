"""A team on its way from `new` to its own system, and what that costs it.

`benchmarks/day_one.py` names a file in JOURNEY_COSTS, to which each journey adds a line of JSON.
"""

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

OURS = [sys.executable, "-m", "mlcharter"]  # has the template of this checkout
MLCHARTER = ".venv/bin/mlcharter"
HIDDEN = ("VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "MAKEFLAGS", "MAKELEVEL", "PYTEST_XDIST_WORKER")
GENERATED = (":!proofs.json", ":!reports")
PERSON = {"config-unfilled", "field-empty", "gate-undecided", "section-unfilled"}
"""What only a person can fill in or decide, by the rules that ask for it at level complete."""


def execute(cwd: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run as a person would."""
    env = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    env["OMP_NUM_THREADS"] = "1"  # as in the Makefile; several journeys share the machine
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=3600)


def run(cwd: Path, *words: str, code: int = 0) -> str:
    """Run as a person would; return what is printed."""
    done = execute(cwd, *words)
    assert done.returncode == code, (done.stdout + done.stderr)[-6000:]
    return done.stdout


class Team:
    """A new repository with everything installed, and the work of a team in it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.started, self.cpu = time.monotonic(), cpu_minutes()
        self.tracks = ", ".join(options[1::2])
        run(folder, *OURS, "new", "system", "--defaults", *options)
        self.root = folder / "system"
        self.run("make", "setup")

    def run(self, *words: str, code: int = 0) -> str:
        return run(self.root, *words, code=code)

    def starter(self, *words: str) -> str:
        """Run a command of the starter, commit what it wrote, and return what it printed."""
        printed = self.run(*OURS, "starter", *words)
        self.run("git", "add", "-A")
        self.run("git", "commit", "--no-verify", "-qm", "Put our own data in")
        return printed

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def replace(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace texts of a file, each of which is there once."""
        text = (self.root / path).read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, (path, old, text)
            text = text.replace(old, new)
        self.write(path, text)

    def reasons(self) -> dict[str, str]:
        """Return why each gate is as it is, such as `holds` or `missed`, by its id."""
        reports = sorted(str(path) for path in (self.root / "reports").glob("*.json"))
        words = [MLCHARTER, "gate", "--format", "json", *reports]
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)
        return {v["gate"]: v["reason"] for v in json.loads(done.stdout)["verdicts"]}

    def decide(self) -> dict[str, str]:
        """Let each gate block that holds, as a person does after a look.

        Return why the others do not, by their ids.
        """
        reasons = self.reasons()
        pack = self.root / "docs/eval_pack.md"
        text = pack.read_text(encoding="utf-8")
        for name, reason in reasons.items():
            entry = re.search(rf"^- id: {name}\n(?:  .*\n)*", text, re.MULTILINE)
            if entry and reason == "holds":
                decided = entry[0].replace("on_fail: warn", "on_fail: block")
                decided = decided.replace("decided_on: null", "decided_on: 2026-11-30")
                text = text.replace(entry[0], decided)
        pack.write_text(text, encoding="utf-8")
        return {name: reason for name, reason in reasons.items() if reason != "holds"}

    def finish(self, *, unproven: set[str] | frozenset[str] = frozenset()) -> None:
        """Run all that CI runs and prove each gate; nothing of the starter is left.

        A gate that the system itself misses may be without a proof: a defect that makes it no
        worse shows nothing. What fails at level complete is for a person to write or to decide.
        """
        self.run("make", "test", "eval", "gate")
        proving = subprocess.run(
            [MLCHARTER, "prove"], cwd=self.root, capture_output=True, text=True
        )
        proofs = json.loads((self.root / "proofs.json").read_text(encoding="utf-8"))["proofs"]
        reasons = {name: why for name, why in self.reasons().items() if "/" not in name}
        missing = reasons.keys() - {proof["gate"] for proof in proofs}
        assert {name for name in missing if reasons[name] == "holds"} <= unproven, proving.stdout
        assert proving.returncode in ({0, 1} if missing else {0}), proving.stderr
        self.run("make", "check")
        assert self.run(*OURS, "starter", "list") == "nothing is left of the starter\n"
        assert "nothing to do" in self.run(
            *OURS, "update", "--to", "current", "--defaults", "--allow-dirty"
        )
        printed = self.run(MLCHARTER, "check")
        fails = re.search(r"fails at complete: (.*)", printed)
        assert fails, printed
        rules = {part.split()[1] for part in fails[1].split(", ")}
        assert rules <= PERSON | ({"proof-missing"} if missing else set()), printed

    def print_cost(self, journey: str) -> list[str]:
        """Print minutes, files by hand and lines since the last commit; return these files.

        `journey` says what the team puts in.
        """
        self.run("git", "add", "-A")
        words = ["git", "diff", "--cached", "--numstat", "HEAD", "--", ".", *GENERATED]
        rows = [line.split("\t") for line in self.run(*words).splitlines()]
        added, removed = (sum(int(row[n]) for row in rows) for n in (0, 1))
        minutes = (time.monotonic() - self.started) / 60
        files = [name for _, _, name in rows]
        print(
            f"{minutes:.1f} minutes, {len(files)} files by hand, +{added} -{removed} lines: {files}"
        )
        if record := os.environ.get("JOURNEY_COSTS"):
            cost = {"tracks": self.tracks, "journey": journey, "minutes": minutes, "files": files}
            cost |= {"added": added, "removed": removed, "cpu_minutes": cpu_minutes() - self.cpu}
            with Path(record).open("a", encoding="utf-8") as stream:
                stream.write(f"{json.dumps(cost)}\n")
        return files


def cpu_minutes() -> float:
    """Return the CPU time of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) / 60
