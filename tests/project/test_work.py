"""How much work a command does, counted, for the same input: the cause of most slowness.

A number that grows needs a reason in the commit that accepts it. `make bench` measures time.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout import ROOT

HEAD = """\
Work of each command, in this order: files of the repository and of the template that are opened,
documents and config blocks parsed, config blocks validated, Jinja templates compiled, rules and
kinds of config blocks imported, Git processes started.

"""

OLD = 3  # seconds; a result is not cached if a file changed up to 2 seconds before the check


def count(repository: Path, *arguments: object) -> dict[str, int]:
    into = repository.parent / "counts.json"
    script = Path(__file__).parents[1] / "counting.py"
    words = [sys.executable, str(script), str(repository), str(into), *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode in (0, 1) and not done.stderr, done.stdout + done.stderr
    return dict(json.loads(into.read_text()))


def test_commands_do_as_much_work_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Callable[[str, str], None]
) -> None:
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    rag, made = tmp_path / "rag", tmp_path / "made"
    shutil.copytree(ROOT / "examples/rag", rag)
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run(["git", *words], cwd=rag, check=True, capture_output=True)

    time.sleep(OLD)
    rows = {"--help": count(rag, "--help")}
    rows["check --no-cache"] = count(rag, "check", "--no-cache", rag)
    rows["check, the first time"] = count(rag, "check", rag)
    rows["check, nothing changed"] = count(rag, "check", rag)
    with (rag / "ops/runbook.md").open("a") as file:
        file.write("\nOne sentence more.\n")
    time.sleep(OLD)
    rows["check, one document changed"] = count(rag, "check", rag)
    rows["check of one document"] = count(rag, "check", rag / "ops/runbook.md")
    bare = ("clone", "--quiet", "--bare", str(rag), str(tmp_path / "rag.git"))
    subprocess.run(["git", *bare], check=True, capture_output=True)
    for place in (rag, tmp_path / "rag.git"):
        rows[f"fleet check {place.name}"] = count(rag, "fleet", "check", place, "--no-cache")
    rows["status"] = count(rag, "status", rag)
    rows["gate"] = count(rag, "gate", "--explain", "--pack", rag / "docs/eval_pack.md")
    rows["explain"] = count(rag, "explain", "gate")
    rows["new --defaults"] = count(made, "new", "--defaults", made)

    columns = next(iter(rows.values()))
    lines = [f"{'':30}" + "".join(f"{name:>10}" for name in columns)]
    lines += [
        f"{name:30}" + "".join(f"{n:>10}" for n in row.values()) for name, row in rows.items()
    ]
    golden("work.txt", HEAD + "\n".join(lines) + "\n")
