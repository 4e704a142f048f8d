"""A run stops asking a model once its money or time is spent, and says what it spent."""

from collections.abc import Mapping
from typing import Any

import pytest

from mlcharter.evals.generation.budget import Budget, BudgetExceededError, Metered, count_tokens

PRICES = {"input": 1.0, "output": 10.0}


class Model:
    model = "m"
    fails = False

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.fails:
            raise TimeoutError
        return {"usage": {"prompt_tokens": 1000, "completion_tokens": 100}}


def meter(budget: Budget, model: Model | None = None) -> Metered:
    ticks = iter(range(100))
    return Metered(model or Model(), budget, prices=PRICES, clock=lambda: float(next(ticks)))


def test_what_was_spent_is_said() -> None:
    metered = meter(Budget())
    metered.complete({})
    metered.complete({})
    said = "2 requests, 2000 input and 200 output tokens, a cost of 0.004, 2.0 s"
    assert str(metered.spent) == said


@pytest.mark.parametrize(
    ("budget", "limit"), [(Budget(cost=0.004), "0.004 for cost"), (Budget(seconds=2), "2 for sec")]
)
def test_a_request_beyond_the_budget_is_not_sent(budget: Budget, limit: str) -> None:
    metered = meter(budget)
    metered.complete({})
    metered.complete({})
    with pytest.raises(BudgetExceededError, match=f"the budget of the run is {limit}"):
        metered.complete({})
    assert metered.spent.requests == 2


def test_a_request_that_fails_takes_its_time_too() -> None:
    model = Model()
    model.fails = True
    metered = meter(Budget(seconds=1), model)
    with pytest.raises(TimeoutError):
        metered.complete({})
    assert (metered.spent.requests, metered.spent.seconds) == (1, 1.0)
    with pytest.raises(BudgetExceededError):
        metered.complete({})


def test_a_budget_of_cost_needs_prices() -> None:
    with pytest.raises(ValueError, match="needs the prices of `input` and `output`"):
        Metered(Model(), Budget(cost=1))


@pytest.mark.parametrize("usage", [None, [], {}, {"prompt_tokens": "7", "completion_tokens": -1}])
def test_tokens_that_a_reply_does_not_count_are_none(usage: object) -> None:
    assert count_tokens({"usage": usage}) == {"input": 0, "output": 0}
