"""A judge is believed as far as it agrees with itself, with controls and with people."""

import pytest

from harbour_answers.rag.judges import (
    Verdict,
    favoured_position,
    kappa,
    paired,
    share,
)


def verdicts(pair: str, ab: str, ba: str | None, human: str | None = None) -> list[Verdict]:
    found = [Verdict(pair, "ab", ab, "j", "0" * 64, human=human)]
    if ba is not None:
        found.append(Verdict(pair, "ba", ba, "j", "0" * 64, human=human))
    return found


def test_a_winner_is_a_name_and_not_a_position() -> None:
    assert [v.label for v in verdicts("p", "first", "first")] == ["a", "b"]
    assert [v.label for v in verdicts("p", "second", "second")] == ["b", "a"]


def test_orders_that_contradict_each_other_are_a_tie() -> None:
    pairs, single = paired(verdicts("p", "first", "first") + verdicts("q", "first", "second"))
    assert [(pair.label, pair.flipped) for pair in pairs] == [("tie", True), ("a", False)]
    assert single == 0


def test_a_pair_seen_in_one_order_is_counted_and_not_used() -> None:
    pairs, single = paired(verdicts("p", "first", None))
    assert (pairs, single) == ([], 1)


def test_kappa_is_what_is_found_by_hand() -> None:
    # Agreement 0.7; chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; kappa (0.7 - 0.5) / 0.5.
    counts = {("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15}
    rows: list[Verdict] = []
    for (ours, human), n in counts.items():
        first, second = ("first", "second") if ours == "a" else ("second", "first")
        for i in range(n):
            rows += verdicts(f"{ours}{human}{i}", first, second, human)
    value, n, interval = kappa(paired(rows)[0], seed=7)
    assert value == pytest.approx(0.4)
    assert n == 50
    assert interval.lower < 0.4 < interval.upper


def test_a_judge_that_likes_the_first_place_is_seen() -> None:
    rows = [v for i in range(40) for v in verdicts(f"p{i}", "first", "first")]
    value, n, interval = favoured_position(rows)
    assert (value, n) == (1.0, 80)
    assert interval.lower > 0.9


def test_a_share_counts_pairs() -> None:
    pairs, _ = paired(verdicts("p", "first", "first") + verdicts("q", "first", "second"))
    value, n, interval = share(pairs, lambda pair: pair.flipped)
    assert (value, n, interval.method, interval.unit) == (0.5, 2, "wilson", "pair")
