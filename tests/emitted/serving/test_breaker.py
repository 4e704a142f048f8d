"""Closed, open, half-open: each step at its time."""

import pytest

from system.serving.breaker import (
    Breaker,
    Limits,
    State,
)

LIMITS = Limits(window=4, least=2, share=0.5, open_for=5.0, probes=2)


def call(breaker: Breaker, now: float, *, ok: bool | None) -> bool:
    """Whether the call was let through; then it is reported."""
    epoch = breaker.allow(now)
    if epoch is None:
        return False
    breaker.report(epoch, ok=ok, now=now)
    return True


def opened() -> Breaker:
    breaker = Breaker(LIMITS)
    assert call(breaker, 0.0, ok=False)
    assert call(breaker, 0.0, ok=False)
    assert breaker.state is State.OPEN
    return breaker


def test_it_opens_when_half_of_the_last_calls_failed() -> None:
    breaker = Breaker(LIMITS)
    states = []
    for ok in (True, True, True, False, False):
        call(breaker, 0.0, ok=ok)
        states.append(breaker.state)
    assert states == [State.CLOSED] * 4 + [State.OPEN]


def test_one_failure_alone_does_not_open_it() -> None:
    breaker = Breaker(LIMITS)
    call(breaker, 0.0, ok=False)
    assert breaker.state is State.CLOSED


def test_open_lets_nothing_through_until_its_time_is_over() -> None:
    breaker = opened()
    assert not call(breaker, 4.9, ok=True)
    assert call(breaker, 5.0, ok=True)
    assert breaker.state is State.HALF_OPEN


def test_half_open_lets_one_call_through_at_a_time() -> None:
    breaker = opened()
    first = breaker.allow(5.0)
    assert first is not None
    assert breaker.refuses(5.0)
    assert breaker.allow(5.0) is None
    breaker.report(first, ok=True, now=5.1)
    assert not breaker.refuses(5.1)


def test_enough_good_probes_close_it() -> None:
    breaker = opened()
    call(breaker, 5.0, ok=True)
    call(breaker, 5.1, ok=True)
    assert breaker.state is State.CLOSED


def test_a_bad_probe_opens_it_for_the_whole_time_again() -> None:
    breaker = opened()
    call(breaker, 5.0, ok=True)
    call(breaker, 6.0, ok=False)
    assert breaker.state is State.OPEN
    assert breaker.refuses(10.9)
    assert not breaker.refuses(11.0)


def test_a_call_from_before_says_nothing_about_now() -> None:
    breaker = Breaker(LIMITS)
    old = breaker.allow(0.0)
    assert old is not None
    call(breaker, 0.0, ok=False)
    call(breaker, 0.0, ok=False)
    call(breaker, 5.0, ok=True)
    assert not breaker.current(old)
    breaker.report(old, ok=False, now=5.1)
    assert breaker.state is State.HALF_OPEN


def test_a_probe_that_nobody_waited_for_makes_room_for_another() -> None:
    breaker = opened()
    assert call(breaker, 5.0, ok=None)
    assert call(breaker, 5.0, ok=True)
    assert breaker.state is State.HALF_OPEN


def test_a_window_that_never_fills_is_refused() -> None:
    with pytest.raises(ValueError, match="never opens"):
        Limits(window=2, least=3)
