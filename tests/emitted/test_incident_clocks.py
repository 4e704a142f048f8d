"""The laws that a team names decide which deadlines for reporting an incident it receives."""

import datetime
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from conftest import ROOT, Render
from mlcharter.charter.config.safety.incident_clocks import MODEL
from mlcharter.template import composing

PAGE = "safety/safety_checklist.md"
LAWS = sorted(path.stem for path in (ROOT / "template/shared/incident_clocks").glob("*.yml"))
BLOCK = re.compile(r"<!-- config: incident_clocks -->\n```yaml\n(.*?)```\n", re.DOTALL)


def read_clocks(root: Path) -> list[dict[str, Any]]:
    [block] = BLOCK.findall((root / PAGE).read_text(encoding="utf-8"))
    return yaml.safe_load(block)


@pytest.mark.parametrize(
    ("laws", "clocks"),
    [
        (["gdpr"], ["gdpr-breach"]),
        (["nis2", "dora"], ["nis2-significant-incident", "dora-major-incident"]),
        ([], [None]),
    ],
    ids=str,
)
def test_the_answer_decides_the_deadlines(
    render: Render, laws: list[str], clocks: list[str | None]
) -> None:
    answers = {"tracks": ["applied"], "tier": "production", "incident_laws": laws}
    root = render(**answers, layout="documents")

    assert [clock["id"] for clock in read_clocks(root)] == clocks
    composed = composing.compose(ROOT, f"{PAGE}.jinja", answers | {"layout": "documents"})
    assert BLOCK.findall(composed) == BLOCK.findall((root / PAGE).read_text(encoding="utf-8"))


def test_each_law_to_choose_has_valid_deadlines_that_counsel_has_yet_to_check() -> None:
    question = (ROOT / "copier.yml").read_text(encoding="utf-8").partition("\nincident_laws:\n")[2]
    [choices] = re.findall(r"choices: \[(.*?)\]", question)[:1]
    assert sorted(choices.split(", ")) == LAWS
    for law in LAWS:
        path = ROOT / f"template/shared/incident_clocks/{law}.yml"
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert entry["checked_on"] is None
            filled = entry | {"checked_on": datetime.date(2026, 11, 30)}
            [clock] = msgspec.convert([filled], MODEL)
            hours = [_hours(deadline.within) for deadline in clock.deadlines]
            assert hours == sorted(hours)


def _hours(duration: str) -> int:
    return int(duration[:-1]) * {"h": 1, "d": 24}[duration[-1]]
