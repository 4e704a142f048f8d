"""Confidence is learned out of fold, and what ships is what the questions of split `dev` teach."""

import json
from pathlib import Path
from typing import Any

import pytest

from system.rag import learned
from system.rag.learned import Example, Learned
from system.rag.ranking import Linear
from system.rag.system import DATA

from evals import _rag_fit


@pytest.fixture(scope="module")
def taught() -> list[list[Example]]:
    """What each ranking was learned from: that of each fold, and the last one from everything."""
    return []


@pytest.fixture(scope="module")
def written(taught: list[list[Example]]) -> dict[str, Any]:
    fit, texts = learned._fit_ranking, []

    def watch(examples: list[Example]) -> tuple[Linear, Linear]:
        taught.append(list(examples))
        return fit(examples)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned, "_fit_ranking", watch)
        patch.setattr(Path, "write_text", lambda path, text, **options: texts.append(text))
        _rag_fit.main()
    [text] = texts
    return dict(json.loads(text))


def documents(examples: list[Example]) -> set[str]:
    return {place.document for example in examples for place in example.places}


def test_no_document_of_a_question_taught_what_answers_it_for_the_confidence(
    written: dict[str, Any], taught: list[list[Example]]
) -> None:
    *folds, everything = taught
    assert len(folds) == _rag_fit.FOLDS
    for examples in folds:
        kept = {id(example) for example in examples}
        left_out = [example for example in everything if id(example) not in kept]
        assert {bool(example.places) for example in left_out} == {True, False}
        assert documents(left_out).isdisjoint(documents(examples))
    assert sum(len(everything) - len(examples) for examples in folds) == len(everything)


def test_what_ships_is_what_was_learned(written: dict[str, Any]) -> None:
    ships = Learned.read((DATA / "learned.json").read_bytes()).numbers()
    assert written.keys() == ships.keys() == {"reranker", "chooser", "right"}
    for name, numbers in ships.items():
        for part, values in numbers.items():
            assert written[name][part] == pytest.approx(values, abs=2e-3), f"{name} {part}"
