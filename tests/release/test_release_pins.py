"""`release pin` describes what was measured, and `release drill` tries a rollback on a copy."""

import re

import pytest
import yaml
from click.testing import CliRunner, Result
from shop import FIRST, NOW, SECOND, Shop

from mlcharter.cli import cli

REGISTRIES = "versioning/registries.md"
BOARD = "@northbank/cytology-board"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcharter.commands._release.common.now", lambda: NOW)


def run(shop: Shop, *words: str) -> Result:
    return CliRunner().invoke(cli, ["release", *words, "-C", str(shop.root)])


def read_block(shop: Shop, kind: str) -> object:
    text = (shop.root / REGISTRIES).read_text()
    (block,) = re.findall(rf"<!-- config: {kind} -->\n```yaml\n(.*?)```", text, re.S)
    return yaml.safe_load(block)


def test_it_describes_what_the_newest_reports_measured(shop: Shop) -> None:
    before = read_block(shop, "joint_release")

    shown = run(shop, "pin", "release-2027-01", "--approved-by", BOARD)

    assert shown.stdout == f"{REGISTRIES}: release-2027-01; review it and commit\n"
    release = read_block(shop, "joint_release")
    assert isinstance(release, dict)
    assert isinstance(before, dict)
    assert (release["sequence"], release["previous"]) == (4, SECOND)
    assert sorted(release["members"]) == sorted(before["members"])
    assert release["gates"] == before["gates"]
    assert release["approved_by"] == [BOARD]


def test_what_no_longer_serves_is_retired_and_the_rest_of_the_registry_stays(shop: Shop) -> None:
    before = (shop.root / REGISTRIES).read_text()
    shop.edit(REGISTRIES, "stage: retired", "stage: released")

    run(shop, "pin", "release-2027-01", "--approved-by", BOARD)

    registry = before.partition("<!-- config: registry -->")[2].partition("```\n")[0]
    assert registry in (shop.root / REGISTRIES).read_text()


def test_what_is_pinned_can_be_released(shop: Shop) -> None:
    run(shop, "pin", "release-2027-01", "--approved-by", BOARD)
    shop.commit("Describe the next release")

    assert shop.create().live


def test_above_prototype_somebody_must_have_approved_it(shop: Shop) -> None:
    shown = run(shop, "pin", "release-2027-01")

    assert shown.exit_code == 2
    assert shown.stderr == (
        "error: nobody approved the release\n  hint: name them with --approved-by\n"
    )


def test_a_drill_restores_and_rolls_back_a_copy_and_says_how_long_it_took(shop: Shop) -> None:
    before = shop.git("status", "--short")

    shown = run(shop, "drill")

    assert re.sub(r" +\d+\.\d{3} s", " N s", shown.stdout) == (
        f"back up N s  23 files\n"
        f"restore and verify N s  23 files, {SECOND} verifies\n"
        f"roll back N s  {FIRST} is live, in place of {SECOND}\n"
        f"total N s  300 s allowed by `rollback` of the runbook\n"
    )
    assert shown.exit_code == 0
    assert shop.git("status", "--short") == before


def test_a_drill_fails_if_the_release_before_is_damaged(shop: Shop) -> None:
    first = shop.store.find(FIRST)
    (shop.store.folder / "blobs/sha256" / first.sha256).write_bytes(b"damaged")

    shown = run(shop, "drill")

    assert shown.exit_code == 1
    assert f"refused: {FIRST}: " in shown.stderr
