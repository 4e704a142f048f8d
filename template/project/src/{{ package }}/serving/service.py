"""One release at work: admission, deadline, breaker, and what is answered when one of them says no.

Nothing here knows HTTP; `app` puts it on the web.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from .admission import Admission, QueueFullError, TooLateError
from .breaker import Breaker, Limits, State

FALL_BACK, ABSTAIN = "answers-fall-back", "answers-abstain"
QUEUE_FULL, TOO_LATE, DRAINING = "queue-full", "too-late", "draining"
MODES = (FALL_BACK, ABSTAIN, QUEUE_FULL, TOO_LATE, DRAINING)
"""The degrade modes of the runbook, by the names they have there."""


class Backend(Protocol):
    """What answers questions of one kind. `answer` may be slow and may fail; `fallback` may not."""

    name: str

    def answer(self, question: Any) -> dict[str, Any]:
        """The full answer."""
        ...

    def fallback(self, question: Any) -> dict[str, Any] | None:
        """A plain answer that needs nothing that could be down; None: there is none."""
        ...


Call = Callable[[Backend, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Settings:
    """Times in seconds. `timeout` is the longest that a caller may wait, and the default.

    After `patience` a call counts as failed and its caller gets the plain answer: the limit of the
    latency SLO, since a full answer after it is no better. A caller who waits less gets the plain
    answer sooner, and the call is still judged by `patience`. A dependency that hangs fails once a
    place and then has them all, so the breaker may not wait for more failures than that.
    """

    places: int = 4
    waiting: int = 8
    timeout: float = 1.0
    patience: float = 0.25
    least: float = 0.005
    grace: float = 10.0
    breaker: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Reply:
    """`mode` is the degrade mode, None for a full answer; `retry_after` is in whole seconds."""

    status: int
    result: dict[str, Any] | None
    mode: str | None = None
    retry_after: int | None = None


class Service:
    """Answers with the backends of one verified release."""

    def __init__(
        self,
        release: str,
        backends: dict[str, Backend],
        settings: Settings | None = None,
        *,
        call: Call | None = None,
    ) -> None:
        """`call` runs a backend; by default in one thread a place."""
        self.release, self.backends = release, backends
        self.settings = settings or Settings()
        limits = self.settings.breaker
        opens = max(limits.least, limits.share * limits.window)
        if opens > self.settings.places:
            raise ValueError(
                f"the breaker opens after {opens:g} failures, and {self.settings.places} calls "
                "that hang take every place; give it a smaller window"
            )
        self.breakers = {name: Breaker(self.settings.breaker) for name in backends}
        self.ready = False
        self._call = call or in_threads(self.settings.places)
        self._now: Callable[[], float] = lambda: asyncio.get_running_loop().time()
        self.admission = Admission(
            self.settings.places,
            self.settings.waiting,
            clock=self._now,
            least=self.settings.least,
        )

    async def ask(self, name: str, question: Any, timeout: float | None = None) -> Reply:
        """Answer within `timeout` seconds, in full, degraded, or by saying that it will not."""
        given = self.settings.timeout if timeout is None else timeout
        deadline = self._now() + min(given, self.settings.timeout)
        if not self.ready:
            return Reply(503, None, DRAINING, retry_after=1)
        backend, breaker = self.backends[name], self.breakers[name]
        epoch = breaker.allow(self._now())
        if epoch is None:
            return self._less(backend, question)  # It takes no place and no time.
        try:
            await self.admission.enter(deadline)
        except (QueueFullError, TooLateError) as error:
            breaker.report(epoch, ok=None, now=self._now())
            if breaker.refuses(self._now()):
                return self._less(backend, question)
            if isinstance(error, QueueFullError):
                return Reply(429, None, QUEUE_FULL, retry_after=self._pause())
            return Reply(503, None, TOO_LATE, retry_after=self._pause())
        except BaseException:
            breaker.report(epoch, ok=None, now=self._now())
            raise
        if not breaker.current(epoch):  # It opened or closed while this request stood in line.
            epoch = breaker.allow(self._now())
        if epoch is None:
            self.admission.leave()
            return self._less(backend, question)
        return await self._answer(backend, question, epoch, deadline)

    async def _answer(self, backend: Backend, question: Any, epoch: int, deadline: float) -> Reply:
        work = asyncio.ensure_future(self._call(backend, question))
        # The place stays taken until the work has really ended, whether or not anyone still waits.
        work.add_done_callback(self._ended)
        # Judged apart from its caller: one who gives up early must not open the breaker for all.
        judged = asyncio.ensure_future(self._judged(work, self.breakers[backend.name], epoch))
        try:
            async with asyncio.timeout_at(deadline):
                ok = await asyncio.shield(judged)
        except TimeoutError:
            ok = False
        return Reply(200, work.result()) if ok else self._less(backend, question)

    async def _judged(
        self, work: "asyncio.Future[dict[str, Any]]", breaker: Breaker, epoch: int
    ) -> bool:
        """Whether the work ended well within `patience`; the breaker is told."""
        await asyncio.wait([work], timeout=self.settings.patience)
        ok = work.done() and not work.cancelled() and work.exception() is None
        breaker.report(epoch, ok=ok, now=self._now())
        return ok

    def _ended(self, work: "asyncio.Future[dict[str, Any]]") -> None:
        self.admission.leave()
        if not work.cancelled():
            work.exception()  # Looked at, so that an abandoned failure is not logged as unseen.

    def _less(self, backend: Backend, question: Any) -> Reply:
        plain = backend.fallback(question)
        return Reply(200, plain, ABSTAIN if plain is None else FALL_BACK)

    def _pause(self) -> int:
        """Seconds until the line that stands now has been served, were each to take its limit."""
        lines = 1 + self.admission.queued // self.admission.places
        return max(1, round(lines * self.settings.timeout / 2))

    def breaker_states(self) -> dict[str, State]:
        return {name: breaker.state for name, breaker in self.breakers.items()}

    async def start(self, smoke: dict[str, Any]) -> None:
        """Become ready once each backend has answered its smoke question in full."""
        for name, question in smoke.items():
            await self._call(self.backends[name], question)
        self.ready = True

    async def drain(self) -> None:
        """Take nothing new, and wait for what is in work, `grace` seconds at most."""
        self.ready = False
        until = self._now() + self.settings.grace
        while self.admission.busy and self._now() < until:
            await asyncio.sleep(0.01)


def in_threads(places: int) -> Call:
    """Run a backend in a pool of as many threads as there are places."""
    pool = ThreadPoolExecutor(places, thread_name_prefix="backend")

    async def call(backend: Backend, question: Any) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, backend.answer, question)

    return call
