"""What a run of an eval may spend on a model: money and time, and what it has spent.

model = Metered(endpoint, Budget(seconds=1800, cost=5.0), prices={"input": 0.5, "output": 2.0})
...
print(model.spent)
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol


class Generator(Protocol):
    """A model: the body of a chat completion in, that of its reply out."""

    @property
    def model(self) -> str: ...
    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]: ...


class BudgetExceededError(RuntimeError):
    """The next request would be sent after the money or the time of a run was spent."""


@dataclass(frozen=True)
class Budget:
    """The most that a run may spend; `cost` is in the unit of its prices."""

    seconds: float = math.inf
    cost: float = math.inf


@dataclass(frozen=True)
class Spent:
    """What was spent: requests, tokens, cost in the unit of the prices, and seconds of waiting."""

    requests: int = 0
    input: int = 0
    output: int = 0
    cost: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        tokens = f"{self.input} input and {self.output} output tokens"
        return (
            f"{self.requests} requests, {tokens}, a cost of {self.cost:.4g}, {self.seconds:.1f} s"
        )


class Metered:
    """A generator that counts what another one spends, and refuses to go beyond a budget.

    `prices` are those of a million tokens: `input` and `output`. A request that has been sent is
    not stopped, so that the last one may exceed the budget by its own cost.
    """

    def __init__(
        self,
        generator: Generator,
        budget: Budget,
        *,
        prices: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = generator.model
        self.spent = Spent()
        self._generator, self._budget = generator, budget
        self._prices, self._clock = dict(prices or {}), clock
        if budget.cost < math.inf and not {"input", "output"} <= self._prices.keys():
            raise ValueError("a budget of cost needs the prices of `input` and `output`")

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the reply; BudgetExceededError if the budget is spent already."""
        for name in ("cost", "seconds"):
            limit, used = getattr(self._budget, name), getattr(self.spent, name)
            if used >= limit:
                raise BudgetExceededError(
                    f"{self.model} has spent {self.spent}, and the budget of the run is "
                    f"{limit:g} for {name}; raise it, or ask less"
                )
        started = self._clock()
        reply: Mapping[str, Any] = {}
        try:
            reply = self._generator.complete(body)
        finally:
            self._add(reply, started)
        return reply

    def _add(self, reply: Mapping[str, Any], started: float) -> None:
        tokens = count_tokens(reply)
        cost = sum(self._prices.get(name, 0.0) * n for name, n in tokens.items()) / 1e6
        spent = self.spent
        self.spent = replace(
            spent,
            requests=spent.requests + 1,
            input=spent.input + tokens["input"],
            output=spent.output + tokens["output"],
            cost=spent.cost + cost,
            seconds=spent.seconds + self._clock() - started,
        )


def count_tokens(reply: Mapping[str, Any]) -> dict[str, int]:
    """Return the tokens of `input` and `output` that a reply counts; 0 where it does not say."""
    usage = reply.get("usage")
    given = usage if isinstance(usage, Mapping) else {}
    counts = {"input": given.get("prompt_tokens"), "output": given.get("completion_tokens")}
    return {name: n if isinstance(n, int) and n > 0 else 0 for name, n in counts.items()}
