"""Waves of a fleet: a matrix of jobs, and the rule that stops the next wave."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_fleet_report import PLAIN, RISK, SEARCH

from mlcharter.cli import cli
from mlcharter.fleet import lines, members, waves
from mlcharter.fleet.waves import Decision
from mlcharter.support.errors import UserError

LIST = "path,wave,url\nrisk,1,https://git.acme.example/risk\nsearch,1,\nplain,2,\n"


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["fleet", *map(str, args)])


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    (tmp_path / "fleet.csv").write_text(LIST)
    return tmp_path / "fleet.csv"


def test_a_matrix_has_a_list_for_each_job(fleet: Path) -> None:
    whole, first = run("matrix", fleet, "--jobs", "2"), run("matrix", fleet, "--wave", "2")

    assert json.loads(whole.stdout) == {
        "include": [
            {
                "part": "1 of 2",
                "list": '[{"path":"risk","wave":"1","url":"https://git.acme.example/risk"}]',
            },
            {
                "part": "2 of 2",
                "list": '[{"path":"search","wave":"1"},{"path":"plain","wave":"2"}]',
            },
        ]
    }
    assert json.loads(first.stdout) == {
        "include": [{"part": "1 of 1", "list": '[{"path":"plain","wave":"2"}]'}]
    }


def test_the_lists_of_a_matrix_have_each_repository_once(tmp_path: Path) -> None:
    names = [f"repository-{n}" for n in range(1000)]
    (tmp_path / "fleet.txt").write_text("\n".join(names))
    jobs = waves.matrix(members.find([tmp_path / "fleet.txt"]), 256)["include"]
    listed = [[row["path"] for row in json.loads(job["list"])] for job in jobs]

    assert len(jobs) == 256
    assert {len(paths) for paths in listed} == {3, 4}
    assert [path for paths in listed for path in paths] == names


def test_a_matrix_that_github_would_refuse_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "fleet.txt").write_text("\n".join(f"{n:0100}" for n in range(5000)))

    done = run("matrix", tmp_path / "fleet.txt")

    assert done.exit_code == 2
    assert "characters; GitHub Actions takes 500000\n  hint: run one wave at a time" in done.stderr


def test_an_unknown_wave_is_an_error_that_names_the_nearest(fleet: Path) -> None:
    with pytest.raises(UserError, match="no repository has the wave `3`") as raised:
        waves.select(members.find([fleet]), "3")
    assert raised.value.hint == "there are `1`, `2`"

    (fleet.parent / "plain.txt").write_text("risk\n")
    with pytest.raises(UserError) as raised:
        waves.select(members.find([fleet.parent / "plain.txt"]), "1")
    assert raised.value.hint == "write a list with a column `wave`"


def test_only_the_repositories_of_a_wave_are_checked(fleet: Path) -> None:
    done = run("check", fleet, "--wave", "2")

    assert done.stdout == (
        f"failed      plain {fleet.parent}/plain is not a folder\n\n1 repositories: 1 failed\n"
    )


def test_the_next_wave_waits_until_enough_of_this_one_pass(fleet: Path) -> None:
    (fleet.parent / "r.jsonl").write_text("".join(map(lines.render, [RISK, SEARCH, PLAIN])))
    decide = ("wave", "1", fleet, fleet.parent / "r.jsonl")

    stops, goes = run(*decide), run(*decide, "--at-least", "0.5")

    assert (stops.exit_code, goes.exit_code) == (1, 0)
    assert stops.stdout == (
        "wave 1: 1 of 2 repositories pass, at least 0.95 of them must\n"
        "  risk: 2 link-broken, 1 owner-unknown\n"
    )


def test_a_repository_without_a_result_does_not_pass(fleet: Path) -> None:
    """A run that was stopped half-way has too few results, and must not start the next wave."""
    (fleet.parent / "r.jsonl").write_text(lines.render(SEARCH))

    done = run("wave", "1", fleet, fleet.parent / "r.jsonl")

    assert done.exit_code == 1
    assert done.stdout.endswith("\n  risk: no result of 2026-12-01\n")


def test_a_share_is_compared_as_it_was_written() -> None:
    decision = Decision("1", 100, 55, ())

    assert 0.55 * 100 > 55  # what floating point would compare
    assert decision.allows(0.55) and not decision.allows(0.56)
