"""A team's formatter changes whole documents, and an update merges as if it had not.

What real formatters do was recorded as functions; `make bench PARTS=merge` runs the formatters.
"""

import merge as experiment
import merge_formatters as formatters
import pytest


@pytest.fixture(scope="module")
def cases() -> list[experiment.Case]:
    """Every change of the template, with the ways of filling and the tracks in turn."""
    return experiment.each_change_once()


@pytest.mark.field(21, "every case of the merge benchmark behind a formatter")
@pytest.mark.parametrize("name", formatters.RECORDED)
def test_every_case_merges_clean_behind_a_formatter(
    name: str, cases: list[experiment.Case]
) -> None:
    laid_out = formatters.formatted(cases, formatters.recorded(name))
    score = experiment.Score()
    for case in laid_out:
        score.add(case, experiment.ours(case))

    assert score.broken == []
    assert (score.cases, score.clean) == (26, 26)
    assert {case.track for case in laid_out} == set(experiment.TRACKS)
    assert len({case.filling for case in laid_out}) == 3
    assert all(a.ours.docs != b.ours.docs for a, b in zip(laid_out, cases, strict=True))
