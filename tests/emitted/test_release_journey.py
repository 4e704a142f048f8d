"""A platform releases, serves, refuses a changed byte, and rolls back, by its own commands."""

import json
from pathlib import Path
from typing import Any

import pytest
from journey import OURS, run
from released import commit, read_live, release, serve

pytestmark = pytest.mark.journey
REFUSED = 78
DIGIT = {"pixels": [0.0] * 64}


@pytest.fixture(scope="module")
def system(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new platform that is evaluated and proven; its tests run in the journey of day one."""
    folder = tmp_path_factory.mktemp("released")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCHARTER_SOURCE", str(wheel))
        run(folder, *OURS, "new", "system", "--defaults", "--track", "platform")
        run(folder / "system", "make", "setup", "eval", "prove", "EXTRAS=release")
        commit(folder / "system", "Prove the gates")
        for name in ("2026-11", "2026-11b"):
            release(folder / "system", name)
    return folder / "system"


def ask(system: Path) -> tuple[int, Any]:
    """Return the status and the release that answered, or the exit code and what was said."""
    status, said = serve(system, "scorer", DIGIT)
    return status, said["release"] if status == 200 else said


def test_the_live_release_serves_and_a_flipped_bit_keeps_it_from_starting(system: Path) -> None:
    live = read_live(system)
    assert ask(system) == (200, f"{live['id']}@{live['manifest']}")

    blobs = sorted((system / "releases/blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
    [model] = [path for path in blobs if path.read_bytes().startswith(b'{"usual"')]
    data = model.read_bytes()
    model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    code, said = ask(system)
    assert (code, said) == (
        REFUSED,
        "refused to start: model/scorer.json has other bytes than those that were signed\n",
    )

    model.write_bytes(data)
    assert ask(system)[0] == 200


def test_a_drill_prints_its_times_and_a_rollback_restores_the_first_release(system: Path) -> None:
    first = run(system, "git", "show", "HEAD~2:versioning/live.json")

    drilled = run(system, "make", "drill")
    assert "release-2026-11 is live, in place of release-2026-11b" in drilled
    assert drilled.splitlines()[-1].startswith("total ")

    run(system, "make", "rollback")
    assert (system / "versioning/live.json").read_text() == first
    assert ask(system)[0] == 200
    commit(system, "Roll back")
    listed = run(system, ".venv/bin/mlcharter", "release", "list").splitlines()
    assert [line.split()[1:3] for line in listed] == [
        ["release", f"release-2026-11@{json.loads(first)['manifest'][:19]}"],
        ["release", listed[1].split()[2]],
        ["rollback", f"release-2026-11@{json.loads(first)['manifest'][:19]}"],
    ]


def test_the_documents_still_pass(system: Path) -> None:
    run(system, ".venv/bin/mlcharter", "check")
    run(system, ".venv/bin/mlcharter", "export", "--check", "prometheus", "trust")
    assert run(system, "git", "status", "--porcelain") == ""
