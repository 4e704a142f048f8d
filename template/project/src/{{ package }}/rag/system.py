"""Your system: `System.answer` is all that the evals, the command line and the service call.

It answers by quotation: it retrieves passages, reranks them, abstains if they do not seem to answer
the question, and else quotes their best sentences, each with a citation. For another system write
another `answer`; keep `Answer`, and a digest in `parts` for all that decides what is answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..digests import sha256
from .chunks import Place
from .ingest import Corpus, read_corpus
from .learned import Evidence, Learned
from .ranking import FEATURES, Scorer
from .retrieval import Index
from .spans import Span, cite

DATA = Path("data/rag")
QUOTED = 2  # sentences in an answer
DEPTH = 10  # passages that are handed on, and measured
# What a wrong answer costs, and silence on a question that the corpus answers, in any unit.
COSTS = {"wrong": 1, "silence": 1}
THRESHOLD = COSTS["wrong"] / sum(COSTS.values())  # the confidence from which it answers


@dataclass(frozen=True)
class Answer:
    """Sentences, and the citations that carry them; none of both if the system abstains.

    `retrieved` are the passages that it looked at, best first, and `confidence`, 0 to 1, is how
    likely the corpus answers the question; both are there when it abstains, too.
    """

    sentences: tuple[str, ...]
    citations: tuple[Span, ...]
    retrieved: tuple[Span, ...]
    confidence: float

    @property
    def abstained(self) -> bool:
        return not self.sentences


class System:
    """Answers questions from one corpus."""

    def __init__(self, corpus: Corpus, learned: Learned, index: Index | None = None) -> None:
        self.corpus = corpus
        self.learned = learned
        self.index = index or Index(corpus)
        self.threshold = THRESHOLD
        self.scorer = Scorer(self.index)

    @classmethod
    def load(cls, folder: Path = DATA) -> Self:
        """Return the system of a folder with `corpus/` and `learned.json`.

        Raises NotImplementedError if one of them is not there yet.
        """
        corpus, learned = read_corpus(folder / "corpus"), folder / "learned.json"
        if not corpus.documents:
            raise NotImplementedError(f"put Markdown pages into {folder}/corpus")
        if not learned.exists():
            remedy = "write System.load in rag/system.py, or run `python -m evals._rag_fit`"
            raise NotImplementedError(f"{learned} is not there; {remedy}")
        return cls(corpus, Learned.read(learned.read_bytes()))

    def answer(self, question: str) -> Answer:
        """Return an answer from the corpus, or one that abstains."""
        evidence = Evidence(self.scorer, question)
        retrieved = self.passages(self.learned.rerank(evidence)[:DEPTH])
        confidence = self.learned.confidence(evidence)
        if confidence < self.threshold or not evidence.quotes:
            return Answer((), (), retrieved, confidence)
        quotes = self.learned.choose(evidence)[:QUOTED]
        citations = tuple(self._cite(quote.place) for quote in quotes)
        return Answer(tuple(quote.text for quote in quotes), citations, retrieved, confidence)

    def passages(self, chunks: Iterable[int]) -> tuple[Span, ...]:
        """Return the places of chunks, by their numbers in the index."""
        return tuple(self._cite(self.index.chunks[i].place) for i in chunks)

    def parts(self) -> dict[str, str]:
        """Return the digests of what decides an answer, by kind and name; a release pins them."""
        embedder = self.index.embedder.name.partition("@")[0]
        learned = [list(FEATURES), QUOTED, self.threshold, self.learned.numbers()]
        return {
            f"retriever/bm25-{embedder}-rrf": self.index.retriever,
            "index/corpus": self.index.digest,
            "reranker/linear": sha256([self.index.digest, learned]),
        }

    def _cite(self, place: Place) -> Span:
        content = self.corpus.documents[place.document].data
        return cite(place.document, content, place.start, place.end)
