"""Your system: `System.answer` is all that the evals, the command line and the service call.

It retrieves passages among the pages that the caller may read, reranks them, and chooses sentences;
if these are not likely enough to be right, it abstains. Else it quotes them, each with a citation;
if a model wrote sentences, they take the place of these, provided that the passages support every
one. For another system write another `answer`; keep `Answer`, and a digest in `parts` for all that
decides what is answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from opentelemetry import trace

from ..digests import sha256
from .chunks import Chunk, Place
from .generation import NO_USAGE, PARAMETERS, Generator, Usage, write
from .ingest import Corpus, read_corpus
from .learned import QUOTED, Evidence, Learned
from .ranking import FEATURES, Passage, Scorer
from .retrieval import Index, Store
from .spans import Span, cite
from .support import supported

DATA = Path("data/rag")
DEPTH = 10  # passages that are handed on, and measured
SHOWN = 5  # passages that a model sees
PUBLIC: frozenset[str] = frozenset()  # the groups of a caller of whom nothing is known
# What a wrong answer costs, and to withhold a right one, in any unit.
COSTS = {"wrong": 1, "silence": 1}
THRESHOLD = COSTS["wrong"] / sum(COSTS.values())  # the confidence from which an answer costs less
_tracer = trace.get_tracer(__name__)

Status = Literal["written", "abstained", "malformed", "unavailable", "unsupported"]


@dataclass(frozen=True)
class Answer:
    """Sentences, and the citations that carry them; none of both if the system abstains.

    `retrieved` are the passages that it looked at, best first, and `confidence` is the probability
    that the quoted sentences are right; both are there when it abstains, too. `draft` says what
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
        store: Store | None = None,
        generator: Generator | None = None,
        prompt: str = "",
    ) -> None:
        self.corpus = corpus
        self.generator = generator
        self.prompt = prompt
        self.learned = learned
        self.store: Store = store or Index(corpus)
        self.threshold = THRESHOLD
        self.scorer = Scorer(self.store)

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

    @_tracer.start_as_current_span("answer question")
    def answer(self, question: str, caller: frozenset[str] = PUBLIC) -> Answer:
        """Return an answer from the pages that members of these groups may read, or abstain.

        Whoever caches answers needs release, question and `caller` in the key.
        """
        named = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "corpus"}
        with _tracer.start_as_current_span("retrieval corpus", attributes=named):
            hits = self.store.search(question, caller)
            if not hits:
                return Answer((), (), (), 0.0)
            evidence = Evidence(self.scorer, question, hits)
            chunks = self.learned.rerank(evidence)[:DEPTH]
        retrieved = self.passages(chunks)
        confidence = self.learned.confidence(evidence)
        if confidence < self.threshold or not evidence.quotes:
            return Answer((), (), retrieved, confidence)
        quotes = self.learned.choose(evidence)
        citations = tuple(self._cite(quote.place) for quote in quotes)
        quoted = Answer(tuple(quote.text for quote in quotes), citations, retrieved, confidence)
        passages = [quotable for _, *quotable in map(self.scorer.prepare, chunks) if quotable]
        return self._write(question, passages[:SHOWN], quoted)

    def _write(self, question: str, shown: Sequence[Sequence[Passage]], quoted: Answer) -> Answer:
        """Return the model's answer, or the quoted one if the passages do not support it all."""
        if self.generator is None:
            return quoted
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

    def passages(self, chunks: Iterable[Chunk]) -> tuple[Span, ...]:
        """Return the places of chunks."""
        return tuple(self._cite(chunk.place) for chunk in chunks)

    def parts(self) -> dict[str, str]:
        """Return the digests of what decides an answer, by kind and name; a release pins them."""
        embedder = self.store.embedder.name.partition("@")[0]
        learned = [list(FEATURES), QUOTED, self.threshold, self.learned.numbers()]
        parts = {
            f"retriever/bm25-{embedder}-rrf": self.store.retriever,
            "index/corpus": self.store.digest,
            "reranker/linear": sha256([self.store.digest, learned]),
        }
        if self.generator is not None:
            model = self.generator.model
            parts[f"model/{model}"] = sha256([model, PARAMETERS, SHOWN])
        return parts

    def _cite(self, place: Place) -> Span:
        content = self.corpus.documents[place.document].data
        return cite(place.document, content, place.start, place.end)
