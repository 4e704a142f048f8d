"""What the template carries today gives the same digests and numbers as the library.

A repository keeps its recorded digests and thresholds when its evals import the library instead.
"""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcharter.evals import digests, sequential, spans

CODE = Path(__file__).parents[2] / "template/project/src/{{ package }}"


def names(path: str) -> dict[str, Any]:
    """What a module of the template defines, run by itself."""
    return runpy.run_path(str(CODE / path))


@pytest.mark.parametrize("value", [[], {"ü": [1.5, None, True]}, [0.1, 1e-7, "a\n"], {"b": {}}])
def test_values_have_the_same_digest(value: Any) -> None:
    assert digests.sha256(value) == names("digests.py")["sha256"](value)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 5), (1, 5), (0, 99), (4, 4), (-1, 3), (6, 9)], ids=str
)
def test_a_citation_has_the_same_digest_text_and_errors(start: int, end: int) -> None:
    content = "Ü 5 € a.".encode()

    def tried(cite: Any, resolve: Any, error: Any) -> list[Any]:
        try:
            span = cite("a.md", content, start, end)
        except error as refused:
            return [str(refused)]
        try:
            return [vars(span), resolve(span, content), resolve(span, content.upper())]
        except error as refused:
            return [vars(span), str(refused)]

    theirs = names("rag/spans.py")

    assert tried(spans.cite, spans.resolve, spans.SpanError) == tried(
        theirs["cite"], theirs["resolve"], theirs["SpanError"]
    )


def test_the_kill_switch_is_the_sequential_test() -> None:
    seen = np.random.default_rng(1).random(1500) < 0.1
    theirs = names("rl/rollout.py")
    test = sequential.RateTest(0.05, 0.05)

    switch = theirs["KillSwitch"](0.05, 0.05)
    followed = [(switch.record(bool(violated)), switch.log_wealth) for violated in seen]

    assert (theirs["BETS"], theirs["EVERY"]) == (test.bets, test.every)
    assert [wealth for _, wealth in followed] == pytest.approx(test.log_evidence(seen))
    assert followed[-1][0] and [trip for trip, _ in followed] == test.alarms(seen).tolist()


def test_a_canary_runs_no_more_episodes_than_it_reports() -> None:
    theirs = names("rl/rollout.py")
    ran: list[bool] = []

    def act() -> bool:
        ran.append(True)
        return True

    reported = theirs["canary"](act, theirs["KillSwitch"](0.05, 0.05), episodes=50)

    assert reported == len(ran) == 3
