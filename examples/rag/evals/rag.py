"""Evaluate question answering: retrieval, citations, answers, abstention, attacks.

A model's replies are those in data/rag/exchanges.jsonl, which `make record` writes; without them,
or with scripted ones, answers are quotations, and generation is not measured.
It asks `System.answer` the questions of data/rag/questions.csv, but for those whose split is `dev`:
these are there to learn from. What is not given (unanswerable questions, attacks) is not measured.
Intervals are over documents, since questions on one document succeed and fail together.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from mlcharter.evals import answers, digests, generation, running
from mlcharter.evals.answers import Case, completeness, faults, judged, redteam, traces, trials
from mlcharter.evals.answers.conversations import add_conversations
from mlcharter.evals.answers.data import Data
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report

from harbour_answers.rag.endpoint import Endpoint
from harbour_answers.rag.ingest import ingest, read_files
from harbour_answers.rag.ranking import Linear
from harbour_answers.rag.retrieval import Index, ranked
from harbour_answers.rag.spans import Span
from harbour_answers.rag.support import supported
from harbour_answers.rag.system import COSTS, DATA, DEPTH, THRESHOLD, Answer, System

PACKAGES = ["httpx", "jsonschema", "numpy", "scikit-learn", "scipy"]
FILES = ("data/rag/**/*.csv", "data/rag/**/*.json*", "data/rag/*/**/*.md")
INPUTS = Inputs.read(
    [
        *(files for files in FILES if any(Path().glob(files))),
        *("evals/__init__.py", "evals/*rag*.py"),
        "src/harbour_answers/*.py",
        "src/harbour_answers/rag/**/*.py",
    ]
)
SEED = 7
LIMITS = traces.Limits(calls={"retrieval": 1, "chat": 2})  # of an answer
data = Data(DATA, read_files)
COMPARED = [("dense", "bm25"), ("fused", "bm25"), ("fused", "dense"), ("", "bm25"), ("", "fused")]


@cache
def own() -> System:
    _ = data.questions  # without them, that is what to do first
    model = generation.choose(DATA / "exchanges.jsonl", Endpoint.from_environment, seconds=3600)
    return System.load(generator=model)


def answered(
    system: System | None = None, change: Callable[[Answer], Answer] = lambda answer: answer
) -> list[Case]:
    """Return what a system answers; `change` breaks answers that do not abstain."""
    given = [(q, ask(system or own(), q.text)) for q in data.asked]
    return [Case(q, answer if answer.abstained else change(answer)) for q, answer in given]


def ask(system: System, question: str) -> Answer:
    """Ask as somebody who may read every page."""
    return system.answer(question, system.corpus.groups)


def index_of(system: System) -> Index:
    """Return the store in memory, whose legs are measured one by one."""
    if not isinstance(system.store, Index):
        raise TypeError("another store has other legs; measure these in retrieval_results")
    return system.store


def corpus_results(report: Report, index: Index) -> None:
    """Counts that must be exact: duplicates, provenance."""
    known = [document.provenance.complete for document in index.corpus.documents.values()]
    texts = [chunk.text for chunk in index.chunks]
    answers.add_corpus(report, texts, known, files=len(data.pages))


def retrieval_results(report: Report, system: System) -> None:
    """The whole system, each retriever by itself, and paired differences."""

    def search(leg: str, text: str) -> Sequence[Span]:
        index = index_of(system)
        return system.passages(index.chunks[i] for i in ranked(getattr(index, leg)(text), DEPTH))

    legs = {leg: partial(search, leg) for leg in ("bm25", "dense", "fused")}
    retrievers: dict[str, Callable[[str], Sequence[Span]]] = {
        "": lambda text: ask(system, text).retrieved,
        **legs,
    }
    answers.add_retrieval(report, data.asked, retrievers, COMPARED, depth=DEPTH)


def injection_results(report: Report, respond: Callable[[System, str], Answer]) -> None:
    """Attacks planted in the corpus: one that is cited has succeeded."""
    corpus = ingest({**data.pages, **data.planted})
    system = System(corpus, own().learned, None, own().generator, own().prompt)
    given = [respond(system, attack["question"]) for attack in data.attacks]
    answers.add_attacks(report, list(data.planted), given)


def user_attacks(report: Report, respond: Callable[[System, str], Answer]) -> None:
    """Attacks by users: one that gets a canary, or a page hidden from them, has succeeded."""
    plan, model = redteam.plan(seed=SEED), own().generator
    corpus = ingest({**data.pages, **plan.pages})
    system = System(corpus, own().learned, None, model, plan.mark(own().prompt))
    redteam.add_attacks(report, plan.attacks, partial(respond, system), prompted=model is not None)


def trial(seed: int) -> list[Case]:
    """Return what a system of its own answers, whose model gets a seed."""
    model = trials.vary(own().generator, seed)
    return answered(System(own().corpus, own().learned, None, model, own().prompt))


def trace_results(report: Report, system: System) -> list[Case]:
    """What the system does on its way to its answers; returns these."""
    with traces.record() as recorded:
        cases = answered(system)
    traces.add_traces(report, traces.collect(recorded), LIMITS, dataset="questions", timed=False)
    return cases


def new_report() -> Report:
    """Return a report that names data and parts, without results."""
    report = Report("rag", seed=SEED)
    data.add_to(report, own().corpus.digest, len(own().corpus.documents))
    for path in sorted(DATA.glob("prompts/*.md")):
        report.add_artifact("prompt", path.stem, digests.file(path))
    report.add_parts(own().parts())
    return report


def measure(folder: Path) -> Report:
    """Return all results of the system as it is."""
    report = new_report()
    cases = trace_results(report, own())
    corpus_results(report, index_of(own()))
    answers.add_citations(report, cases, data.pages)
    retrieval_results(report, own())
    answers.add_support(report, cases, data.pages, supported)
    answers.add_contradictions(report, data.asked, data.pages, supported)
    answers.add_answers(report, cases, **COSTS)
    never_silent = answered(broken(threshold=0.0))
    answers.add_confidence(report, never_silent)
    answers.draw_confidence(folder, never_silent, THRESHOLD)
    injection_results(report, ask)
    user_attacks(report, System.answer)
    completeness.add_nuggets(report, cases, data.pages, supported)
    add_conversations(report, data.conversations, lambda turns: ask(own(), "\n".join(turns)))
    trials.add_trials(report, [trial(seed) for seed in range(3)], k=3)
    judged.add_verdicts(report, data, answered(broken()), cases, Endpoint.from_environment)
    return report


def repeat_a_passage() -> Index:
    index = Index(own().corpus)
    index.chunks += index.chunks[:1]
    return index


def without(leg: str) -> System:
    """Return the system with a retriever that answers at random: `bm25` or `dense`."""
    system = broken()
    setattr(system.store, leg, faults.score_at_random(len(index_of(system).chunks)))
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
    kept = [page for i, page in enumerate(data.pages.items()) if i % 3]
    return System(ingest(dict(kept)), own().learned)


def without_header() -> Index:
    first = next(iter(data.pages))
    return Index(ingest({**data.pages, first: b"# A page\n\nWithout a header.\n"}))


def quote_the_worst(threshold: float = THRESHOLD) -> list[Case]:
    return answered(broken(threshold=threshold, chooser=reversed_(own().learned.chooser)))


defect = partial(running.break_part, new_report)
wrong_answers = partial(defect, answers.add_answers, **COSTS)


def support_of(change: Callable[[Answer], Answer]) -> running.Defect:
    changed = partial(answered, change=change)
    return defect(answers.add_support, changed, lambda: data.pages, lambda: supported)


# For each gate, the part of the measurement that it needs, and what is broken there.
DEFECTS = {
    "duplicates": defect(corpus_results, repeat_a_passage),
    "provenance": defect(corpus_results, without_header),
    "citations-resolve": defect(
        answers.add_citations, answered, lambda: faults.edit_cited(answered(), data.pages)
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
        answers.add_contradictions,
        lambda: data.asked,
        lambda: data.pages,
        lambda: faults.accept_half,
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
    "trace-calls": defect(trace_results, lambda: faults.search_again(broken())),
    **dict.fromkeys(
        [f"user-{category}" for category in redteam.CATEGORIES],  # who is asked may read all
        defect(user_attacks, lambda: lambda system, text: ask(system, redteam.understand(text))),
    ),
}

if __name__ == "__main__":
    logging.getLogger("harbour_answers.rag").setLevel(logging.ERROR)
    running.main("evals.rag", measure, DEFECTS, inputs=INPUTS, packages=PACKAGES)
