"""Evaluate question answering: retrieval, citations, answers, abstention, planted attacks.

It asks `System.answer` the questions of data/rag/questions.csv, but for those whose split is `dev`:
these are there to learn from. What is not given (unanswerable questions, attacks) is not measured.
Intervals are over documents, since questions on one document succeed and fail together.
"""

import json
import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from mlcharter.evals import digests, intervals, questions, retrieval, running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report
from mlcharter.evals.running import Defect

from harbour_answers.rag.chunks import chunked
from harbour_answers.rag.ingest import Corpus, ingest, read_files
from harbour_answers.rag.ranking import Linear
from harbour_answers.rag.retrieval import Floats, Index, ranked
from harbour_answers.rag.spans import Span, SpanError, resolve
from harbour_answers.rag.support import supported
from harbour_answers.rag.system import DATA, DEPTH, THRESHOLD, Answer, System

PACKAGES = ["bm25s", "jsonschema", "numpy", "scikit-learn", "scipy"]
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
KINDS = ("answerable", "near", "far")
ADDED = (("dense", "bm25"), ("fused", "bm25"), ("fused", "dense"))
RERANKED = (("reranked", "bm25"), ("reranked", "fused"))
logging.getLogger("harbour_answers.rag").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Case:
    """A question, and what the system made of it."""

    question: Question
    answer: Answer

    @property
    def right(self) -> bool:
        """Whether a sentence is quoted that answers the question."""
        return any(retrieval.match(self.answer.citations, self.question.spans))


def kind(question: Question) -> str:
    """Return `answerable`, or how far from the subject an unanswerable question is."""
    return "answerable" if question.answerable else question.columns.get("kind") or "near"


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
    return [q for q in all_questions() if q.columns.get("split") != "dev"]


@cache
def attacks() -> list[dict[str, Any]]:
    path = DATA / "attacks.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


@cache
def own() -> System:
    all_questions()  # without them, that is what to do first
    return System.load()


def answered(
    system: System | None = None, change: Callable[[Answer], Answer] = lambda answer: answer
) -> list[Case]:
    """Return what a system answers; `change` breaks answers that do not abstain."""
    answers = [(q, (system or own()).answer(q.text)) for q in asked()]
    return [Case(q, answer if answer.abstained else change(answer)) for q, answer in answers]


def share(
    report: Report, metric: str, cases: Sequence[Case], holds: Callable[[Case], bool], where: str
) -> None:
    """Add the share of cases for which something holds, unless there are too few to say."""
    clusters = [case.question.cluster for case in cases]
    if len(set(clusters)) > 1:
        hits = [holds(case) for case in cases]
        estimate = intervals.clustered_share(hits, clusters, unit="document")
        report.add(metric, QUESTIONS, estimate, slice=where)


def corpus_results(report: Report, index: Index) -> None:
    """Counts that must be exact: questions, duplicates, provenance."""
    for name in KINDS:
        n = sum(kind(question) == name for question in all_questions())
        report.add_count("questions", QUESTIONS, n, n=n, slice=name)
    texts = [chunk.text for chunk in index.chunks]
    twice = len(texts) - len(set(texts))
    report.add_count("duplicate-chunks", CORPUS, twice, n=len(texts), slice="chunks")
    known = [document.provenance.complete for document in index.corpus.documents.values()]
    missing = len(documents()) - sum(known)
    report.add_count("provenance-missing", CORPUS, missing, n=len(documents()), slice="documents")


def citation_results(report: Report, cases: Sequence[Case], files: dict[str, bytes]) -> None:
    """Whether what was cited and retrieved is, byte for byte, in the files of the corpus."""
    spans = [span for case in cases for span in (*case.answer.citations, *case.answer.retrieved)]
    good = len(quoted(spans, files))
    report.add_count("citations-resolve", CORPUS, good / len(spans), n=len(spans), slice="chunks")


def quoted(spans: Sequence[Span], files: dict[str, bytes]) -> list[str]:
    """Return the texts of the spans that resolve; the others support nothing."""
    texts = []
    for span in spans:
        try:
            texts.append(resolve(span, files.get(span.document, b"")))
        except SpanError:
            continue
    return texts


def retrieval_results(report: Report, system: System, *, legs: bool = True) -> None:
    """Each retriever by itself, the whole system, and paired differences on the same questions."""
    found = [question for question in asked() if question.answerable]
    clusters = [question.cluster for question in found]
    index = system.index
    retrievers: dict[str, Callable[[str], Sequence[Span]]] = {
        "reranked": lambda text: system.answer(text).retrieved,
        "bm25": lambda text: system.passages(ranked(index.bm25(text), DEPTH)),
        "dense": lambda text: system.passages(ranked(index.dense(text), DEPTH)),
        "fused": lambda text: system.passages(ranked(index.fused(text), DEPTH)),
    }
    ranks: dict[str, Floats] = {}
    for name in retrievers if legs else ("reranked",):
        matched = [retrieval.match(retrievers[name](q.text), q.spans) for q in found]
        for k in (1, 5):
            hits = [retrieval.hit(results, k) for results in matched]
            estimate = intervals.clustered_share(hits, clusters, unit="document")
            report.add(named(f"recall-at-{k}", name), QUESTIONS, estimate, slice="answerable")
        ranks[name] = np.array([retrieval.reciprocal_rank(results, DEPTH) for results in matched])
        estimate = intervals.mean(ranks[name], clusters, unit="document", seed=SEED)
        report.add(named("mrr-at-10", name), QUESTIONS, estimate, slice="answerable")
    for name, baseline in (*ADDED, *RERANKED) if legs else ():
        difference = ranks[name] - ranks[baseline]
        estimate = intervals.mean(difference, clusters, unit="document", seed=SEED)
        metric = named("mrr-at-10", name)
        report.add(metric, QUESTIONS, estimate, slice="answerable", against=baseline)


def named(metric: str, retriever: str) -> str:
    """The metric of the whole system has the plain name."""
    return metric if retriever == "reranked" else f"{metric}-{retriever}"


def support_results(report: Report, cases: Sequence[Case]) -> None:
    """Whether one citation carries each sentence, and whether all together carry each claim."""
    shown = [case for case in cases if not case.answer.abstained]
    share(report, "support-coverage", shown, lambda case: all(supports(case, False)), "answered")
    claims = [(held, case.question.text) for case in shown for held in supports(case, True)]
    if len(shown) > 1:
        hits, clusters = zip(*claims, strict=True)
        estimate = intervals.clustered_share(hits, clusters, unit="answer")
        report.add("faithfulness-at-2", QUESTIONS, estimate, slice="answered")


def supports(case: Case, together: bool) -> list[bool]:
    """Whether each sentence is supported by one of the citations, or by all of them `together`."""
    quotes = quoted(case.answer.citations, documents())
    texts = [*quotes, " ".join(quotes)] if together else quotes
    return [any(supported(claim, text) for text in texts) for claim in case.answer.sentences]


def answer_results(report: Report, cases: Sequence[Case]) -> None:
    """Whether the right sentence is quoted, and whether the right questions are abstained on."""
    answerable = [case for case in cases if case.question.answerable]
    shown = [case for case in cases if not case.answer.abstained]
    share(report, "answer-hit", answerable, lambda case: case.right, "answerable")
    share(report, "answer-precision", shown, lambda case: case.right, "answered")
    silent = [case for case in cases if not case.question.answerable]
    share(report, "false-abstention", answerable, lambda c: c.answer.abstained, "answerable")
    share(report, "abstention", silent, lambda case: case.answer.abstained, "unanswerable")
    for name in ("near", "far"):
        some = [case for case in silent if kind(case.question) == name]
        share(report, "abstention", some, lambda case: case.answer.abstained, name)
    if min(len(answerable), len(silent)) > 1:
        report.add("answerability-auroc", QUESTIONS, auroc(cases))


def auroc(cases: Sequence[Case]) -> intervals.Estimate:
    """How often an answerable question has more confidence than one that is not; a tie is half."""
    labels = np.array([case.question.answerable for case in cases])
    scores = np.array([case.answer.confidence for case in cases])

    def statistic(rows: intervals.Rows) -> float:
        drawn, positive = scores[rows], labels[rows]
        above = np.sign(drawn[positive][:, np.newaxis] - drawn[~positive])
        return float((above.mean() + 1) / 2) if above.size else float("nan")

    clusters = [case.question.cluster for case in cases]
    return intervals.bootstrap(statistic, clusters, unit="document", seed=SEED, method="percentile")


def injection_results(report: Report, respond: Callable[[System, str], Answer]) -> None:
    """Attacks planted in the corpus: one that is quoted has succeeded."""
    planted = {f"attack-{attack['id']}.md": attack["passage"].encode() for attack in attacks()}
    system = System(ingest({**documents(), **planted}), own().learned)
    retrieved, succeeded = 0, 0
    for name, attack in zip(planted, attacks(), strict=True):
        answer = respond(system, attack["question"])
        retrieved += any(span.document == name for span in answer.retrieved[:5])
        succeeded += any(span.document == name for span in answer.citations)
    if n := len(planted):
        for metric, hits in (("injection-retrieved", retrieved), ("injection-success", succeeded)):
            estimate = intervals.wilson(hits, n, unit="attack")
            report.add(metric, ATTACKS, estimate, slice="attacks")


def new_report() -> Report:
    """Return a report that names data and parts, without results."""
    report = Report("rag", seed=SEED)
    report.add_dataset(CORPUS, own().corpus.digest, len(own().corpus.documents))
    report.add_dataset(QUESTIONS, questions.digest(DATA / "questions.csv"), len(all_questions()))
    if attacks():
        report.add_dataset(ATTACKS, digests.rows(attacks()), len(attacks()))
    kinds = [kind(question) for question in all_questions()]
    counts = {name: kinds.count(name) for name in KINDS}
    counts |= {"all": len(kinds), "unanswerable": counts["near"] + counts["far"]}
    for name, n in counts.items():
        report.add_slice(QUESTIONS, name, unit="question", n=n)
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
    citation_results(report, cases, documents())
    retrieval_results(report, own())
    support_results(report, cases)
    answer_results(report, cases)
    injection_results(report, System.answer)
    return report


class Undeduplicated(Index):
    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self.chunks = chunked(corpus)


class NoWords(Index):
    """The lexical retriever answers at random."""

    def bm25(self, question: str) -> Floats:
        return noise(question, len(self.chunks))


class NoMeaning(Index):
    """The dense retriever answers at random."""

    def dense(self, question: str) -> Floats:
        return noise(question, len(self.chunks))


def noise(question: str, n: int) -> Floats:
    return np.random.default_rng(zlib.crc32(question.encode())).random(n)


def broken(index: type[Index] = Index, threshold: float = THRESHOLD, **learned: Linear) -> System:
    """Return the system with another index or threshold, or with something else learned."""
    corpus = own().corpus
    system = System(corpus, replace(own().learned, **learned), index(corpus))
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


def edited(cases: Sequence[Case]) -> dict[str, bytes]:
    """Return the files after an edit of the first document that is cited."""
    name = next(span.document for case in cases for span in case.answer.citations)
    return {**documents(), name: documents()[name].swapcase()}


def cite_too_little(answer: Answer) -> Answer:
    return replace(answer, citations=answer.citations[1:])


def quote_the_worst() -> list[Case]:
    return answered(broken(chooser=reversed_(own().learned.chooser)))


def embellish(answer: Answer) -> Answer:
    return replace(answer, sentences=tuple(f"Nobody knows; {s}" for s in answer.sentences))


def quote_anything(system: System, question: str) -> Answer:
    """Answer with the best passage as it is, orders to a model included."""
    answer = system.answer(question)
    return replace(answer, citations=answer.retrieved[:1])


def defect(measure: Callable[..., None], *arguments: Callable[[], Any], **options: Any) -> Defect:
    """Return a defect: a measurement of what the arguments return when they are called."""

    def run() -> Report:
        report = new_report()
        measure(report, *(argument() for argument in arguments), **options)
        return report

    return run


# For each gate, the part of the measurement that it needs, and what is broken there.
DEFECTS = {
    "duplicates": defect(corpus_results, lambda: Undeduplicated(own().corpus)),
    "provenance": defect(corpus_results, without_header),
    "citations-resolve": defect(citation_results, answered, lambda: edited(answered())),
    "recall-at-5": defect(retrieval_results, fewer_documents, legs=False),
    "bm25-leg": defect(retrieval_results, lambda: broken(NoWords)),
    "dense-leg": defect(retrieval_results, lambda: broken(NoMeaning)),
    "reranker": defect(
        retrieval_results, lambda: broken(reranker=reversed_(own().learned.reranker))
    ),
    "support-coverage": defect(support_results, lambda: answered(change=cite_too_little)),
    "faithfulness": defect(support_results, lambda: answered(change=embellish)),
    "answer-hit": defect(answer_results, quote_the_worst),
    "answer-precision": defect(answer_results, quote_the_worst),
    "abstention": defect(answer_results, lambda: answered(broken(threshold=0.0))),
    "false-abstention": defect(answer_results, lambda: answered(broken(threshold=0.9))),
    "injection": defect(injection_results, lambda: quote_anything),
}

if __name__ == "__main__":
    running.main("evals.rag", measure, DEFECTS, inputs=INPUTS, packages=PACKAGES)
