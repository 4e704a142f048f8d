"""The helpers decide as the gate does, and say what was measured."""

import asyncio
import datetime
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.evals import testing
from mlcharter.evals.intervals import wilson
from mlcharter.evals.reports import Report
from mlcharter.formats import report as format_
from mlcharter.gate import engine
from mlcharter.support import plugins

TODAY = datetime.date(2026, 12, 1)
GOOD, BAD = wilson(90, 100, unit="row"), wilson(40, 100, unit="row")


def verdict(hits: int, op: str, threshold: float) -> str:
    """What `mlcharter gate` says of a share of hits in a hundred rows."""
    report = Report("applied", seed=1)
    report.add_dataset("loans", "ab" * 32, rows=100)
    report.add("share", "loans", wilson(hits, 100, unit="row"))
    content = json.dumps(report.content(command="x")).encode()
    rising = op in (">=", ">")
    gate = {"id": "a-gate", "metric": "share", "dataset": "loans", "slice": "all", "op": op}
    limit = {"threshold": threshold, "bound": "lower95" if rising else "upper95", "min_n": 1}
    metric = {"id": "share", "unit": "ratio", "direction": "up" if rising else "down"}
    dataset = {"id": "loans", "uri": "data/x.csv", "sha256": "ab" * 32, "rows": 100}
    about = {"licence": "CC0-1.0", "card": "cards/x.md", "synthetic": 0.0}
    split = {"kind": "none", "key": None, "sha256": None}
    slice_ = {"id": "all", "dataset": "loans", "where": "all", "min_n": 1}
    blocks: dict[str, list[Any]] = {
        "gates": [{**gate, **limit, "on_fail": "block", "decided_on": TODAY, "rationale": "r"}],
        "metrics": [{**metric, "method": "wilson", "resample": "row", "produced_by": "x.py"}],
        "slices": [{**slice_, "protected": False, "alert": None}],
        "datasets": [{**dataset, **about, "split": split}],
    }
    configs = {
        kind: msgspec.convert(value, plugins.load_one("mlcharter.charter.config", kind).MODEL)
        for kind, value in blocks.items()
    }
    read = {"applied": format_.parse(content, "a report")}
    return engine.decide(configs, read, {}, TODAY)[0].verdict


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 100),
    st.sampled_from([">=", ">", "<=", "<"]),
    st.one_of(st.floats(0, 1), st.sampled_from([round(GOOD.lower, 6), round(GOOD.upper, 6)])),
)
def test_passes_says_what_the_gate_says(hits: int, op: Any, threshold: float) -> None:
    found = testing.passes(wilson(hits, 100, unit="row"), op, threshold)

    assert found == (verdict(hits, op, threshold) == "pass")


def test_a_defect_that_a_gate_sees_is_fine() -> None:
    testing.assert_gate_sees(GOOD, BAD, ">=", 0.8)


@pytest.mark.parametrize(
    ("threshold", "why"),
    [
        (0.3, "the broken system is at 0.3094, and the gate asks >= 0.3: use a stronger defect"),
        (0.9, "the sound system is at 0.8256, and the gate asks >= 0.9: the gate is too strict"),
    ],
)
def test_a_gate_that_tells_nothing_apart_is_named(threshold: float, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        testing.assert_gate_sees(GOOD, BAD, ">=", threshold)


def written(path: Path, value: float, count: int = 1) -> Path:
    report = Report("applied", seed=1)
    report.add_dataset("loans", "ab" * 32, rows=3)
    for i in range(count):
        report.add_count(f"duplicates-{i}", "loans", value, n=3)
    report.write(path, command=f"run {path.name}")
    return path


def test_two_runs_of_one_commit_agree(tmp_path: Path) -> None:
    testing.assert_same_results(written(tmp_path / "a.json", 1), written(tmp_path / "b.json", 1))


@pytest.mark.parametrize(
    ("value", "count", "why"),
    [
        (2, 1, r"`results` differs .*'value': 1\.0.*'value': 2\.0"),
        (1, 2, "1 entries and 2 entries"),
    ],
)
def test_what_differs_is_shown(tmp_path: Path, value: float, count: int, why: str) -> None:
    one, other = written(tmp_path / "a.json", 1), written(tmp_path / "b.json", value, count)

    with pytest.raises(AssertionError, match=why):
        testing.assert_same_results(one, other)


def test_time_passes_only_while_every_task_waits() -> None:
    async def work() -> list[float]:
        now = asyncio.get_running_loop().time
        seen = []
        for _ in range(100):
            await asyncio.sleep(0)
        seen.append(now())
        await asyncio.gather(asyncio.sleep(1.0), asyncio.sleep(3.0))
        return [*seen, now()]

    assert testing.simulate(work()) == [0.0, 3.0]


def test_a_task_that_waits_for_nothing_is_an_error() -> None:
    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="no event will ever come"):
        testing.simulate(work())
