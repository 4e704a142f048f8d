"""A release or a rollback that is killed at any moment leaves the old one live, or the new one."""

from contextlib import suppress
from itertools import count

from shop import FIRST, NOW, SECOND, Shop

from crashing import filled, killed
from mlcharter.release import creating, live, rolling_back, signing, statement
from mlcharter.release.trust import Trust
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder


def live_id(shop: Shop, trust: Trust) -> str | None:
    """Return the live release, which must verify whenever there is one."""
    now = live.read(Folder(shop.root))
    if now is not None:
        assert shop.verify(now.id, trust=trust)
    return now.id if now else None


def test_a_release_that_is_killed_is_not_live_and_can_be_made_again(new_shop: Shop) -> None:
    draft, request, trust = new_shop.draft(), new_shop.request(), new_shop.trust()
    envelope = signing.sign(statement.encode(draft.statement), new_shop.signer())
    signatures = creating.Signatures(envelope)

    def write() -> None:
        creating.write(request, draft, signatures)

    seen = []
    for at in count(step=3):  # each write has seven moments
        if not killed(write, at):
            break
        seen.append(live_id(new_shop, trust))
        write()  # the same command again finishes it
        assert live_id(new_shop, trust) == FIRST
        new_shop.git("clean", "-dxfq")
    assert len(seen) > 30
    assert seen == sorted(seen, key=bool), "once it is live, it stays live"


def test_a_rollback_that_is_killed_leaves_one_of_the_two_live(shop: Shop) -> None:
    trust = shop.trust()

    def roll_back() -> None:
        rolling_back.roll_back(shop.root, shop.store, trust, NOW)

    seen = set()
    for at in count():
        shop.git("checkout", "--", live.PATH)
        if not killed(roll_back, at):
            break
        seen.add(live_id(shop, trust))
    assert seen == {FIRST, SECOND}
    assert live_id(shop, trust) == FIRST


def test_a_full_disk_leaves_the_release_before_live(shop: Shop) -> None:
    trust = shop.trust()

    def roll_back() -> None:
        with suppress(UserError):
            rolling_back.roll_back(shop.root, shop.store, trust, NOW)

    for at in range(3):
        filled(roll_back, at)
        assert live_id(shop, trust) == SECOND
