"""Digests: what they depend on, and what they do not."""

import datetime
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.evals import digests
from mlcharter.support.hashing import Hasher

MIXED = pd.DataFrame(
    {
        "county": pd.Categorical(["Kōln", None, "ü"]),
        "income": [51_000.5, np.nan, 12.0],
        "dependants": pd.array([2, None, 0], dtype="Int64"),
        "denied": pd.array([True, None, False], dtype="boolean"),
        "applied": pd.to_datetime(["2026-01-02 03:04", None, "2026-02-01 00:00"]),
        "note": ["text", 3, None],
        "tags": [["a", 1], (), {"k": 1.5}],
    }
)


def test_a_known_value_has_a_known_digest() -> None:
    # printf '[]' | sha256sum
    assert digests.sha256([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


def test_a_known_table_has_a_known_digest() -> None:
    # printf '["a","b"]\n[1,null]\n[2.5,"ü"]\n' | sha256sum
    table = pd.DataFrame({"b": [None, "ü"], "a": [1.0, 2.5]})

    assert digests.frame(table) == (
        "0915ffe448cd4589ff99945905781fbdb08dbde0d93f58bf2444297cc3ff4fb3"
    )


def test_a_table_of_mixed_columns_with_missing_values_has_a_digest() -> None:
    assert digests.frame(MIXED) == digests.frame(MIXED.copy())


@pytest.mark.parametrize("column", MIXED.columns)
@pytest.mark.parametrize("row", [0, 1, 2])
def test_every_cell_counts(column: str, row: int) -> None:
    changed = MIXED.astype(object)
    changed.at[row, column] = "another"

    assert digests.frame(changed) != digests.frame(MIXED)


def test_how_a_table_is_stored_does_not_count() -> None:
    stored = {
        "category": pd.DataFrame({"a": pd.Categorical(["x", None]), "n": [1.0, np.nan]}),
        "object": pd.DataFrame({"n": [1, None], "a": ["x", np.nan]}, dtype=object),
        "nullable": pd.DataFrame({"a": pd.array(["x", pd.NA], "string"), "n": [1, pd.NA]}),
        "indexed": pd.DataFrame({"a": ["x", None], "n": [1, None]}, index=["p", "q"]),
    }

    assert len({digests.frame(table) for table in stored.values()}) == 1
    assert digests.rows([{"a": "x", "n": 1}, {}]) == digests.frame(stored["object"])


def test_the_order_of_rows_counts_unless_asked() -> None:
    turned = MIXED.iloc[::-1]

    assert digests.frame(turned) != digests.frame(MIXED)
    assert digests.frame(turned, ordered=False) == digests.frame(MIXED, ordered=False)


def test_a_row_that_is_there_twice_counts_twice() -> None:
    twice = pd.concat([MIXED, MIXED])

    assert digests.frame(twice, ordered=False) != digests.frame(MIXED, ordered=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, True),
        (None, "None"),
        (0.1, np.float32(0.1)),
        ("é", "e\u0301"),
        (np.inf, "inf"),
        (datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1)),
        (pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-01", tz="UTC")),
        (pd.Timedelta(1, "ns"), pd.Timedelta(2, "ns")),
        ([1, [2]], [1, 2]),
        ({"a": 1}, [["a", 1]]),
        (b"a", "a"),
    ],
)
def test_values_that_differ_have_other_digests(one: object, other: object) -> None:
    assert digests.rows([{"v": one}]) != digests.rows([{"v": other}])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.0, -0.0),
        (np.int8(3), 3),
        (np.str_("a"), "a"),
        (np.bool_(True), True),
        (decimal.Decimal("1.50"), decimal.Decimal("1.5")),
        (np.array([1, 2]), [1, 2]),
        (pd.Timestamp("2026-01-01 12:00", tz="Asia/Tokyo"), pd.Timestamp("2026-01-01 03:00Z")),
        (pd.Timedelta(5, "s"), datetime.timedelta(seconds=5)),
        (np.nan, pd.NaT),
    ],
)
def test_values_that_are_equal_have_one_digest(one: object, other: object) -> None:
    assert digests.rows([{"v": one}]) == digests.rows([{"v": other}])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (object(), "column 'v', row 1: a object has no canonical form"),
        ("\ud800", "column 'v', row 1: 'utf-8' codec can't encode"),
        (1j, "column 'v', row 1: a complex has no canonical form"),
    ],
)
def test_an_error_names_column_and_row(value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        digests.frame(pd.DataFrame({"v": ["fine", value]}, dtype=object))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two columns are named 'a'"):
        digests.frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))


CELLS = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.randoms())
def test_records_in_any_order_have_one_digest(
    cells: list[tuple[object, object]], r: object
) -> None:
    records = [{"a": a, "b": b} for a, b in cells]
    shuffled = sorted(records, key=lambda record: r.random())  # type: ignore[attr-defined]

    assert digests.rows(shuffled, ordered=False) == digests.rows(records, ordered=False)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"\0", b"a", b"\r" * 9])).map(b"".join),
    st.integers(0, 3),
)
def test_files_have_the_digest_that_mlcharter_gate_computes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, piece: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "content"
    path.write_bytes(content)
    hasher = Hasher()
    hasher.update(content)

    with pytest.MonkeyPatch.context() as patch:
        if b"\0" not in content:  # whether a file is text is decided on its first piece
            patch.setattr(digests, "_PIECE", piece + 1)
        assert digests.file(path) == hasher.digests().text


@pytest.mark.parametrize("place", [0, 7999, 8000])
def test_a_nul_among_the_first_8000_bytes_makes_a_file_binary(tmp_path: Path, place: int) -> None:
    content = (b"a\r\n" * 4000)[:place] + b"\0\r\n"
    (tmp_path / "data").write_bytes(content)
    hasher = Hasher()
    hasher.update(content)

    assert digests.file(tmp_path / "data") == hasher.digests().text


def test_digests_of_a_growing_table_take_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [0]
    plain = digests._plain

    def counting(value: object) -> object:
        counted[0] += 1
        return plain(value)

    monkeypatch.setattr(digests, "_plain", counting)
    work = []
    for n in (100, 200):
        counted[0] = 0
        digests.rows({"a": i} for i in range(n))
        work.append(counted[0])

    assert work == [101, 201]
