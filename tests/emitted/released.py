"""A repository with a service signs a release, and the live release answers a question."""

import json
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from journey import run


def commit(system: Path, message: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    run(system, "git", "add", "--all")
    run(system, "git", *who, "commit", "--quiet", "--no-verify", "--message", message)


def release(system: Path, name: str) -> None:
    """Freeze, describe and sign a release, as a person does; its tests are one module only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_ADDOPTS", "-k test_modes")
        run(system, "make", "release", f"NAME={name}")
        commit(system, f"Describe {name}")
        run(system, "make", "release", f"NAME={name}")
        commit(system, f"Release {name}")


def read_live(system: Path) -> dict[str, str]:
    live: dict[str, str] = json.loads((system / "versioning/live.json").read_bytes())
    return live


def serve(system: Path, backend: str, question: object) -> tuple[int, Any]:
    """Start the service, ask it one question, and stop it.

    Return its exit code and what it said, or the status and the answer.
    """
    live = read_live(system)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [".venv/bin/python", "-m", "system.serving", "releases", "--port", str(port)]
    words += ["--release", f"{live['id']}@{live['manifest']}"]
    with subprocess.Popen(words, cwd=system, stderr=subprocess.PIPE, text=True) as process:
        try:
            return _ask(process, f"http://127.0.0.1:{port}/v1/{backend}", question)
        finally:
            process.terminate()


def _ask(process: "subprocess.Popen[str]", url: str, question: object) -> tuple[int, Any]:
    body, header = json.dumps(question).encode(), {"content-type": "application/json"}
    for _ in range(600):
        if (code := process.poll()) is not None:
            assert process.stderr is not None
            return code, process.stderr.read()
        try:
            asked = urllib.request.Request(url, body, header)
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return answer.status, json.load(answer)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service does not answer within a minute")
