"""Measure how long the hook takes for one document, and for a commit without any.

Run by hand: `python benchmarks/hook.py`. CPU seconds, the best of ten runs each.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 10


def best(root: Path, *args: str, edits: str = "") -> float:
    """Return the least CPU seconds of a program; before each run, a line is added to `edits`."""
    seconds = []
    for _ in range(RUNS):
        if edits:
            with (root / edits).open("a", encoding="utf-8") as file:
                file.write("\nOne more line.\n")
        before = os.times()
        subprocess.run([sys.executable, *args], cwd=root, capture_output=True)
        after = os.times()
        seconds.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    return min(seconds)


def main() -> None:
    program = ("-m", "mlcharter")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "harbour"
        options = ["--defaults", "--no-git", "--data", "layout=documents"]
        subprocess.run(
            [sys.executable, *program, "new", str(root), *options], capture_output=True, check=True
        )
        start = best(root, *program, "--version")
        path = "docs/design_doc.md"
        whole = best(root, *program, "check", "--changed", path, edits=path)
        none = best(root, *program, "check", "--changed")
    print(f"start      {1000 * start:4.0f} ms")
    print(f"whole      {1000 * whole:4.0f} ms")
    print(f"one file   {1000 * (whole - start):4.0f} ms after start, of 300 that are allowed")
    print(f"none       {1000 * (none - start):4.0f} ms after start")


if __name__ == "__main__":
    main()
