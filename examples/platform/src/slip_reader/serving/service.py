"""One release at work: admission, deadline, breaker, and what is answered when one of them says no.

Each backend has all of these to itself, so that one that hangs takes nothing from the others.
Nothing here knows HTTP; `app` puts it on the web.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from .admission import Admission, QueueFullError, TooLateError
from .breaker import Breaker, Limits

FALL_BACK, ABSTAIN = "answers-fall-back", "answers-abstain"
QUEUE_FULL, TOO_LATE, DRAINING = "queue-full", "too-late", "draining"
MODES = (FALL_BACK, ABSTAIN, QUEUE_FULL, TOO_LATE, DRAINING)
"""The degrade modes of the runbook, by the names they have there."""
REFUSED = (QUEUE_FULL, TOO_LATE, DRAINING)
"""Those in which nobody looked at the question: they tell how much was asked for, not how well."""


class Backend(Protocol):
    """What answers questions of one kind. `answer` may be slow and may fail; `fallback` may not."""

    name: str

    def answer(self, question: Any) -> dict[str, Any]:
        """The full answer."""
        ...

    def fallback(self, question: Any) -> dict[str, Any] | None:
        """A plain answer that needs nothing that could be down; None: there is none."""
        ...


Work = asyncio.Future[dict[str, Any]]
Call = Callable[[Backend, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Settings:
    """Times in seconds; `places`, `waiting` and `breaker` are for each backend.

    `timeout` is the longest that a caller may wait, and the default.

    After `patience` a call counts as failed and its caller gets the plain answer: the limit of the
    latency SLO, since a full answer after it is no better. A caller who waits less gets the plain
    answer sooner, and the call is still judged by `patience`. A dependency that hangs fails once a
    place and then has them all, so the breaker may not wait for more failures than that.
    After `stuck` a call is taken to be one that never returns; its place counts as lost until it
    does.
    """

    places: int = 4
    waiting: int = 8
    timeout: float = 1.0
    patience: float = 0.25
    stuck: float = 30.0
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


class Bulkhead:
    """One backend with what it shares with no other: breaker, places, line, and calls in work."""

    def __init__(self, backend: Backend, settings: Settings, clock: Callable[[], float]) -> None:
        self.backend = backend
        self.breaker = Breaker(settings.breaker)
        self.admission = Admission(
            settings.places, settings.waiting, clock=clock, least=settings.least
        )
        self._began: dict[Work, float] = {}
        self._clock, self._patience = clock, settings.stuck

    @property
    def stuck(self) -> int:
        """How many places are held by calls that do not return."""
        before = self._clock() - self._patience
        return sum(began <= before for began in self._began.values())

    @property
    def lost(self) -> bool:
        """Whether no place will come free, so that only a restart brings full answers back."""
        return self.stuck >= self.admission.places

    def less(self, question: Any) -> Reply:
        """The plain answer, or none; it takes no place and no time."""
        plain = self.backend.fallback(question)
        return Reply(200, plain, ABSTAIN if plain is None else FALL_BACK)

    def hold(self, work: Work) -> None:
        """Keep the place until the work has really ended, whether or not anyone still waits."""
        self._began[work] = self._clock()
        work.add_done_callback(self._ended)

    def _ended(self, work: Work) -> None:
        del self._began[work]
        self.admission.leave()
        if not work.cancelled():
            work.exception()  # Looked at, so that an abandoned failure is not logged as unseen.


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
        self.release = release
        self.settings = own = settings or Settings()
        opens = max(own.breaker.least, own.breaker.share * own.breaker.window)
        if opens > own.places:
            raise ValueError(
                f"the breaker opens after {opens:g} failures, and {own.places} calls "
                "that hang take every place; give it a smaller window"
            )
        self.ready = False
        self._call = call or in_threads(own.places)
        self._now: Callable[[], float] = lambda: asyncio.get_running_loop().time()
        self.bulkheads = {name: Bulkhead(it, own, self._now) for name, it in backends.items()}

    async def ask(self, name: str, question: Any, timeout: float | None = None) -> Reply:
        """Answer within `timeout` seconds, in full, degraded, or by saying that it will not."""
        given = self.settings.timeout if timeout is None else timeout
        deadline = self._now() + min(given, self.settings.timeout)
        if not self.ready:
            return Reply(503, None, DRAINING, retry_after=1)
        own = self.bulkheads[name]
        breaker, admission = own.breaker, own.admission
        epoch = None if own.lost else breaker.allow(self._now())
        if epoch is None:
            return own.less(question)
        try:
            await admission.enter(deadline)
        except (QueueFullError, TooLateError) as error:
            breaker.report(epoch, ok=None, now=self._now())
            if breaker.refuses(self._now()) or own.lost:
                return own.less(question)
            if isinstance(error, QueueFullError):
                return Reply(429, None, QUEUE_FULL, retry_after=self._pause(admission))
            return Reply(503, None, TOO_LATE, retry_after=self._pause(admission))
        except BaseException:
            breaker.report(epoch, ok=None, now=self._now())
            raise
        if not breaker.current(epoch):  # It opened or closed while this request stood in line.
            epoch = breaker.allow(self._now())
        if epoch is None:
            admission.leave()
            return own.less(question)
        return await self._answer(own, question, epoch, deadline)

    async def _answer(self, own: Bulkhead, question: Any, epoch: int, deadline: float) -> Reply:
        work = asyncio.ensure_future(self._call(own.backend, question))
        own.hold(work)
        # Judged apart from its caller: one who gives up early must not open the breaker for all.
        judged = asyncio.ensure_future(self._judged(work, own.breaker, epoch))
        try:
            async with asyncio.timeout_at(deadline):
                ok = await asyncio.shield(judged)
        except TimeoutError:
            ok = False
        return Reply(200, work.result()) if ok else own.less(question)

    async def _judged(self, work: Work, breaker: Breaker, epoch: int) -> bool:
        """Whether the work ended well within `patience`; the breaker is told."""
        await asyncio.wait([work], timeout=self.settings.patience)
        ok = work.done() and not work.cancelled() and work.exception() is None
        breaker.report(epoch, ok=ok, now=self._now())
        return ok

    def _pause(self, admission: Admission) -> int:
        """Seconds until the line that stands now has been served, were each to take its limit."""
        lines = 1 + admission.queued // admission.places
        return max(1, round(lines * self.settings.timeout / 2))

    @property
    def lost(self) -> bool:
        """Whether every backend is lost; with one that is not, it is worth its traffic."""
        return bool(self.bulkheads) and all(own.lost for own in self.bulkheads.values())

    async def start(self, smoke: dict[str, Any]) -> None:
        """Become ready once each backend has answered its smoke question in full."""
        for name, question in smoke.items():
            await self._call(self.bulkheads[name].backend, question)
        self.ready = True

    async def drain(self) -> None:
        """Take nothing new, and wait for what is in work and may end, `grace` seconds at most."""
        self.ready = False
        until = self._now() + self.settings.grace
        kept = self.bulkheads.values()
        while self._now() < until and any(own.admission.busy > own.stuck for own in kept):
            await asyncio.sleep(0.01)


def in_threads(places: int) -> Call:
    """Run each backend in a pool of its own, of as many threads as it has places."""
    pools: defaultdict[str, ThreadPoolExecutor] = defaultdict(
        lambda: ThreadPoolExecutor(places, thread_name_prefix="backend")
    )

    async def call(backend: Backend, question: Any) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pools[backend.name], backend.answer, question)

    return call
