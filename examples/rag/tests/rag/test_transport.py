"""Bytes go to the checked address, under the certificate of the name; nothing else is sent."""

import socket
import ssl
from typing import Any

import pytest

from harbour_answers.rag import transport
from harbour_answers.rag.egress import RefusedError, Response, Target, fetch

NAME = "tides.hallorn.example"
TARGET = Target(f"https://{NAME}/table?day=1", NAME, "93.184.216.34")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A host that answers `answer`; the addresses and names that were asked for are kept."""
    seen: dict[str, Any] = {"answer": b"", "addresses": [], "names": []}

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        seen["addresses"].append(address)
        ours, theirs = socket.socketpair()
        theirs.sendall(seen["answer"])
        theirs.shutdown(socket.SHUT_WR)
        seen["theirs"] = theirs
        return ours

    def wrap(context: ssl.SSLContext, plain: socket.socket, server_hostname: str) -> socket.socket:
        seen["names"].append(server_hostname)
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        return plain

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    return seen


def test_the_checked_address_is_contacted_under_the_name(wire: dict[str, Any]) -> None:
    wire["answer"] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntable"
    assert transport.send(TARGET) == Response(b"table")
    assert wire["addresses"] == [("93.184.216.34", 443)]
    assert wire["names"] == [NAME]
    asked = wire["theirs"].recv(1000)
    assert asked.startswith(b"GET /table?day=1 HTTP/1.1\r\nHost: tides.hallorn.example\r\n")


def test_a_redirect_is_handed_back_and_checked_like_a_first_request(wire: dict[str, Any]) -> None:
    wire["answer"] = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n"
    assert transport.send(TARGET) == Response(b"", "http://169.254.169.254/")
    with pytest.raises(RefusedError, match="not https"):
        fetch(TARGET.url, frozenset([TARGET.host]), lambda host: [TARGET.address], transport.send)
    assert {address for address, _ in wire["addresses"]} == {TARGET.address}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 500 Oops\r\n\r\n", OSError),
        (b"HTTP/1.1 302 Found\r\n\r\n", OSError),
        (b"SSH-2.0-server\r\n", OSError),
        (b"", OSError),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 11, RefusedError),
    ],
)
def test_what_is_no_document_is_an_error(
    answer: bytes, error: type[OSError], wire: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_BYTES", 10)
    wire["answer"] = answer
    with pytest.raises(error):
        transport.send(TARGET)


def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*words: object, **more: object) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(RefusedError, match="no address"):
        transport.resolve(NAME)
