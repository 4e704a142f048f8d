"""pass^k, nuggets and conversations are measured on cases that were worked out by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcharter.evals import spans
from mlcharter.evals.answers import Case, completeness, conversations, trials
from mlcharter.evals.answers.trials import estimate_pass
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report
from mlcharter.evals.spans import Span

PAGES = {"a.md": b"A pass costs 12 a month. Children pay 5.", "b.md": b"Fog stops ships."}
PASS, CHILD = (spans.locate("a.md", PAGES["a.md"], t) for t in ("A pass costs 12", "Children pay"))
FOG = spans.locate("b.md", PAGES["b.md"], "Fog stops ships.")


@dataclass(frozen=True)
class Reply:
    sentences: tuple[str, ...] = ()
    citations: tuple[Span, ...] = ()
    retrieved: tuple[Span, ...] = ()
    confidence: float = 0.5

    @property
    def abstained(self) -> bool:
        return not self.sentences


def results(report: Report) -> dict[tuple[str, str, str | None], float]:
    if not report._datasets:
        report.add_dataset("questions", "0" * 64, 3)
    found = report.content(command="python -m evals.rag")["results"]
    return {(r["metric"], r["slice"], r["against"]): round(r["value"], 4) for r in found}


# Trials


def test_the_estimate_is_the_share_of_draws_that_are_all_right() -> None:
    for n in range(1, 7):
        for right in range(n + 1):
            for k in range(1, n + 1):
                draws = list(combinations([True] * right + [False] * (n - right), k))
                expected = sum(map(all, draws)) / len(draws)
                assert estimate_pass(right, n, k) == pytest.approx(expected)


def test_the_estimate_has_no_bias() -> None:
    drawn = np.random.default_rng(7).binomial(5, 0.7, 100_000)
    found = np.mean([estimate_pass(int(right), 5, 3) for right in drawn])
    assert found == pytest.approx(0.7**3, abs=0.005)


@pytest.mark.parametrize(("right", "n", "k"), [(0, 3, 4), (4, 3, 2), (-1, 3, 2), (1, 3, 0)])
def test_an_impossible_number_of_trials_is_refused(right: int, n: int, k: int) -> None:
    with pytest.raises(ValueError, match="pass\\^k needs 1 <= k <= n"):
        estimate_pass(right, n, k)


RIGHT, WRONG = Reply(("12",), (PASS,)), Reply(("Fog stops.",), (FOG,))


def trial(first: Reply, second: Reply, third: Reply) -> list[Case]:
    asked = [
        Question("Pass?", (PASS,), {}),
        Question("Fog?", (FOG,), {}),
        Question("Mayor?", (), {}),
    ]
    return [Case(q, answer) for q, answer in zip(asked, (first, second, third), strict=True)]


def test_a_question_that_fails_once_in_three_seldom_passes_twice() -> None:
    report = Report("rag", seed=7)
    asked = [
        trial(RIGHT, WRONG, Reply()),
        trial(RIGHT, WRONG, Reply()),
        trial(WRONG, WRONG, Reply()),
    ]
    trials.add_trials(report, asked, k=2)
    assert results(report) == {
        ("trials-identical", "all", None): round(2 / 3, 4),
        ("pass-hat-2", "all", None): round((1 / 3 + 1 + 1) / 3, 4),
        ("pass-hat-2", "answerable", None): round((1 / 3 + 1) / 2, 4),
    }


def test_trials_that_are_identical_are_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("rag", seed=7)
    trials.add_trials(report, [trial(RIGHT, WRONG, Reply())] * 3, k=3)
    assert results(report)["trials-identical", "all", None] == 1.0
    told = "all 3 trials are identical, so pass^3 says nothing more than pass^1\n"
    assert capsys.readouterr().out == told


def test_trials_of_other_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="trials have other questions"):
        trials.add_trials(
            Report("rag", seed=7), [trial(RIGHT, WRONG, WRONG), trial(RIGHT, WRONG, WRONG)[:2]], k=1
        )


def test_each_trial_is_another_request() -> None:
    class Model:
        model = "m"

        def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
            return body

    assert trials.vary(None, 1) is None
    given = [trials.vary(Model(), n) for n in (0, 1)]
    assert [one and one.complete({"a": 1}) for one in given] == [
        {"a": 1, "seed": 0},
        {"a": 1, "seed": 1},
    ]


# Nuggets


def contains(claim: str, text: str) -> bool:
    return claim in text


def with_nuggets(*answers: Reply, nuggets: str = "A pass costs 12 |  a month|") -> list[Case]:
    asked = [
        Question("Pass?", (PASS,), {"nuggets": nuggets}),
        Question("Fog?", (FOG,), {"nuggets": "Fog"}),
        Question("Child?", (CHILD,), {"nuggets": ""}),
    ]
    return [Case(q, answer) for q, answer in zip(asked, answers, strict=True)]


def test_nuggets_are_counted_and_silence_has_none() -> None:
    report = Report("rag", seed=7)
    half, right = Reply(("A pass costs 12.",)), Reply(("Fog stops ships.",))
    completeness.add_nuggets(report, with_nuggets(half, right, right), PAGES, contains)
    assert results(report)["nugget-coverage", "answerable", None] == round(2 / 3, 4)
    silent = Report("rag", seed=7)
    completeness.add_nuggets(silent, with_nuggets(Reply(), right, right), PAGES, contains)
    assert results(silent) == {("nugget-coverage", "answerable", None): round(1 / 3, 4)}


def test_a_nugget_is_covered_by_one_sentence() -> None:
    report = Report("rag", seed=7)
    apart = Reply(("A pass", "costs 12", "a month"))
    completeness.add_nuggets(report, with_nuggets(apart, Reply(), Reply()), PAGES, contains)
    assert results(report)["nugget-coverage", "answerable", None] == round(1 / 3, 4)


def test_without_nuggets_nothing_is_measured() -> None:
    report = Report("rag", seed=7)
    completeness.add_nuggets(report, trial(RIGHT, WRONG, Reply()), PAGES, contains)
    assert results(report) == {}


def test_a_nugget_that_no_page_has_is_refused() -> None:
    cases = with_nuggets(RIGHT, WRONG, RIGHT, nuggets="A pass costs 13 | Fog")
    with pytest.raises(ValueError) as error:
        completeness.add_nuggets(Report("rag", seed=7), cases, PAGES, contains)
    assert str(error.value) == (
        "question 'Pass?': no page that answers it has the nugget 'A pass costs 13'\n"
        "question 'Pass?': no page that answers it has the nugget 'Fog'"
    )


# Conversations

TALKS = [
    {"turns": ["What costs a pass?", "And for a child?"], "document": "a.md", "quote": "Children"},
    {"turns": ["Tell me of ships.", "When stop they?"], "document": "b.md", "quote": "Fog stops"},
    {"turns": ["Who is mayor?", "And before?"]},
    {"turns": ["How is cake made?", "And bread?"]},
]


def write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_the_last_turn_is_judged_and_compared_with_itself_alone(tmp_path: Path) -> None:
    def respond(turns: Sequence[str]) -> Reply:
        if "What costs a pass?" in turns:
            return Reply(("Children pay 5.",), (CHILD,))
        return Reply(("Fog stops ships.",), (FOG,)) if "When stop they?" in turns else Reply()

    talks = conversations.read(write(tmp_path / "c.jsonl", TALKS), PAGES)
    report = Report("rag", seed=7)
    conversations.add_conversations(report, talks, respond)
    assert results(report) == {
        ("conversation-right", "all", None): 1.0,
        ("conversation-right", "all", "last-turn"): 0.25,
        ("conversation-right", "answerable", None): 1.0,
        ("conversation-right", "answerable", "last-turn"): 0.5,
        ("conversation-right", "unanswerable", None): 1.0,
        ("conversation-right", "unanswerable", "last-turn"): 0.0,
    }


def test_without_a_file_no_conversation_is_measured(tmp_path: Path) -> None:
    assert conversations.read(tmp_path / "none.jsonl", PAGES) == []
    report = Report("rag", seed=7)
    conversations.add_conversations(report, [], lambda turns: RIGHT)
    assert results(report) == {}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([], "`turns` has two texts or more"),
        ({"turns": ["One?"]}, "`turns` has two texts or more"),
        ({"turns": ["One?", 2]}, "`turns` has two texts or more"),
        ({"turns": ["A?", "B?"], "document": "a.md"}, "give `document` and `quote`, or neither"),
        ({"turns": ["A?", "B?"], "document": "c.md", "quote": "x"}, "there is no document 'c.md'"),
        ({"turns": ["A?", "B?"], "document": "a.md", "quote": "x y"}, "a.md does not have the te"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, row: object, why: str) -> None:
    with pytest.raises(ValueError, match=rf"c\.jsonl:2: {why}"):
        conversations.read(write(tmp_path / "c.jsonl", [TALKS[0], row]), PAGES)
