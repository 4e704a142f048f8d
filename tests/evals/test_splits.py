"""Splits keep together what belongs together, and scans find what does not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.evals import splits
from mlcharter.evals.splits import Split

MIXED = pd.DataFrame(
    {
        "income": [10.0, 20.0, np.nan, 10.0001, 20.0],
        "county": ["North", "south", None, " north ", "East"],
        "date": pd.to_datetime(["2026-01-01", "2026-01-09", None, "2026-01-01", "2026-01-09"]),
        "owner": pd.array([True, None, False, True, None], dtype="boolean"),
    }
)


def sides(test: list[int], n: int) -> Split:
    tested = np.isin(np.arange(n), test)
    return Split(~tested, tested)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=60, max_size=90))
def test_a_group_is_on_one_side_and_new_rows_move_none(groups: list[int]) -> None:
    split = splits.by_group([*range(20), *groups], share=0.5, salt="a")
    longer = splits.by_group([*range(20), *groups, 99, 98], share=0.5, salt="a")

    assert splits.shared_groups([*range(20), *groups], split) == []
    assert longer.test[:-2].tolist() == split.test.tolist()


def test_a_split_by_group_is_the_same_everywhere() -> None:
    split = splits.by_group(["ann", "bob", "ann", 3, 4.5, "ü"], share=0.5, salt="loans-1")

    # first byte of `printf '["loans-1","\\"bob\\""]' | sha256sum`: f0 is above a half of ff
    assert split.test.tolist() == [True, False, True, True, True, True]


def test_the_share_is_met_over_many_groups() -> None:
    assert splits.by_group(range(4000), share=0.3, salt="a").test.mean() == pytest.approx(
        0.3, abs=0.03
    )


def test_a_row_without_a_group_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1 has no group"):
        splits.by_group(["a", None], share=0.5, salt="a")


def test_rows_that_say_the_same_are_on_one_side_with_gaps_and_text() -> None:
    table = pd.concat([MIXED.iloc[[0, 2, 4]]] * 40, ignore_index=True)

    split = splits.by_content(pd.concat([table, MIXED]), share=0.5, salt="b")

    assert len(splits.near_duplicates(pd.concat([table, MIXED]), split, tolerance=0)) == 0


DAYS = pd.Series(pd.date_range("2026-01-01", periods=10))


def test_a_split_by_time_tests_what_comes_later() -> None:
    split = splits.by_time(DAYS, cutoff=splits.newest(DAYS, 0.3), gap=pd.Timedelta(days=2))

    assert np.flatnonzero(split.train).tolist() == [0, 1, 2, 3, 4]
    assert np.flatnonzero(split.test).tolist() == [7, 8, 9]


def test_a_split_by_time_and_group_leaves_out_who_was_trained_on() -> None:
    people = ["a", "b", "c", "a", "b", "c", "a", "d", "a", "e"]

    split = splits.by_time(DAYS, cutoff=DAYS[7], groups=people)

    assert np.flatnonzero(split.test).tolist() == [7, 9]
    assert splits.shared_groups(people, split) == []


def test_a_row_without_a_time_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2 has no time"):
        splits.by_time(MIXED["date"], cutoff=pd.Timestamp("2026-01-05"))


def test_a_side_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="no row is in test"):
        splits.by_time(DAYS, cutoff=pd.Timestamp("2027-01-01"))


def test_near_duplicates_are_found_among_mixed_columns_with_gaps() -> None:
    assert splits.near_duplicates(MIXED, sides([3, 4], 5)).tolist() == [[3, 0]]


def test_a_gap_is_no_number() -> None:
    table = pd.DataFrame({"a": [-1.0, np.nan, 1.0], "b": ["x", "x", "x"]})

    assert splits.near_duplicates(table, sides([1], 3)).tolist() == []


def test_equal_gaps_are_equal() -> None:
    table = pd.DataFrame({"a": [np.nan, np.nan, 1.0], "b": pd.Categorical(["x", "x", "y"])})

    assert splits.near_duplicates(table, sides([1], 3)).tolist() == [[1, 0]]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 6), st.booleans()), min_size=3, max_size=30
    )
)
def test_near_duplicates_are_those_of_the_definition(
    rows: list[tuple[str, int, bool]],
) -> None:
    table = pd.DataFrame({"k": [r[0] for r in rows], "x": [float(r[1]) for r in rows]})
    tested = np.array([False, *(r[2] for r in rows[1:-1]), True])
    spread = table["x"].std(ddof=0) or 1.0

    found = splits.near_duplicates(table, Split(~tested, tested), tolerance=0.5)

    expected = [
        i
        for i in np.flatnonzero(tested)
        if any(
            table["k"][i] == table["k"][j]
            and abs(table["x"][i] - table["x"][j]) / spread <= 0.5 + 1e-12
            for j in np.flatnonzero(~tested)
        )
    ]
    assert found[:, 0].tolist() == expected


def test_a_split_has_a_digest_of_its_test_ids() -> None:
    ids = ["a", "b", "c", "d"]

    assert sides([1, 2], 4).digest(ids) == sides([0, 3], 4).digest(["b", "a", "d", "c"])
    assert sides([1, 2], 4).digest(ids) != sides([1, 3], 4).digest(ids)


def test_no_row_is_on_both_sides() -> None:
    with pytest.raises(ValueError, match="not in both"):
        Split(np.array([True]), np.array([True]))


@pytest.mark.filterwarnings("error")
def test_a_column_without_any_value_says_nothing() -> None:
    table = pd.DataFrame({"a": [np.nan] * 3, "b": [1.0, 1.0, 9.0]})

    assert splits.near_duplicates(table, sides([1], 3)).tolist() == [[1, 0]]


QUESTIONS = [
    "How long may I park in front of the town hall?",
    "how long may I  park in front of the town hall",
    "How long may I park behind the library on Sundays?",
    "Wie lange darf ich am Rathaus parken?",
]


@pytest.mark.parametrize(("threshold", "pairs"), [(0.8, [[1, 0]]), (0.2, [[1, 0], [2, 0]])])
def test_almost_the_same_text_is_found(threshold: float, pairs: list[list[int]]) -> None:
    found = splits.near_duplicate_texts(QUESTIONS, sides([1, 2], 4), threshold=threshold)

    assert found.tolist() == pairs


def jaccard(one: str, other: str) -> float:
    """The Jaccard index by its definition, of parts of two characters."""
    sets = [{t[i : i + 2] for i in range(max(1, len(t) - 1))} for t in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.text("abc", max_size=9), st.booleans()), min_size=1, max_size=12),
    st.sampled_from([0.3, 0.5, 2 / 3, 0.8, 1.0]),
)
def test_no_text_is_missed(rows: list[tuple[str, bool]], threshold: float) -> None:
    texts = ["ab", "b", *(row[0] for row in rows)]
    test = np.array([True, False, *(row[1] for row in rows)])

    found = splits.near_duplicate_texts(texts, Split(~test, test), threshold=threshold, width=2)

    best = {
        i: max(jaccard(texts[i], texts[j]) for j in np.flatnonzero(~test))
        for i in np.flatnonzero(test).tolist()
    }
    assert found[:, 0].tolist() == [i for i in best if best[i] >= threshold - 1e-9]
    assert all(jaccard(texts[i], texts[j]) == best[i] for i, j in found.tolist())
