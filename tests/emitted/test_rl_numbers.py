"""What the documents of the track `rl` tell as measured is what a study measured.

`python -m evals.rl --study` in a new repository writes tests/studies/rl.json.
"""

import json
import re

from conftest import ROOT

TRACK = ROOT / "template/tracks/rl"
STUDY = json.loads((ROOT / "tests/studies/rl.json").read_text(encoding="utf-8"))
COLUMNS = ("median-ess-ratio", *(f"coverage-{e}" for e in ("ips", "snips", "dr", "wdr", "fqe")))


def measured(metric: str, slice_: str) -> str:
    """The value of the study with two digits, as its picture has it."""
    [found] = [
        result["value"]
        for result in STUDY["results"]
        if (result["metric"], result["slice"], result["against"]) == (metric, slice_, None)
    ]
    return f"{found:.2f}"


def test_the_table_of_coverage_is_the_study() -> None:
    text = (TRACK / "eval_pack/off-policy-evaluation.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in re.findall(r"^\| ([a-z-]+ \| \d.*) \|$", text, re.M)]
    assert [row[0] for row in rows] == ["near", "candidate", "beyond", "far-route", "edge-route"]
    for name, *told in rows:
        slice_ = f"target-{name}"
        assert told == [measured(column, slice_) for column in (*COLUMNS, "refused")], name


def test_the_share_of_false_trips_in_the_runbook_is_the_study() -> None:
    text = (TRACK / "runbook/sections.md").read_text(encoding="utf-8")
    [told] = re.findall(r"trips (\d+) % of the time at the ceiling", text)
    assert f"0.{told}" == measured("naive-false-trip", "streams-at-ceiling")
