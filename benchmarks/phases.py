"""Measure which phase of `mlcharter check` takes how much of its CPU time, after an edit.

    python benchmarks/phases.py REPOSITORY

prints the CPU seconds of each phase of one process. The phases call the functions that `check`
calls, one after another, so that each has the time of what no earlier phase has done.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

PYTHON = "starting Python"
LIBRARIES = "import click, hashlib, msgspec, yaml"


def steps(root: str) -> dict[str, Callable[[], Any]]:
    """Return what each phase does; imports inside are part of it."""
    kept: dict[str, Any] = {}

    def import_cli() -> None:
        import mlcharter.cli  # noqa: F401

    def import_check() -> None:
        import mlcharter.check.engine
        import mlcharter.commands.check  # noqa: F401

    def open_charter() -> None:
        import datetime

        from mlcharter.check import engine
        from mlcharter.support import user_cache
        from mlcharter.support.files import Folder

        today = datetime.datetime.now(datetime.UTC).date()
        cache = user_cache.folder() / "specifications"
        kept["charter"] = engine.open_charter(Folder(root), today, cache=cache)

    def import_rules() -> None:
        from mlcharter.check import engine, rule

        kept["rules"] = engine.load(rule.names())

    def read_documents() -> None:
        for read in kept["charter"].documents:
            for part in (read.blocks, read.sections, read.items, read.links, read.fields):
                len(part)

    def run_rules() -> Any:
        from mlcharter.check import engine

        return engine.findings(kept["charter"], kept["rules"])

    return {
        "importing the command line, with click": import_cli,
        "importing `check` and what it reads documents with": import_check,
        "reading answers, settings and the cached specification": open_charter,
        "importing the rules": import_rules,
        "parsing the documents": read_documents,
        "parsing the config blocks, and importing their models": lambda: kept["charter"].readings,
        "running the rules": run_rules,
    }


def measure(root: object, repeat: int) -> dict[str, float]:
    """Return the CPU seconds of each phase in new processes, the best of several."""
    runs = [_run(__file__, str(root)) for _ in range(repeat + 1)][1:]  # the first fills the cache
    return {name: min(run[name] for run in runs) for name in runs[0]}


def import_libraries(repeat: int) -> float:
    """Return the CPU seconds of importing the libraries that every check needs."""
    code = f"import time; start = time.process_time(); {LIBRARIES}; "
    code += "print(f'libraries\\t{time.process_time() - start}')"
    return min(_run("-c", code)["libraries"] for _ in range(repeat))


def _run(*words: str) -> dict[str, float]:
    import os
    import subprocess

    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = [sys.executable, *words]
    done = subprocess.run(run, env=env, capture_output=True, text=True, check=True)
    rows = (line.split("\t") for line in done.stdout.splitlines())
    return {name: float(seconds) for name, seconds in rows}


def main() -> None:
    """Print a line for each phase: its name, a tab, CPU seconds."""
    before = time.process_time()
    print(f"{PYTHON}\t{before}")
    for name, work in steps(sys.argv[1]).items():
        work()
        now = time.process_time()
        print(f"{name}\t{now - before}")
        before = now


if __name__ == "__main__":
    main()
