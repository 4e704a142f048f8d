"""The verifier of docs/release.md, which a service pastes, accepts and refuses what ours does."""

import datetime
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shop import SECOND, Shop
from test_attacks import blobs, flips

from mlcharter.release.store import TITLE

PAGE = Path(__file__).parents[2] / "docs/release.md"
TODAY = datetime.date(2026, 11, 30)
LAST = datetime.date(2027, 8, 31)
MODEL = "e5fc086b1c7018ed623a2f55cc7d943facb02a659d20bed49f2f84bb71c1d8ed"


@pytest.fixture(scope="module")
def load() -> Callable[..., dict[str, bytes]]:
    """The function of the page."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/release.md", "exec"), names)
    function: Callable[..., dict[str, bytes]] = names["load"]
    return function


def arguments(shop: Shop, **changes: Any) -> dict[str, Any]:
    public = (shop.root / "versioning/keys/northbank-2026.pub").read_bytes()
    return {
        "store": shop.store.folder,
        "release": f"{SECOND}@{shop.store.find(SECOND).digest}",
        "keys": {public: LAST},
        "needed": 1,
        "min_sequence": 3,
        "revoked": set(),
        "today": TODAY,
    } | changes


def test_it_returns_the_files_of_the_release(shop: Shop, load: Any) -> None:
    verified = shop.verify()

    assert load(**arguments(shop)) == {
        file.annotations[TITLE]: shop.store.get(file, SECOND) for file in verified.files
    }


def test_it_refuses_every_flipped_bit(shop: Shop, load: Any) -> None:
    given = arguments(shop)
    for name, path in blobs(shop).items():
        data = path.read_bytes()
        for changed in flips(data, 20):
            path.write_bytes(changed)
            with pytest.raises(ValueError):
                load(**given)
                pytest.fail(name)
        path.write_bytes(data)
    assert load(**given)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"keys": {}}, "0 of 1 signatures"),
        ({"needed": 2}, "1 of 2 signatures"),
        ({"today": LAST + datetime.timedelta(days=1)}, "0 of 1 signatures"),
        ({"today": datetime.date(2026, 10, 1)}, "the clock says 2026-10-01, before the release"),
        ({"min_sequence": 4}, "is another release, too old or revoked"),
        ({"revoked": {MODEL}}, "is another release, too old or revoked"),
        ({"release": f"{SECOND}@sha256:{'0' * 64}"}, "is another release, too old or revoked"),
    ],
)
def test_it_refuses(shop: Shop, load: Any, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        load(**arguments(shop, **changes))


def test_one_key_twice_counts_once(shop: Shop, load: Any) -> None:
    (public,) = arguments(shop)["keys"]
    keys = {public: LAST, public + b"\n": LAST}

    with pytest.raises(ValueError, match="1 of 2 signatures"):
        load(**arguments(shop, keys=keys, needed=2))


def test_it_needs_the_store_only(shop: Shop, load: Any) -> None:
    given = arguments(shop)
    shutil.rmtree(shop.root / ".git")
    shutil.rmtree(shop.root / "versioning")

    assert load(**given)
