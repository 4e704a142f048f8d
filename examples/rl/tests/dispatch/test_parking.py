"""The tug that was paid for standing beside the crane, 27 October: the case must stay found.

Four moves bring it beside the crane; then it arrives, or stands there until the trip is cut.
"""

GAMMA, STEP, CRANE, HORIZON, BEFORE = 0.98, -0.02, 1.0, 16, 4


def earned(arrives: bool, bonus: float) -> float:
    """The return of a trip when the cells beside the crane pay a bonus."""
    after = [CRANE + bonus] if arrives else [STEP + bonus] * (HORIZON - BEFORE)
    return sum(GAMMA**n * reward for n, reward in enumerate([STEP] * BEFORE + after))


def test_standing_pays_more_than_arriving_with_the_bonus_and_less_without() -> None:
    assert earned(arrives=False, bonus=0.2) > earned(arrives=True, bonus=0.2)
    assert earned(arrives=False, bonus=0.0) < earned(arrives=True, bonus=0.0)
