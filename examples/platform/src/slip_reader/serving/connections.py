"""Limits of a connection: how many there are, and how long one may wait for its next request.

uvicorn waits without end for the rest of a request's header, so a client that never finishes it
keeps its connection, and enough of them keep everyone else out.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 512
"""Below what a process may open by default (1024 files), with room for the rest."""
HEADER_TIMEOUT = 10.0
"""Seconds from the opening of a connection, or from an answer, to the end of the next header."""
KEEP_ALIVE = 5
"""Seconds after an answer in which something of a next request must have come."""


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection over MAX_CONNECTIONS or later than HEADER_TIMEOUT.

    The time of a body is app.BODY_TIMEOUT; one that the application does not read counts as a part
    of the next header. An answer that nobody reads is given up after the same time.
    """

    _timer: asyncio.TimerHandle | None = None
    _answering: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._wait()

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not self._answering:  # The header of another request is complete.
            self._answering = self.cycle
            self._stop_waiting()

    def on_response_complete(self) -> None:
        self._wait()  # Before uvicorn goes on: the next request may be here already.
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(HEADER_TIMEOUT, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
