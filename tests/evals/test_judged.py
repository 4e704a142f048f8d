"""A judge compares answers of two systems; its verdicts are recorded, and people label pairs.

The judges are simulated: nothing here says anything of a model.
"""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlcharter.evals import spans
from mlcharter.evals.answers import Case, judged
from mlcharter.evals.answers.data import Data
from mlcharter.evals.generation import MissingExchangeError
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report

PAGES = {f"{n}.md": f"Tug {n} must wait {n} hours.".encode() for n in range(1, 13)}
ASKED = [
    Question(f"Who waits {n}?", (spans.locate(name, page, page.decode()),), {"slice": "tugs"})
    for n, (name, page) in enumerate(PAGES.items(), 1)
]


@dataclass(frozen=True)
class Reply:
    sentences: tuple[str, ...]
    citations: tuple[Any, ...] = ()
    retrieved: tuple[Any, ...] = ()
    confidence: float = 1.0

    @property
    def abstained(self) -> bool:
        return not self.sentences


def answer(text: Callable[[Question], str]) -> list[Case]:
    return [Case(q, Reply((said,) if (said := text(q)) else ())) for q in ASKED]


QUOTED = answer(lambda q: q.text)


def write(end: str = "") -> list[Case]:
    return answer(lambda q: f"{q.text} Yes.{end}")


class Longer:
    """A model that prefers the longer answer, and is asked at most `calls` times."""

    model = "writer"

    def __init__(self, calls: int = 1000) -> None:
        self.calls, self.asked = calls, list[str]()

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if len(self.asked) == self.calls:
            raise TimeoutError
        self.asked.append(body["model"])
        lines = body["messages"][1]["content"].splitlines()
        first, second = (json.loads(line.partition(": ")[2]) for line in lines[-2:])
        winner = "first" if len(first) > len(second) else "second"
        said = json.dumps({"rationale": "It says more.", "winner": winner})
        usage = {"prompt_tokens": 90, "completion_tokens": 10}
        return {"choices": [{"message": {"content": said}}], "usage": usage}


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """The folder of the judge."""
    (tmp_path / "judge").mkdir()
    return tmp_path / "judge"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def run(model: Longer | None = None, judge: str = "judge-1", end: str = "") -> Any:
        with monkeypatch.context() as patch:
            patch.setenv("RECORD", "1")
            patch.setenv("JUDGE_MODEL", judge)
            return measure(tmp_path, model or Longer(), end)

    return run


def data(folder: Path) -> Data:
    return Data(folder.parent, lambda _: PAGES)


def measure(
    folder: Path, model: Longer | None = None, end: str = ""
) -> dict[tuple[str, str], dict[str, Any]]:
    report = Report("rag", seed=1)
    prices = {"input": 1.0, "output": 10.0}
    judged.add_verdicts(report, data(folder), QUOTED, write(end), lambda: model, prices=prices)
    rows = report.content(command="python -m evals.rag")["results"]
    return {(row["metric"], row["slice"]): row for row in rows}


def label(folder: Path, winners: list[str]) -> None:
    with (folder / "labels.csv").open("a", newline="") as stream:
        ids = [pair.id for pair in judged.pair_answers(QUOTED, write())]
        csv.writer(stream).writerows(zip(ids, ["Ana"] * 12, winners, strict=False))


def test_without_verdicts_nothing_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measure(tmp_path) == {}
    told = "judge is not measured: no verdict is recorded; run `make record` with "
    assert capsys.readouterr().out == f"{told}LLM_BASE_URL and JUDGE_MODEL set\n"
    assert list(tmp_path.iterdir()) == []


def test_quotations_are_not_compared_with_themselves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged.pair_answers(QUOTED, answer(lambda q: "")) == {}
    judged.add_verdicts(Report("rag", seed=1), data(tmp_path), QUOTED, QUOTED, lambda: None)
    assert "no model wrote two answers that are not the quotations" in capsys.readouterr().out


def test_what_was_recorded_is_measured_without_a_model(
    tmp_path: Path, record: Callable[..., Any]
) -> None:
    model = Longer()
    first = record(model)
    assert set(model.asked) == {"judge-1"}
    assert measure(tmp_path) == first
    assert first["judge-both-orders", "all"]["value"] == 1.0
    assert first["judge-win-rate", "all"]["value"] == 1.0
    assert first["judge-win-rate", "tugs"]["n"] == 12
    assert first["judge-cost", "all"]["value"] == pytest.approx((90 + 10 * 10) / 1e6)
    assert ("judge-kappa", "all") not in first


def test_anchors_are_quotations_beside_their_contradiction_on_either_side() -> None:
    anchors = judged.make_anchors(ASKED, PAGES, most=4)
    assert list(anchors.values()) == ["a", "b", "a", "b"]
    first = next(iter(anchors))
    assert (first.a, first.b) == ("Tug 1 must wait 1 hours.", "Tug 2 must wait 1 hours.")


def test_agreement_is_measured_once_people_label_pairs(
    tmp_path: Path, record: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not {key for key in record() if key[1] == "audited"}
    assert "it needs labels of people" in capsys.readouterr().out
    assert (tmp_path / "labels.csv").read_text() == "pair,person,winner\n"
    label(tmp_path, ["b"] * 8 + ["a"] * 4)
    assert measure(tmp_path)["judge-kappa", "audited"]["n"] == 12


def test_labels_with_a_rare_winner_are_too_few(
    tmp_path: Path, record: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    record()
    label(tmp_path, ["b"] * 11 + ["a"])
    assert ("judge-kappa", "audited") not in measure(tmp_path)
    assert "undefined in 363 resamples; let people label more pairs" in capsys.readouterr().out


def test_another_answer_needs_another_verdict(tmp_path: Path, record: Callable[..., Any]) -> None:
    record()
    with pytest.raises(MissingExchangeError, match="a pair has no verdict of judge-1: an answer"):
        measure(tmp_path, end=" Really.")
    (tmp_path / "prompt.md").write_text("Again.\n---\n{question} {first} {second}")
    with pytest.raises(MissingExchangeError, match="the prompt or the model has changed"):
        measure(tmp_path)


def test_another_judge_is_compared_with_the_one_before(record: Callable[..., Any]) -> None:
    class Shorter(Longer):
        def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
            reply = super().complete(body)
            text = reply["choices"][0]["message"]["content"]
            other = text.replace("first", "x").replace("second", "first").replace("x", "second")
            return {"choices": [{"message": {"content": other}}]}

    assert ("judge-drift", "all") not in record()
    assert record(judge="judge-2")["judge-drift", "tugs"]["value"] == 0.0
    found = record(Shorter(), judge="judge-3")
    assert (found["judge-drift", "all"]["value"], found["judge-drift", "tugs"]["value"]) == (1, 1)


def test_a_failure_keeps_the_verdicts_that_were_paid_for(record: Callable[..., Any]) -> None:
    with pytest.raises(TimeoutError):
        record(Longer(calls=10))
    rest = Longer()
    record(rest)
    assert len(rest.asked) == 2 * (12 + 12) - 10


def test_a_model_does_not_judge_itself(record: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="JUDGE_MODEL is the model that it judges"):
        record(judge="writer")


def test_scripted_verdicts_measure_nothing(
    tmp_path: Path, record: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    record()
    file = tmp_path / "verdicts.jsonl"
    file.write_text(file.read_text().replace('"recorded"', '"scripted"'))
    assert measure(tmp_path) == {}
    assert "judge is not measured: verdicts are scripted" in capsys.readouterr().out


def test_an_anchor_without_a_winner_is_refused(tmp_path: Path) -> None:
    (tmp_path / "anchors.csv").write_text("pair,question,a,b,winner\np,q,a,b,c\n")
    with pytest.raises(ValueError, match=r"anchors.csv:2: a row has pair, question, a, b and win"):
        _ = judged.Folder(tmp_path).anchors
