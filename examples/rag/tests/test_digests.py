"""What a digest depends on, and what it does not."""

import pytest

from harbour_answers.digests import canonical, sha256


def test_the_order_of_keys_does_not_count_and_that_of_rows_does() -> None:
    assert sha256({"a": 1, "b": 2}) == sha256({"b": 2, "a": 1})
    assert sha256([1, 2]) != sha256([2, 1])


def test_canonical_json_has_no_spaces_and_keeps_letters() -> None:
    assert canonical({"ü": [1.5, None, True]}) == '{"ü":[1.5,null,true]}'.encode()


def test_a_known_value_has_a_known_digest() -> None:
    # printf '[]' | sha256sum
    assert sha256([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        sha256([float("nan")])
