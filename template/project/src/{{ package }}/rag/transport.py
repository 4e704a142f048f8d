"""What `fetch` in egress.py sends with: HTTPS to the address that was checked, and to no other.

The certificate is that of the host's name; no proxy and no second look-up of the name is used.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from .egress import RefusedError, Response, Target

SECONDS = 5.0
"""The longest wait for a connection, and for a next piece of an answer."""
LONGEST = 20.0
"""Seconds for a whole answer, in however small pieces it comes."""
MAX_BYTES = 1_000_000
REDIRECTS = (301, 302, 303, 307, 308)


def resolve(host: str) -> list[str]:
    """Every address of a host; RefusedError where the name server knows none."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise RefusedError("the host has no address") from error
    return sorted({str(address[0]) for *_, address in found})


def send(target: Target) -> Response:
    """GET a checked target; RefusedError for a body over MAX_BYTES, OSError where nobody answers.

    A status other than 200 and the redirects is an OSError too: an error page is no document.
    """
    parts = urlsplit(target.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(target)
    try:
        connection.connect()
        with _within(LONGEST, connection.sock):
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(MAX_BYTES + 1)
    except http.client.HTTPException as error:
        raise OSError(f"the host answered no HTTP: {type(error).__name__}") from error
    finally:
        connection.close()
    if len(body) > MAX_BYTES:
        raise RefusedError(f"the body is longer than {MAX_BYTES} bytes")
    location = answer.getheader("Location")
    if answer.status in REDIRECTS and location:
        return Response(b"", location)
    if answer.status != 200:
        raise OSError(f"the host answered {answer.status}")
    return Response(body)


@contextmanager
def _within(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Give up a socket after some seconds: a TimeoutError, whatever has come by then."""
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, for who reads right now

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError(f"the answer took longer than {seconds:g} s")


class _Pinned(http.client.HTTPSConnection):
    def __init__(self, target: Target) -> None:
        self._checked = ssl.create_default_context()
        super().__init__(target.host, timeout=SECONDS, context=self._checked)
        self._address = target.address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._checked.wrap_socket(plain, server_hostname=self.host)
