"""Your system: `System.answer` is all that the evals, the command line and the service call.

It retrieves passages, reranks them, and abstains if they do not seem to answer the question. Else
it quotes their best sentences, each with a citation; if a model wrote sentences, they take the
place of these, provided that the passages support every one. For another system write another
`answer`; keep `Answer`, and a digest in `parts` for all that decides what is answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from opentelemetry import trace

from ..digests import sha256
from .chunks import Place
from .generation import NO_USAGE, PARAMETERS, Generator, Usage, write
from .ingest import Corpus, read_corpus
from .learned import Evidence, Learned
from .ranking import FEATURES, Scorer
from .retrieval import Index
from .spans import Span, cite
from .support import supported

DATA = Path("data/rag")
QUOTED = 2  # sentences in an answer
DEPTH = 10  # passages that are handed on, and measured
SHOWN = 5  # passages that a model sees
# What a wrong answer costs, and silence on a question that the corpus answers, in any unit.
COSTS = {"wrong": 1, "silence": 1}
THRESHOLD = COSTS["wrong"] / sum(COSTS.values())  # the confidence from which it answers
_tracer = trace.get_tracer(__name__)

Status = Literal["written", "abstained", "malformed", "unavailable", "unsupported"]


@dataclass(frozen=True)
class Answer:
    """Sentences, and the citations that carry them; none of both if the system abstains.

    `retrieved` are the passages that it looked at, best first, and `confidence`, 0 to 1, is how
    likely the corpus answers the question; both are there when it abstains, too. `draft` says what
    a model made of it: it has `written` the answer, it `abstained`, or else sentences are quoted.
    """

    sentences: tuple[str, ...]
    citations: tuple[Span, ...]
    retrieved: tuple[Span, ...]
    confidence: float
    draft: Status | None = None
    usage: Usage = NO_USAGE

    @property
    def abstained(self) -> bool:
        return not self.sentences


class System:
    """Answers questions from one corpus, in the words of a generator if it has one and a prompt."""

    def __init__(
        self,
        corpus: Corpus,
        learned: Learned,
        index: Index | None = None,
        generator: Generator | None = None,
        prompt: str = "",
    ) -> None:
        self.corpus = corpus
        self.generator = generator
        self.prompt = prompt
        self.learned = learned
        self.index = index or Index(corpus)
        self.threshold = THRESHOLD
        self.scorer = Scorer(self.index)

    @classmethod
    def load(cls, folder: Path = DATA, generator: Generator | None = None) -> Self:
        """Return the system of a folder with `corpus/`, `learned.json` and `prompts/answer.md`.

        Raises NotImplementedError if one of them is not there yet.
        """
        corpus, learned = read_corpus(folder / "corpus"), folder / "learned.json"
        if not corpus.documents:
            raise NotImplementedError(f"put Markdown pages into {folder}/corpus")
        if not learned.exists():
            remedy = "write System.load in rag/system.py, or run `python -m evals._rag_fit`"
            raise NotImplementedError(f"{learned} is not there; {remedy}")
        prompt = (folder / "prompts/answer.md").read_text(encoding="utf-8")
        return cls(corpus, Learned.read(learned.read_bytes()), None, generator, prompt)

    def answer(self, question: str) -> Answer:
        """Return an answer from the corpus, or one that abstains."""
        named = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "corpus"}
        with _tracer.start_as_current_span("retrieval corpus", attributes=named):
            evidence = Evidence(self.scorer, question)
            chunks = self.learned.rerank(evidence)[:DEPTH]
        retrieved, confidence = self.passages(chunks), self.learned.confidence(evidence)
        if confidence < self.threshold or not evidence.quotes:
            return Answer((), (), retrieved, confidence)
        quotes = self.learned.choose(evidence)[:QUOTED]
        citations = tuple(self._cite(quote.place) for quote in quotes)
        quoted = Answer(tuple(quote.text for quote in quotes), citations, retrieved, confidence)
        return self._write(question, chunks, quoted)

    def _write(self, question: str, chunks: Sequence[int], quoted: Answer) -> Answer:
        """Return the model's answer, or the quoted one if its passages do not support it all."""
        if self.generator is None:
            return quoted
        shown = [self.scorer.quotable[i] for i in chunks if self.scorer.quotable[i]][:SHOWN]
        texts = [" ".join(quote.text for quote in passage) for passage in shown]
        draft = write(self.generator, self.prompt, question, texts)
        answer = replace(quoted, draft=draft.status, usage=draft.usage)
        if draft.status == "abstained":
            return replace(answer, sentences=(), citations=())
        cited = []
        for said, sources in draft.sentences:
            quotes = [quote for n in sources for quote in shown[n - 1]]
            found = [self._cite(q.place) for q in quotes if supported(said, q.text)]
            if not found:
                return replace(answer, draft="unsupported")
            cited.append(found[0])
        if not cited:
            return answer
        written = tuple(said for said, _ in draft.sentences)
        return replace(answer, sentences=written, citations=tuple(cited))

    def passages(self, chunks: Iterable[int]) -> tuple[Span, ...]:
        """Return the places of chunks, by their numbers in the index."""
        return tuple(self._cite(self.index.chunks[i].place) for i in chunks)

    def parts(self) -> dict[str, str]:
        """Return the digests of what decides an answer, by kind and name; a release pins them."""
        embedder = self.index.embedder.name.partition("@")[0]
        learned = [list(FEATURES), QUOTED, self.threshold, self.learned.numbers()]
        parts = {
            f"retriever/bm25-{embedder}-rrf": self.index.retriever,
            "index/corpus": self.index.digest,
            "reranker/linear": sha256([self.index.digest, learned]),
        }
        if self.generator is not None:
            model = self.generator.model
            parts[f"model/{model}"] = sha256([model, PARAMETERS, SHOWN])
        return parts

    def _cite(self, place: Place) -> Span:
        content = self.corpus.documents[place.document].data
        return cite(place.document, content, place.start, place.end)
