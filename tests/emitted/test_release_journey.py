"""A platform releases, serves, refuses a changed byte, and rolls back, by its own commands."""

import json
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from journey import OURS, run

pytestmark = pytest.mark.journey
REFUSED = 78
DIGIT = {"pixels": [0.0] * 64}


@pytest.fixture(scope="module")
def system(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new platform that is evaluated and proven; its tests run in the journey of day one."""
    folder = tmp_path_factory.mktemp("released")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCHARTER_SOURCE", str(wheel))
        patch.setenv("PYTEST_ADDOPTS", "-k test_modes")
        run(folder, *OURS, "new", "system", "--defaults", "--track", "platform")
        run(folder / "system", "make", "setup", "eval", "prove", "EXTRAS=release")
        commit(folder / "system", "Prove the gates")
        for name in ("2026-11", "2026-11b"):
            run(folder / "system", "make", "release", f"NAME={name}")
            commit(folder / "system", f"Describe {name}")
            run(folder / "system", "make", "release", f"NAME={name}")
            commit(folder / "system", f"Release {name}")
    return folder / "system"


def commit(system: Path, message: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    run(system, "git", "add", "--all")
    run(system, "git", *who, "commit", "--quiet", "--no-verify", "--message", message)


def read_live(system: Path) -> dict[str, str]:
    live: dict[str, str] = json.loads((system / "versioning/live.json").read_bytes())
    return live


def serve(system: Path) -> tuple[int, str]:
    """Start the service, ask it one question, and stop it; return its exit code or the status."""
    live = read_live(system)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [".venv/bin/python", "-m", "system.serving", "releases", "--port", str(port)]
    words += ["--release", f"{live['id']}@{live['manifest']}"]
    with subprocess.Popen(words, cwd=system, stderr=subprocess.PIPE, text=True) as process:
        try:
            return _ask(process, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def _ask(process: "subprocess.Popen[str]", address: str) -> tuple[int, str]:
    asked = urllib.request.Request(
        f"{address}/v1/scorer", json.dumps(DIGIT).encode(), {"content-type": "application/json"}
    )
    for _ in range(600):
        if (code := process.poll()) is not None:
            assert process.stderr is not None
            return code, process.stderr.read()
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return answer.status, json.load(answer)["release"]
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service does not answer within a minute")


def test_the_live_release_serves_and_a_flipped_bit_keeps_it_from_starting(system: Path) -> None:
    live = read_live(system)
    assert serve(system) == (200, f"{live['id']}@{live['manifest']}")

    blobs = sorted((system / "releases/blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
    [model] = [path for path in blobs if path.read_bytes().startswith(b'{"usual"')]
    data = model.read_bytes()
    model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    code, said = serve(system)
    assert (code, said) == (
        REFUSED,
        "refused to start: model/scorer.json has other bytes than those that were signed\n",
    )

    model.write_bytes(data)
    assert serve(system)[0] == 200


def test_a_drill_prints_its_times_and_a_rollback_restores_the_first_release(system: Path) -> None:
    first = run(system, "git", "show", "HEAD~2:versioning/live.json")

    drilled = run(system, "make", "drill")
    assert "release-2026-11 is live, in place of release-2026-11b" in drilled
    assert drilled.splitlines()[-1].startswith("total ")

    run(system, "make", "rollback")
    assert (system / "versioning/live.json").read_text() == first
    assert serve(system)[0] == 200
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
