"""A candidate is taken back by its own outcomes, and by nothing else."""

import asyncio
import json
import logging
import math
from pathlib import Path

import pytest
from mlcharter.evals.testing import simulate

from system.serving import scoring
from system.serving.__main__ import ready
from system.serving.canary import (
    ALARM,
    BET,
    PAIRS,
    Comparison,
    Rollout,
    harmful,
)
from system.serving.service import ABSTAIN, FALL_BACK, REFUSED, Reply

from evals import _platform_drills as drills
from evals._platform_load import CAPACITY, MEAN_WORK, Dependency, service_of

FINE, HARMED = Reply(200, {"x": 1}), Reply(200, {"x": 0}, FALL_BACK)


def after(pairs: list[tuple[bool, bool]]) -> Comparison:
    """The comparison after pairs of (candidate harmed, live harmed)."""
    comparison = Comparison()
    for candidate, live in pairs:
        comparison.add(candidate=True, harm=candidate)
        comparison.add(candidate=False, harm=live)
    return comparison


def test_only_pairs_that_differ_count() -> None:
    same = after([(True, True), (False, False)] * 50)
    assert (same.pairs, same.log_wealth) == (100, 0.0)
    worse = after([(True, False)])
    assert worse.log_wealth == pytest.approx(math.log(1 + BET))


def test_nine_harms_in_a_row_take_it_back() -> None:
    assert not after([(True, False)] * 8).aborted
    nine = after([(True, False)] * 9)
    assert nine.aborted
    assert nine.log_wealth >= ALARM


def test_an_outage_that_strikes_both_is_not_held_against_the_candidate() -> None:
    comparison = Comparison()
    for harm in [False] * 50 + [True] * 50:
        for _ in range(19):
            comparison.add(candidate=False, harm=harm)
        comparison.add(candidate=True, harm=harm)
    assert (comparison.pairs, comparison.log_wealth) == (100, 0.0)


def test_a_candidate_that_is_not_ready_gets_no_traffic() -> None:
    live, candidate = (service_of(Dependency()) for _ in range(2))
    candidate.ready = False
    assert Rollout(live, candidate, share=1.0).pick() is live
    candidate.ready = True
    assert Rollout(live, candidate, share=1.0).pick() is candidate


def test_a_candidate_that_does_not_start_leaves_what_is_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="serving")
    release = drills.specimen(tmp_path)
    live, candidate = (drills.open_specimen(release) for _ in range(2))
    rollout = Rollout(live, candidate, share=0.5)

    def broken(question: object) -> dict[str, object]:
        raise RuntimeError("broken")

    monkeypatch.setattr(candidate.bulkheads[scoring.NAME].backend, "answer", broken)
    asyncio.run(ready(rollout, [scoring]))
    assert (rollout.live.ready, rollout.candidate, rollout.share) == (True, None, 0.0)
    [record] = [record for record in caplog.records if record.name == "serving"]
    assert json.loads(record.getMessage()) == {
        "candidate": release.name,
        "taken_back": "no answer to a smoke question: RuntimeError('broken')",
    }


def test_a_fair_bet_is_worth_what_it_cost() -> None:
    assert math.exp(math.log(1 + BET)) + math.exp(math.log(1 - BET)) == pytest.approx(2.0)


def test_it_is_promoted_after_enough_pairs() -> None:
    assert not after([(False, False)] * (PAIRS - 1)).promotable
    assert after([(False, False)] * PAIRS).promotable


@pytest.mark.parametrize(
    ("reply", "seconds", "harm"),
    [
        (FINE, 0.01, False),
        (FINE, 0.3, True),
        (HARMED, 0.01, True),
        (Reply(200, None, ABSTAIN), 0.01, True),
        (Reply(200, None), 0.01, True),
    ],
)
def test_what_hurts_a_user(reply: Reply, seconds: float, harm: bool) -> None:
    assert harmful(reply, seconds) is harm


def test_traffic_goes_back_to_what_is_live() -> None:
    async def work() -> tuple[bool, float, int]:
        good, bad = Dependency(), Dependency(down=(0.0, 1e9))
        rollout = Rollout(service_of(good), service_of(bad), share=0.5)
        for _ in range(200):
            service, reply = await rollout.ask(good.name, 0.01, None)
            rollout.saw(service, reply, 0.01)
        return rollout.candidate is None, rollout.share, bad.calls

    taken_back, share, calls = simulate(work())
    assert (taken_back, share) == (True, 0.0)
    assert calls < 20


@pytest.mark.parametrize("mode", REFUSED)
def test_a_refusal_counts_neither_for_nor_against_the_candidate(mode: str) -> None:
    live, candidate = (service_of(Dependency()) for _ in range(2))
    rollout = Rollout(live, candidate, share=0.5)
    for _ in range(50):
        rollout.saw(live, Reply(503, None, mode), 0.01)
        rollout.saw(candidate, FINE, 0.01)
        rollout.saw(live, FINE, 0.01)
        rollout.saw(candidate, Reply(503, None, mode), 0.01)
    assert (rollout.comparison.pairs, rollout.comparison.log_wealth) == (50, 0.0)


def ramped_under(load: float, share: float, slower: float, requests: int = 1000) -> Rollout:
    """A candidate that takes `slower` times as long, at `load` times what one release can take."""

    async def work() -> Rollout:
        live, candidate = (service_of(Dependency()) for _ in range(2))
        rollout, now = Rollout(live, candidate, share), asyncio.get_running_loop().time

        async def one() -> None:
            began, service = now(), rollout.pick()
            seconds = MEAN_WORK * (slower if service is candidate else 1.0)
            rollout.saw(service, await service.ask("stand-in", seconds), now() - began)

        asked = []
        for _ in range(requests):
            await asyncio.sleep(1 / (load * CAPACITY))
            asked.append(asyncio.ensure_future(one()))
        await asyncio.gather(*asked)
        return rollout

    return simulate(work())


def test_an_overload_of_what_is_live_earns_the_candidate_nothing() -> None:
    assert ramped_under(2.0, share=0.1, slower=1.0).comparison.log_wealth == 0.0


def test_a_candidate_too_slow_for_its_share_is_taken_back_though_refusals_do_not_count() -> None:
    assert ramped_under(0.8, share=0.5, slower=1.0).candidate is not None
    assert ramped_under(0.8, share=0.5, slower=9.0).candidate is None


def test_only_a_candidate_that_earned_it_is_promoted() -> None:
    live, candidate = (service_of(Dependency()) for _ in range(2))
    rollout = Rollout(live, candidate, share=0.5)
    with pytest.raises(ValueError, match="400 pairs"):
        rollout.promote()
    for _ in range(PAIRS):
        rollout.saw(live, FINE, 0.01)
        rollout.saw(candidate, FINE, 0.01)
    rollout.promote()
    assert (rollout.live, rollout.candidate, rollout.share) == (candidate, None, 0.0)
    assert rollout.comparison.pairs == 0


def test_without_a_candidate_nothing_is_compared() -> None:
    rollout = Rollout(service_of(Dependency()))
    rollout.saw(rollout.live, HARMED, 1.0)
    assert rollout.comparison.log_wealth == 0.0
    assert asyncio.run(rollout.ask("stand-in", 0.0, 1.0))[0] is rollout.live
