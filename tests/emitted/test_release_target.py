"""`make release` keeps what a release rests on, under a name that sorts, and then signs it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

PYTHON = """\
#!/bin/sh
case "$*" in *pytest*) touch build/tests.xml;; *sbom*) touch build/sbom.json;; esac
"""


MAKE = ("make", "--silent", "release", "RUN=./python", "MLCHARTER=./python", "UV=./python")


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A repository with a report, and a Python that does nothing but what the target needs."""
    shutil.copy(ROOT / "template/project/Makefile", tmp_path)
    for name in ("evals/rl.py", "reports/rl.json", "reports/released/2026-11-10-rollback.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def release(system: Path, name: str) -> str:
    words = [*MAKE, f"NAME={name}"]
    return subprocess.run(words, cwd=system, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", ["2026-11", "2026-11b", "2026-11-23", "2026-11-23b"])
def test_a_name_is_kept_once(system: Path, name: str) -> None:
    kept = [f"reports/released/{name}-{end}" for end in ("gates.json", "installed.txt", "rl.json")]
    assert set(kept) <= set(release(system, name).splitlines())
    assert release(system, name) == (
        f"reports/released/{name}-* are kept already; commit them, or name this one: "
        f"make release NAME={name}b\n"
    )


@pytest.mark.parametrize(
    "name",
    ["", "v1", "../2026-11", "2026-11 b", "2026-11'", "2026-11-rc", "2026-11;ls", "2026-11\n"],
)
def test_a_name_that_does_not_sort_is_refused(system: Path, name: str) -> None:
    assert release(system, name).startswith("A name is a month or a day, ")
    assert not (system / "build").exists()


@pytest.mark.parametrize("tier", ["production", "critical"])
def test_it_asks_who_approved_before_it_freezes_anything(system: Path, tier: str) -> None:
    """Once a name is frozen and committed, the next call signs, so it is too late to pin."""
    (system / ".copier-answers.yml").write_text(f"tier: {tier}\n")

    done = subprocess.run([*MAKE, "NAME=2026-11"], cwd=system, capture_output=True, text=True)
    assert done.stderr.startswith("Who approved it? make release APPROVED_BY=@WHO\n")
    assert not list((system / "reports/released").glob("2026-11-g*"))

    subprocess.run([*MAKE, "NAME=2026-11", "APPROVED_BY=@acme/board"], cwd=system, check=True)
    assert list((system / "reports/released").glob("2026-11-g*"))


def test_what_is_committed_is_signed(system: Path) -> None:
    release(system, "2026-11")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    for words in (
        ("init", "-q"),
        ("add", "--force", "."),
        (*who, "commit", "-q", "-m", "Describe"),
    ):
        subprocess.run(["git", *words], cwd=system, check=True)
    (system / "python").write_text('#!/bin/sh\necho "$*"\n')

    shown = release(system, "2026-11")

    assert shown == "release create --key versioning/keys/demo.pem\n"


def test_a_gate_that_fails_is_shown(system: Path) -> None:
    (system / "python").write_text('#!/bin/sh\ncase "$*" in *gate*) echo "$*"; exit 1;; esac\n')
    assert release(system, "2026-11") == "gate -- reports/rl.json\n"


STOPPED = """\
#!/bin/sh
echo >> {calls}
test $(wc -l < {calls}) -eq {at} && kill -9 $PPID
exec /bin/{name} "$@"
"""


@pytest.mark.parametrize("at", range(1, 14))
def test_killed_at_any_step_it_is_run_again_and_keeps_all(system: Path, at: int) -> None:
    """A name is taken only when all files have it; what is kept is whole at any time."""
    expected = [f"2026-11-{end}" for end in ("gates.json", "installed.txt", "rl.json", "sbom.json")]
    (system / "bin").mkdir()
    for name in ("cp", "mv", "mkdir", "rmdir"):
        program = system / "bin" / name
        program.write_text(STOPPED.format(calls=system / "calls", at=at, name=name))
        program.chmod(0o755)
    words = [*MAKE, "NAME=2026-11"]
    path = f"{system / 'bin'}:{os.environ['PATH']}"
    stopped = subprocess.run(
        words, cwd=system, env=os.environ | {"PATH": path}, capture_output=True
    )
    calls = len((system / "calls").read_text().splitlines())
    assert (stopped.returncode != 0) == (calls == at), "each of the steps that there are is one"

    if stopped.returncode:
        release(system, "2026-11")

    kept = sorted(path.name for path in (system / "reports/released").iterdir())
    assert kept == ["2026-11-10-rollback.log", *expected, "2026-11-tests.xml"]
    assert not (system / "build/freezing-2026-11").exists()
    assert release(system, "2026-11").startswith("reports/released/2026-11-* are kept already")
