"""Each degrade mode, forced: what the reader gets, and how they see that it is less."""

from biopsy_triage import worklist

from tests.worklist import mass, model

NOW = 10.0


def test_without_a_model_the_list_stands_in_order_of_arrival_and_says_so() -> None:
    masses = [mass("later", 0.3, arrived=9.5), mass("earlier", 0.01, arrived=8.0)]
    shown = worklist.order(masses, None, NOW, "none")
    assert (shown.shown, shown.ids) == ("arrival", ("earlier", "later"))


def test_a_list_that_is_too_long_is_left_as_it_came() -> None:
    masses = [mass(f"m{n:02}", n / 200, arrived=n / 10) for n in range(worklist.LONGEST + 1)]
    shown = worklist.order(masses, model(), NOW, "release-2026-10")
    assert shown.shown == "arrival"
    assert shown.ids == tuple(mass.id for mass in masses)


def test_a_mass_that_the_contract_refuses_goes_to_the_top_and_is_marked() -> None:
    masses = [mass("fine", 0.3), mass("odd", -1.0)]
    shown = worklist.order(masses, model(), NOW, "release-2026-10")
    assert shown.ids == ("odd", "fine")
    assert shown.marks["odd"] == "not scored"
