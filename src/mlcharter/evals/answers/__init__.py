"""Measure a system that answers questions from documents: retrieval, citations, support, answers.

    cases = [Case(question, system.answer(question.text)) for question in asked]
    answers.add_answers(report, cases, wrong=5, silence=1)

Import `abstention` for the threshold that these costs ask for.

Each function adds its results to a report, on the dataset `questions`. Intervals are over
documents, since questions on one document succeed and fail together; an unanswerable question
counts as a document of its own. What only one document is about is left out.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from mlcharter.evals import calibration, intervals, retrieval, spans
from mlcharter.evals.answers import abstention
from mlcharter.evals.answers.contradictions import CONTRADICTIONS, contradict
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report
from mlcharter.evals.spans import Cited, Located, SpanError

Check = Callable[[str, str], bool]
"""Whether a text, the second one, supports a claim."""
DATASET = "questions"
SEED = 7
UNIT = "document"
BINS = 5  # of confidence, so that a hundred questions have twenty in each


class Answer(Protocol):
    """What a system answers: sentences and the spans that carry them, none if it abstains.

    `retrieved` are the passages that it looked at, best first, and `confidence`, 0 to 1, is how
    likely its answer is right, shown or withheld; both are there if it abstains, too.
    """

    @property
    def sentences(self) -> Sequence[str]: ...
    @property
    def citations(self) -> Sequence[Cited]: ...
    @property
    def retrieved(self) -> Sequence[Cited]: ...
    @property
    def confidence(self) -> float: ...
    @property
    def abstained(self) -> bool: ...


@dataclass(frozen=True)
class Case:
    """A question, and what the system made of it."""

    question: Question
    answer: Answer

    @property
    def right(self) -> bool:
        """Whether a citation overlaps a quotation that answers the question."""
        return any(retrieval.match(self.answer.citations, self.question.spans))


def add_share(
    report: Report, metric: str, cases: Sequence[Case], holds: Callable[[Case], bool], where: str
) -> None:
    """Add the share of cases for which something holds."""
    clusters = [case.question.cluster for case in cases]
    if len(set(clusters)) > 1:
        hits = [holds(case) for case in cases]
        report.add(
            metric, DATASET, intervals.clustered_share(hits, clusters, unit=UNIT), slice=where
        )


def add_questions(report: Report, questions: Sequence[Question]) -> None:
    """Add how many questions of each kind there are, and the slices that they make."""
    kinds = Counter(question.kind for question in questions)
    for name in ("answerable", "near", "far"):
        report.add_slice(DATASET, name, unit="question", n=kinds[name])
        report.add_count("questions", DATASET, kinds[name], n=kinds[name], slice=name)
    others = kinds["near"] + kinds["far"]
    report.add_slice(DATASET, "all", unit="question", n=len(questions))
    report.add_slice(DATASET, "unanswerable", unit="question", n=others)


def add_corpus(
    report: Report, texts: Sequence[str], complete: Sequence[bool], *, files: int
) -> None:
    """Add how many indexed texts are there twice, and how many files lack provenance.

    `complete` says for each indexed document whether it has all of it; a file of the corpus that
    is not indexed lacks it.
    """
    twice, missing = len(texts) - len(set(texts)), files - sum(complete)
    report.add_count("duplicate-chunks", "corpus", twice, n=len(texts), slice="chunks")
    report.add_count("provenance-missing", "corpus", missing, n=files, slice="documents")


def add_attacks(
    report: Report, names: Sequence[str], given: Sequence[Answer], *, depth: int = 5
) -> None:
    """Add on how many planted documents an attack was retrieved, and how often it was cited.

    `given[i]` answers the question that document `names[i]` wants to be found for; `retrieved`
    counts it among the first `depth` passages.
    """
    pairs = list(zip(names, given, strict=True))
    hits = {
        "injection-retrieved": [
            any(span.document == name for span in answer.retrieved[:depth])
            for name, answer in pairs
        ],
        "injection-success": [
            any(span.document == name for span in answer.citations) for name, answer in pairs
        ],
    }
    for metric, found in hits.items():
        if found:
            estimate = intervals.wilson(sum(found), len(found), unit="attack")
            report.add(metric, "attacks", estimate, slice="attacks")


def add_answers(report: Report, cases: Sequence[Case], *, wrong: float, silence: float) -> None:
    """Add whether answers are right, whether the system abstains when it should, and its costs.

    `wrong` is the cost of a wrong answer, and `silence` that of withholding a right one. `cost`,
    against silence, is what the answers cost more than never to answer; below 0 they are worth it.
    """
    answerable = [case for case in cases if case.question.answerable]
    others = [case for case in cases if not case.question.answerable]
    shown = [case for case in cases if not case.answer.abstained]
    add_share(report, "answer-hit", answerable, lambda case: case.right, "answerable")
    add_share(report, "answer-precision", shown, lambda case: case.right, "answered")
    add_share(report, "false-abstention", answerable, lambda c: c.answer.abstained, "answerable")
    add_share(report, "abstention", others, lambda case: case.answer.abstained, "unanswerable")
    for kind in ("near", "far"):
        some = [case for case in others if case.question.kind == kind]
        add_share(report, "abstention", some, lambda case: case.answer.abstained, kind)
    clusters = [case.question.cluster for case in cases]
    if len(set(clusters)) > 1:
        right, _ = _judge(cases)
        given = [not case.answer.abstained for case in cases]
        costs = abstention.find_costs(right, given, wrong=wrong, silence=silence)
        estimate = intervals.mean(costs, clusters, unit=UNIT, seed=SEED)
        report.add("cost", DATASET, estimate, against="silence")
    _add_auroc(report, cases)


def _add_auroc(report: Report, cases: Sequence[Case]) -> None:
    """Add how often an answerable question has more confidence than another; a tie is half.

    It is left out if too many resamples would have questions of one kind only.
    """
    labels = np.array([case.question.answerable for case in cases])
    scores = np.array([case.answer.confidence for case in cases])
    clusters = [case.question.cluster for case in cases]
    kinds = {case.question.cluster: case.question.answerable for case in cases}
    share = sum(kinds.values()) / max(1, len(kinds))
    if share ** len(kinds) + (1 - share) ** len(kinds) > (1 - intervals.DEFINED) / 2:
        return

    def statistic(rows: intervals.Rows) -> float:
        drawn, positive = scores[rows], labels[rows]
        above = np.sign(drawn[positive][:, np.newaxis] - drawn[~positive])
        return float((above.mean() + 1) / 2) if above.size else float("nan")

    estimate = intervals.bootstrap(statistic, clusters, unit=UNIT, seed=SEED, method="percentile")
    report.add("answerability-auroc", DATASET, estimate)


def add_confidence(report: Report, cases: Sequence[Case]) -> None:
    """Add whether confidence is the probability of being right, and how well it sorts answers.

    `cases` are all questions, each answered however low its confidence. `confidence-ece` is the
    mean gap between confidence and the share that is right, in five bins, and `aurc` the area under
    the curve of risk by coverage.
    """
    clusters = [case.question.cluster for case in cases]
    if len(set(clusters)) < 2:
        return
    right, confidence = _judge(cases)
    estimate = calibration.estimate_ece(
        right, confidence, unit=UNIT, seed=SEED, clusters=clusters, bins=BINS
    )
    report.add("confidence-ece", DATASET, estimate)
    estimate = intervals.bootstrap(
        lambda rows: abstention.trace_risk(right[rows], confidence[rows]).area,
        clusters,
        unit=UNIT,
        seed=SEED,
        method="percentile",
    )
    report.add("aurc", DATASET, estimate)


def draw_confidence(folder: Path, cases: Sequence[Case], threshold: float) -> None:
    """Write `rag-reliability.svg` and `rag-risk-coverage.svg` of the same cases.

    In the second one, a point is what the system does with `threshold`.
    """
    from mlcharter.evals import plots  # matplotlib takes a second to import

    right, confidence = _judge(cases)
    title = "Confidence and share of right answers"
    plots.calibration(folder / "rag-reliability.svg", right, confidence, title=title, bins=BINS)
    curve = abstention.trace_risk(right, confidence)
    picture, title = folder / "rag-risk-coverage.svg", f"Risk by coverage, from {threshold:.2f} on"
    chosen = curve.at(threshold)
    plots.risk_coverage(picture, curve.coverage, curve.risk, chosen=chosen, title=title)


def _judge(cases: Sequence[Case]) -> tuple[abstention.Array, abstention.Array]:
    """Return which answers are right, and their confidence."""
    right = np.array([case.right for case in cases], dtype=bool)
    return right, np.array([case.answer.confidence for case in cases], dtype=float)


def add_support(
    report: Report,
    cases: Sequence[Case],
    documents: Mapping[str, bytes],
    supported: Check,
) -> None:
    """Add whether one citation carries each sentence, and whether all together carry each claim.

    `supported(claim, quoted)` is the system's own check; a citation that does not resolve carries
    nothing.
    """
    shown = [case for case in cases if not case.answer.abstained]

    def held(case: Case, *, together: bool) -> list[bool]:
        quotes = quoted(case.answer.citations, documents)
        texts = [*quotes, " ".join(quotes)] if together else quotes
        return [any(supported(claim, text) for text in texts) for claim in case.answer.sentences]

    def whole(case: Case) -> bool:
        return all(held(case, together=False))

    add_share(report, "support-coverage", shown, whole, "answered")
    claims = [(ok, case.question.text) for case in shown for ok in held(case, together=True)]
    if len(shown) > 1:
        hits, answers = zip(*claims, strict=True)
        estimate = intervals.clustered_share(hits, answers, unit="answer")
        report.add("faithfulness-at-2", DATASET, estimate, slice="answered")


def add_contradictions(
    report: Report,
    asked: Sequence[Question],
    documents: Mapping[str, bytes],
    supported: Check,
) -> None:
    """Add how often a check of support passes what the quotations of questions contradict.

    `contradictions-passed` is over changed numbers, opposite words and negations, clustered by
    document; `moved-passed` and `omissions-passed` are over exchanged numbers and conditions left
    out, which such checks are blind to.
    """
    found: dict[str, list[tuple[bool, str]]] = {}
    names = dict.fromkeys(CONTRADICTIONS, "contradictions-passed")
    names |= {"moved": "moved-passed", "omission": "omissions-passed"}
    for question in asked:
        for quote in quoted(question.spans, documents):
            for claim in contradict(quote):
                row = supported(claim.text, quote), question.cluster
                found.setdefault(names[claim.kind], []).append(row)
    for metric, rows in found.items():
        hits, clusters = zip(*rows, strict=True)
        if len(set(clusters)) > 1:
            estimate = intervals.clustered_share(hits, clusters, unit=UNIT)
            report.add(metric, DATASET, estimate, slice="answerable")


def quoted(places: Sequence[Cited], documents: Mapping[str, bytes]) -> list[str]:
    """Return the texts of the spans that resolve; the others support nothing."""
    texts = []
    for span in places:
        try:
            texts.append(spans.resolve(span, documents.get(span.document, b"")))
        except SpanError:
            continue
    return texts


def add_citations(report: Report, cases: Sequence[Case], documents: Mapping[str, bytes]) -> None:
    """Add which share of all spans cited and retrieved is, byte for byte, in the documents."""
    places = [span for case in cases for span in (*case.answer.citations, *case.answer.retrieved)]
    share = len(quoted(places, documents)) / len(places)
    report.add_count("citations-resolve", "corpus", share, n=len(places), slice="chunks")


def add_retrieval(
    report: Report,
    asked: Sequence[Question],
    retrievers: Mapping[str, Callable[[str], Sequence[Located]]],
    pairs: Sequence[tuple[str, str]] = (),
    *,
    depth: int = 10,
) -> None:
    """Add success at 1 and 5 and the reciprocal rank of each retriever, by name.

    `success-at-5` is the share of questions of which any quotation is among the first 5 passages.
    The metrics of the retriever "" have plain names; those of another are followed by its own.
    `pairs` of a retriever and a baseline are compared on the same questions.
    """
    found = [question for question in asked if question.answerable]
    clusters = [question.cluster for question in found]
    if len(set(clusters)) < 2:
        return
    ranks = {}
    for name, retrieve in retrievers.items():
        matched = [retrieval.match(retrieve(q.text), q.spans) for q in found]
        for k in (1, 5):
            hits = [retrieval.hit(results, k) for results in matched]
            estimate = intervals.clustered_share(hits, clusters, unit=UNIT)
            report.add(_name(f"success-at-{k}", name), DATASET, estimate, slice="answerable")
        ranks[name] = np.array([retrieval.reciprocal_rank(results, depth) for results in matched])
        estimate = intervals.mean(ranks[name], clusters, unit=UNIT, seed=SEED)
        report.add(_name(f"mrr-at-{depth}", name), DATASET, estimate, slice="answerable")
    for name, baseline in pairs:
        estimate = intervals.mean(ranks[name] - ranks[baseline], clusters, unit=UNIT, seed=SEED)
        metric = _name(f"mrr-at-{depth}", name)
        report.add(metric, DATASET, estimate, slice="answerable", against=baseline)


def _name(metric: str, retriever: str) -> str:
    return f"{metric}-{retriever}" if retriever else metric
