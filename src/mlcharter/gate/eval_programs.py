"""Run the evals of a repository, as its own programs: `python -m evals.applied …`.

Only `mlcharter prove` and `mlcharter starter replace` do this, when they are asked to. `check` and
`gate` run no code of a repository.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from mlcharter.formats.report import Inputs
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain

LIMIT = 1800  # seconds of one measurement, unless a user gives another
DESCRIBING = 300  # seconds; an eval imports its libraries, and reads its inputs
_SETUP = "run `make setup`, then the same command again"
_LAST = 12  # lines of a failed program that are shown


class Description(Struct, frozen=True):
    """What an eval says of itself with `--describe`: the gates that it has defects for."""

    name: str
    defects: list[str]
    inputs: Inputs


class EvalError(UserError):
    """An eval that did not do what it was asked to; `hint` has the last lines that it printed."""


def find_evals(root: Path) -> list[str]:
    """Return the modules in evals/ that can be run; a leading underscore marks the others."""
    names = [name for name, _ in Folder(root).list_folder("evals") if name.endswith(".py")]
    return sorted(name[:-3] for name in names if not name.startswith("_"))


def describe(root: Path, name: str) -> Description:
    """Return the defects and the inputs of an eval."""
    printed = _run(root, [f"evals.{name}", "--describe"], DESCRIBING)
    try:
        return msgspec.json.decode(printed, type=Description)
    except (msgspec.DecodeError, RecursionError) as error:
        raise EvalError(
            f"evals/{name}.py --describe printed no description: {plain(str(error))}",
            "end the eval with `running.main` of mlcharter.evals",
        ) from error


def require_setup(root: Path, package: str) -> None:
    """Raise an EvalError if what the evals of a repository import is not installed."""
    try:
        _start(root, ["-c", f"import mlcharter.evals.running, {package}"], DESCRIBING, "python")
    except EvalError as error:
        raise EvalError("the packages of this repository are not installed", _SETUP) from error


def measure(root: Path, name: str, limit: int) -> str:
    """Measure the system of an eval into `reports/<name>.json`; return what it prints."""
    return _run(root, [f"evals.{name}"], limit)


def measure_into(root: Path, name: str, folder: Path, limit: int) -> None:
    """Measure the system of an eval; the report and its pictures go into `folder`."""
    _run(root, [f"evals.{name}", "--out-dir", str(folder)], limit)


def measure_defect(root: Path, name: str, gate: str, out: Path, limit: int) -> None:
    """Measure the system that an eval breaks for a gate, and write the report to `out`."""
    _run(root, [f"evals.{name}", "--defect", gate, "--out", str(out)], limit)


def run(root: Path, module: str, limit: int) -> None:
    """Run another module of the repository, such as one that trains."""
    _run(root, [module], limit)


def ask(root: Path, words: list[str], limit: int) -> str:
    """Return what `python -m MODULE …` prints."""
    return _run(root, words, limit)


def show(root: Path, words: list[str]) -> int:
    """Run `python -m MODULE …` where the user sees what it prints; return its exit code."""
    return subprocess.run([_find_python(root), "-m", *words], cwd=root, check=False).returncode


def _find_python(root: Path) -> str:
    """Return the Python of the repository's environment, or ours if it has none."""
    own = root / ".venv/bin/python"
    return str(own) if own.exists() else sys.executable


def _run(root: Path, words: list[str], limit: int) -> str:
    """Return what `python -m MODULE …` prints in a repository; stop it after `limit` seconds."""
    return _start(root, ["-m", *words], limit, " ".join(["python -m", *words[:3]]))


def _start(root: Path, words: list[str], limit: int, shown: str) -> str:
    """Return what the Python of the repository's environment prints."""
    process = subprocess.Popen(
        [_find_python(root), *words],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        printed, problems = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise EvalError(
            f"`{shown}` took more than {limit} seconds", "give it more: `mlcharter prove --limit`"
        ) from None
    finally:
        _stop(process)
    if process.returncode != 0:
        last = [plain(line) for line in problems.strip().splitlines()[-_LAST:]]
        if last and last[-1].startswith("ModuleNotFoundError"):
            last.append(f"if nothing is installed yet, {_SETUP}")
        raise EvalError(
            f"`{shown}` failed with exit code {process.returncode}",
            "\n    ".join(["its last lines:", *last]),
        )
    return printed


def _stop(process: subprocess.Popen[str]) -> None:
    """End an eval that still runs, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
