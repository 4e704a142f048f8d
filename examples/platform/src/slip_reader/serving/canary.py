"""The canary: a candidate gets a share of the traffic, and is rolled back when it is worse.

Each outcome of the candidate is paired with the latest one of the release that is live. Where only
one of the two went wrong, and the candidate is no worse, that one is the candidate's half of the
time: so the wealth of a bet on the candidate passes 1 / ALPHA with probability ALPHA at most,
however often one looks (Ville's inequality).
A rule "more failures after 30 requests" has no such bound.
"""

import json
import logging
import math
import random
from dataclasses import dataclass
from typing import Any

from .service import FALL_BACK, REFUSED, Reply, Service

log = logging.getLogger("serving")

ALPHA = 0.03
ALARM = math.log(1 / ALPHA)
BET = 0.5
"""The share of the wealth that each pair stakes: a candidate that fails in more than about 63 %
of the pairs in which one did grows it, and one that fails in fewer shrinks it."""
PAIRS = 400
"""Enough pairs to be promoted where no alarm was raised."""
SLOW = 0.25
"""Seconds; the limit of the latency SLO."""


def harmful(reply: Reply, seconds: float) -> bool:
    """Whether a user was hurt: no answer, less than a full answer, or one that came too late."""
    return reply.result is None or reply.mode == FALL_BACK or seconds > SLOW


@dataclass
class Comparison:
    """The evidence so far that the candidate is worse, as the logarithm of a wealth."""

    log_wealth: float = 0.0
    pairs: int = 0
    _live: bool | None = None
    _candidate: bool | None = None

    def add(self, *, candidate: bool, harm: bool) -> None:
        """One outcome, paired with the latest of the other side that has no pair yet.

        An older one would be from before an outage that struck both.
        """
        if candidate:
            self._candidate = harm
        else:
            self._live = harm
        if self._candidate is None or self._live is None or self.aborted:
            return
        self.pairs += 1
        if self._candidate != self._live:
            self.log_wealth += math.log(1 + BET if self._candidate else 1 - BET)
        self._candidate = self._live = None

    @property
    def aborted(self) -> bool:
        return self.log_wealth >= ALARM

    @property
    def promotable(self) -> bool:
        return self.pairs >= PAIRS and not self.aborted


class Rollout:
    """Sends `share` of the requests to the candidate until the comparison takes it back."""

    def __init__(
        self, live: Service, candidate: Service | None = None, share: float = 0.0, seed: int = 0
    ) -> None:
        self.live, self.candidate, self.share = live, candidate, share
        self.comparison = Comparison()
        self._random = random.Random(seed)  # noqa: S311 -- it spreads traffic, it guards nothing

    def pick(self) -> Service:
        """The service for the next request; a candidate gets none before it is ready."""
        candidate = self.candidate
        if candidate is not None and candidate.ready and self._random.random() < self.share:
            return candidate
        return self.live

    def saw(self, service: Service, reply: Reply, seconds: float) -> None:
        """Take an outcome into account; takes the candidate back where it is worse.

        A refusal is none: each release has places of its own, so it tells who got more requests
        than it could take, which says as much about the share as about the release. A candidate
        much too slow shows in answers that come late; one that only takes fewer requests shows in
        the alert `requests-refused` as its share grows.
        """
        if self.candidate is None or reply.mode in REFUSED:
            return
        self.comparison.add(candidate=service is self.candidate, harm=harmful(reply, seconds))
        if self.comparison.aborted:
            self.take_back(f"worse in {self.comparison.pairs} pairs")

    def take_back(self, reason: str) -> None:
        """Give the candidate no more traffic."""
        if self.candidate is not None:
            log.info(json.dumps({"candidate": self.candidate.release, "taken_back": reason}))
        self.candidate, self.share = None, 0.0

    def promote(self) -> None:
        """Make the candidate live; a ValueError where it has not earned it."""
        if self.candidate is None or not self.comparison.promotable:
            raise ValueError(f"no candidate has been compared over {PAIRS} pairs")
        self.live, self.candidate, self.share = self.candidate, None, 0.0
        self.comparison = Comparison()

    async def ask(self, name: str, question: Any, timeout: float | None) -> tuple[Service, Reply]:
        """The answer, and the service that gave it."""
        service = self.pick()
        return service, await service.ask(name, question, timeout)
