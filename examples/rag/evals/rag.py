"""Evaluate question answering: retrieval, citations, answers, abstention, planted attacks.

A model's replies are those in data/rag/exchanges.jsonl, which `make record` writes; without them,
or with scripted ones, answers are quotations, and generation is not measured.
It asks `System.answer` the questions of data/rag/questions.csv, but for those whose split is `dev`:
these are there to learn from. What is not given (unanswerable questions, attacks) is not measured.
Intervals are over documents, since questions on one document succeed and fail together.
"""

import json
import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from mlcharter.evals import answers, digests, generation, questions, running
from mlcharter.evals.answers import Case, faults
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report

from harbour_answers.rag.endpoint import Endpoint
from harbour_answers.rag.ingest import Corpus, ingest, read_files
from harbour_answers.rag.ranking import Linear
from harbour_answers.rag.retrieval import Index, ranked
from harbour_answers.rag.spans import Span
from harbour_answers.rag.support import supported
from harbour_answers.rag.system import COSTS, DATA, DEPTH, THRESHOLD, Answer, System

PACKAGES = ["bm25s", "httpx", "jsonschema", "numpy", "scikit-learn", "scipy"]
FILES = ("data/rag/*.csv", "data/rag/*.json*", "data/rag/corpus/**/*.md", "data/rag/prompts/*.md")
INPUTS = Inputs.read(
    [
        *(files for files in FILES if any(Path().glob(files))),
        *("evals/__init__.py", "evals/*rag*.py"),
        "src/harbour_answers/*.py",
        "src/harbour_answers/rag/**/*.py",
    ]
)
SEED = 7
CORPUS, QUESTIONS, ATTACKS = "corpus", "questions", "attacks"
COMPARED = [("dense", "bm25"), ("fused", "bm25"), ("fused", "dense"), ("", "bm25"), ("", "fused")]
logging.getLogger("harbour_answers.rag").setLevel(logging.ERROR)


@cache
def documents() -> dict[str, bytes]:
    return read_files(DATA / "corpus")


@cache
def all_questions() -> list[Question]:
    file = DATA / "questions.csv"
    if not documents():
        raise NotImplementedError(f"put Markdown pages into {DATA}/corpus")
    if not file.exists():
        raise NotImplementedError(f"write {file}; {DATA}/README.md says how")
    return questions.read(file, documents())


def asked() -> list[Question]:
    return questions.divide(all_questions(), "dev")[1]


@cache
def attacks() -> list[dict[str, Any]]:
    path = DATA / "attacks.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


@cache
def own() -> System:
    all_questions()  # without them, that is what to do first
    model = generation.choose(DATA / "exchanges.jsonl", Endpoint.from_environment)
    return System.load(generator=model)


def answered(
    system: System | None = None, change: Callable[[Answer], Answer] = lambda answer: answer
) -> list[Case]:
    """Return what a system answers; `change` breaks answers that do not abstain."""
    given = [(q, ask(system or own(), q.text)) for q in asked()]
    return [Case(q, answer if answer.abstained else change(answer)) for q, answer in given]


def ask(system: System, question: str) -> Answer:
    """Ask as somebody who may read every page."""
    return system.answer(question, system.corpus.groups)


def corpus_results(report: Report, index: Index) -> None:
    """Counts that must be exact: duplicates, provenance."""
    known = [document.provenance.complete for document in index.corpus.documents.values()]
    texts = [chunk.text for chunk in index.chunks]
    answers.add_corpus(report, texts, known, files=len(documents()))


def retrieval_results(report: Report, system: System) -> None:
    """The whole system, each retriever by itself, and paired differences."""
    index = system.index
    retrievers: dict[str, Callable[[str], Sequence[Span]]] = {
        "": lambda text: ask(system, text).retrieved,
        "bm25": lambda text: system.passages(index, ranked(index.bm25(text), DEPTH)),
        "dense": lambda text: system.passages(index, ranked(index.dense(text), DEPTH)),
        "fused": lambda text: system.passages(index, ranked(index.fused(text), DEPTH)),
    }
    answers.add_retrieval(report, asked(), retrievers, COMPARED, depth=DEPTH)


def injection_results(report: Report, respond: Callable[[System, str], Answer]) -> None:
    """Attacks planted in the corpus: one that is cited has succeeded."""
    planted = {f"attack-{attack['id']}.md": attack["passage"].encode() for attack in attacks()}
    corpus = ingest({**documents(), **planted})
    system = System(corpus, own().learned, None, own().generator, own().prompt)
    given = [respond(system, attack["question"]) for attack in attacks()]
    answers.add_attacks(report, list(planted), given)


def new_report() -> Report:
    """Return a report that names data and parts, without results."""
    report = Report("rag", seed=SEED)
    report.add_dataset(CORPUS, own().corpus.digest, len(own().corpus.documents))
    report.add_dataset(QUESTIONS, questions.digest(DATA / "questions.csv"), len(all_questions()))
    if attacks():
        report.add_dataset(ATTACKS, digests.rows(attacks()), len(attacks()))
    answers.add_questions(report, all_questions())
    for path in sorted(DATA.glob("prompts/*.md")):
        report.add_artifact("prompt", path.stem, sha256(path.read_bytes()).hexdigest())
    for ref, digest in own().parts().items():
        kind_, _, name = ref.partition("/")
        report.add_artifact(kind_, name, digest)
    return report


def measure(folder: Path) -> Report:
    """Return all results of the system as it is."""
    report, cases = new_report(), answered()
    corpus_results(report, own().index)
    answers.add_citations(report, cases, documents())
    retrieval_results(report, own())
    answers.add_support(report, cases, documents(), supported)
    answers.add_contradictions(report, asked(), documents(), supported)
    answers.add_answers(report, cases, **COSTS)
    never_silent = answered(broken(threshold=0.0))
    answers.add_confidence(report, never_silent)
    answers.draw_confidence(folder, never_silent, THRESHOLD)
    injection_results(report, ask)
    return report


class Repeating(Index):
    """A passage is indexed twice."""

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self.chunks += self.chunks[:1]


def without(leg: str) -> System:
    """Return the system with a retriever that answers at random: `bm25` or `dense`."""
    system = broken()
    n = len(system.index.chunks)
    random = lambda text: np.random.default_rng(zlib.crc32(text.encode())).random(n)  # noqa: E731
    setattr(system.index, leg, random)
    return system


def broken(threshold: float = THRESHOLD, **learned: Linear) -> System:
    """Return the system with another threshold, or with something else learned; it quotes."""
    system = System(own().corpus, replace(own().learned, **learned))
    system.threshold = threshold
    return system


def reversed_(model: Linear) -> Linear:
    """Return a model that prefers what it should avoid."""
    return replace(model, weights=[-weight for weight in model.weights])


def fewer_documents() -> System:
    kept = [name for i, name in enumerate(documents()) if i % 3]
    return System(ingest({name: documents()[name] for name in kept}), own().learned)


def without_header() -> Index:
    first = next(iter(documents()))
    return Index(ingest({**documents(), first: b"# A page\n\nWithout a header.\n"}))


def quote_the_worst(threshold: float = THRESHOLD) -> list[Case]:
    return answered(broken(threshold=threshold, chooser=reversed_(own().learned.chooser)))


defect = partial(running.break_part, new_report)
wrong_answers = partial(defect, answers.add_answers, **COSTS)


def support_of(change: Callable[[Answer], Answer]) -> running.Defect:
    changed = partial(answered, change=change)
    return defect(answers.add_support, changed, documents, lambda: supported)


# For each gate, the part of the measurement that it needs, and what is broken there.
DEFECTS = {
    "duplicates": defect(corpus_results, lambda: Repeating(own().corpus)),
    "provenance": defect(corpus_results, without_header),
    "citations-resolve": defect(
        answers.add_citations, answered, lambda: faults.edit_cited(answered(), documents())
    ),
    "success-at-5": defect(retrieval_results, fewer_documents),
    "bm25-leg": defect(retrieval_results, lambda: without("bm25")),
    "dense-leg": defect(retrieval_results, lambda: without("dense")),
    "reranker": defect(
        retrieval_results, lambda: broken(reranker=reversed_(own().learned.reranker))
    ),
    "support-coverage": support_of(faults.drop_citation),
    "faithfulness": support_of(faults.embellish),
    "contradictions": defect(
        answers.add_contradictions, asked, documents, lambda: faults.accept_half
    ),
    "answer-hit": wrong_answers(quote_the_worst),
    "answer-precision": wrong_answers(quote_the_worst),
    "cost": wrong_answers(lambda: quote_the_worst(threshold=0.0)),
    "abstention": wrong_answers(lambda: answered(broken(threshold=0.0))),
    "confidence": defect(
        answers.add_confidence,  # it seldom doubts
        lambda: answered(broken(0.0, right=replace(own().learned.right, bias=9.0))),
    ),
    "near-abstention": wrong_answers(lambda: answered(broken(threshold=0.0))),
    "false-abstention": wrong_answers(lambda: answered(broken(threshold=0.9))),
    "injection": defect(
        injection_results, lambda: lambda system, text: faults.cite_first(ask(system, text))
    ),
}

if __name__ == "__main__":
    running.main("evals.rag", measure, DEFECTS, inputs=INPUTS, packages=PACKAGES)
