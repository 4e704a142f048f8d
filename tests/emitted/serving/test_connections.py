"""A client that stops in the middle of a request, or opens too much, does not keep its place."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from system.serving import connections, scoring
from system.serving.__main__ import configured
from system.serving.app import MAX_BODY, create
from system.serving.canary import Rollout

from evals import _platform_drills as drills

POST = f"POST /v1/{scoring.NAME} HTTP/1.1\r\nHost: x\r\n".encode()
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of the real server, with short limits."""
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 0.4)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 8)
    monkeypatch.setattr(f"{create.__module__}.BODY_TIMEOUT", 0.2)
    rollout = Rollout(drills.open_specimen(drills.specimen(tmp_path)))
    app = create(rollout, {scoring.NAME: scoring.Question})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(configured(app, "127.0.0.1", 0, grace=1))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(20)


def answer(port: int, *parts: bytes, every: float = 0.05) -> bytes:
    """What comes until the server closes, of a client that sends `parts` and then a byte each
    `every` seconds; an AssertionError where the server keeps the connection for 10 seconds."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(every)
        got = b""
        try:
            for part in parts:
                client.sendall(part)
            for _ in range(round(10 / every)):
                try:
                    if not (read := client.recv(65536)):
                        return got
                    got += read
                except TimeoutError:
                    client.sendall(b"x")
        except (ConnectionResetError, BrokenPipeError):
            return got
    raise AssertionError(f"still open after {got!r}")


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([], b""),
        ([b"G"], b""),
        ([b"\r\n"], b"400"),
        ([b"GET /health/live HTTP/1.1\r\n"], b""),
        ([POST + b"X-Slow: "], b""),
        ([b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000], b"400"),
        ([POST + b"Content-Length: 100\r\n\r\n{"], b"408"),
        ([POST + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n"], b"408"),
        ([POST + b"Content-Length: %d\r\n\r\n" % 10**9, b"x" * (MAX_BODY + 1)], b"413"),
        ([LIVE, b"GET /health/live HTTP/1.1\r\nX: "], b"200"),
        ([b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"], b"200"),
        ([b"POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"], b"404"),
        ([b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"], b""),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_who_does_not_finish_a_request_is_disconnected(
    port: int, parts: list[bytes], status: bytes
) -> None:
    assert answer(port, *parts).partition(b"\r\n")[0].partition(b" ")[2][:3] == status


def test_connections_over_the_limit_are_closed_and_places_come_back(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 60.0)
    kept = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    for one in kept:
        one.sendall(LIVE)
        assert one.recv(65536).startswith(b"HTTP/1.1 200")

    assert answer(port, LIVE) == b""

    for one in kept:
        one.close()
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 0.4)
    for _ in range(100):
        if answer(port, LIVE).startswith(b"HTTP/1.1 200"):
            return
    pytest.fail("no place came back")


def test_a_client_that_goes_on_asking_keeps_its_connection(port: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.connect()
    first = client.sock
    for _ in range(6):
        client.request("GET", "/health/live")
        assert client.getresponse().read() == b'{"status":"live"}'
        time.sleep(0.1)
    assert client.sock is first
    client.close()
