"""Suggestions for mistyped names."""

import sys
from types import FrameType

import pytest
from click.testing import CliRunner

from mlcharter.cli import cli
from mlcharter.support.nearest import nearest, remedy

TIERS = ["prototype", "production", "critical"]


@pytest.mark.parametrize("given", ["prod", "Production", "prodcution", " production"])
def test_a_prefix_a_capital_and_a_typo_get_a_suggestion(given: str) -> None:
    assert nearest(given, TIERS) == ["production"]


@pytest.mark.parametrize("given", ["", "pro", "xyz"])
def test_an_ambiguous_or_unknown_name_gets_no_suggestion(given: str) -> None:
    assert nearest(given, TIERS) == []


def test_a_very_long_name_costs_nothing() -> None:
    many = [f"{n}-{'a' * 1_000_000}" for n in range(20)]

    assert nearest("a" * 10_000_000, many) == []


def test_names_with_equal_letters_cost_little() -> None:
    alike = [f"{'ab' * 40}{n}" for n in range(200)]
    compared = 0

    def trace(frame: FrameType, event: str, given: object) -> None:
        nonlocal compared
        compared += frame.f_code.co_name == "ratio"

    sys.setprofile(trace)
    try:
        nearest("ba" * 40, alike)
        nearest("evidence-mising", ["evidence-missing", *alike])
    finally:
        sys.setprofile(None)

    assert 0 < compared <= 32, "calls and returns of difflib's slow comparison"


def test_without_a_near_name_all_names_are_listed() -> None:
    assert remedy("xyz", TIERS) == "there are `prototype`, `production`, `critical`"
    assert remedy("xyz", TIERS, most=2) == "there are `prototype`, `production`, …"
    assert remedy("xyz", []) == "there is none"


WRONG = {
    "check --format jsn": "'--format': there is no `jsn`; did you mean `json`?",
    "check --level relase": "'--level': there is no `relase`; did you mean `release`?",
    "check --level done": (
        "'--level': there is no `done`; there are `draft`, `complete`, `release`"
    ),
    "check --output srif=x": ("'--output': there is no `srif` for `srif=x`; did you mean `sarif`?"),
    "status --format jso": "'--format': there is no `jso`; did you mean `json`?",
    "gate --format mark x.json": "'--format': there is no `mark`; did you mean `markdown`?",
    "update --format txt": "'--format': there is no `txt`; did you mean `text`?",
    "check --levl complete": "no option `--levl`; did you mean `--level`?",
    "check --write": "no option `--write`; did you mean `--write-baseline`?",
    "check --json": "no option `--json`; `--help` lists them",
    "new x --tire critical": "no option `--tire`; did you mean `--tier`?",
    "--versoin": "no option `--versoin`; did you mean `--version`?",
    "--format json check": ("no option `--format`; put an option of a command after its name"),
    "chek": "no command `chek`; did you mean `check`?",
}


@pytest.mark.parametrize(("command", "message"), WRONG.items(), ids=list(WRONG))
def test_a_mistyped_value_gets_a_suggestion(command: str, message: str) -> None:
    result = CliRunner().invoke(cli, command.split())

    assert result.stderr.splitlines()[-1].endswith(message)
    assert result.exit_code == 2


def test_a_prefix_of_a_tier_gets_a_suggestion() -> None:
    result = CliRunner().invoke(cli, ["new", "x", "--defaults", "--tier", "prod"])

    assert result.stderr == (
        "error: `prod` is not a choice of tier\n  hint: did you mean `production`?\n"
    )
