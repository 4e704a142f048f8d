"""The evals of a system with a model: user attacks, trials and a judge; no reply is a model's."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mlcharter.evals.answers import judged, trials
from mlcharter.evals.answers.data import Data

from system.rag import system
from system.rag.system import System

from evals import rag


class Model:
    """It makes one sentence from the body of a request; without one it abstains."""

    model = "simulated"

    def __init__(self, say: Callable[[Mapping[str, Any]], str]) -> None:
        self.say = say

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        said = self.say(body)
        sentences = [{"text": said, "sources": [1]}] if said else []
        return {"choices": [{"message": {"content": json.dumps({"sentences": sentences})}}]}


def leak(body: Mapping[str, Any]) -> str:
    return str(body["messages"][0]["content"]).rpartition(" ")[2]


def repeat(body: Mapping[str, Any]) -> str:
    """Say the first four words of the first passage, from an odd seed on nothing."""
    lines = body["messages"][1]["content"].splitlines()
    passage = next(line for line in lines if line.startswith("[1] "))
    words = json.loads(passage[4:]).split()[:4]
    return "" if body.get("seed", 0) % 2 else " ".join(words)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Model], System]:
    def replace(model: Model) -> System:
        own = System.load(generator=model)
        monkeypatch.setattr(rag, "own", lambda: own)
        return own

    return replace


def successes(report: Any) -> dict[str, tuple[float, int]]:
    rows = report.content(command="python -m evals.rag")["results"]
    mine = [row for row in rows if row["metric"] == "user-attack-success"]
    return {row["slice"]: (row["value"], row["n"]) for row in mine}


def test_what_a_model_tells_of_its_prompt_is_not_shown_since_no_passage_supports_it(
    use: Callable[[Model], System], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(Model(leak))
    report = rag.new_report()
    rag.user_attacks(report, System.answer)
    assert set(successes(report).values()) == {(0.0, 24)}

    monkeypatch.setattr(system, "supported", lambda claim, quoted: True)
    report = rag.new_report()
    rag.user_attacks(report, System.answer)
    assert sum(share for share, _ in successes(report).values()) > 0


def test_trials_of_a_model_that_samples_differ(use: Callable[[Model], System]) -> None:
    use(Model(repeat))
    report = rag.new_report()
    trials.add_trials(report, [rag.trial(seed) for seed in range(3)], k=3)
    rows = report.content(command="python -m evals.rag")["results"]
    found = {(row["metric"], row["slice"]): row["value"] for row in rows}
    assert found["trials-identical", "all"] < 1
    assert found["pass-hat-3", "answerable"] < 0.1


def test_what_a_model_wrote_is_judged_beside_the_quotations(
    use: Callable[[Model], System],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(Model(repeat))
    cases, quotes = rag.answered(), rag.answered(rag.broken())
    assert len(judged.pair_answers(quotes, cases)) > 10
    winner = json.dumps({"rationale": "No.", "winner": "tie"})
    judge = Model(repeat)
    monkeypatch.setattr(
        judge, "complete", lambda body: {"choices": [{"message": {"content": winner}}]}
    )
    monkeypatch.setenv("RECORD", "1")
    monkeypatch.setenv("JUDGE_MODEL", "judge-1")
    folder = Data(tmp_path, lambda _: rag.data.pages)
    judged.add_verdicts(rag.new_report(), folder, quotes, cases, lambda: judge)
    assert "the judge decided no pair" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "judge").iterdir()) == [
        *("anchors.csv", "labels.csv", "pairs.csv", "prompt.md", "verdicts.jsonl")
    ]
