"""The whole system behind one call, and the digests that name its parts."""

from dataclasses import asdict
from hashlib import sha256 as digest_of
from pathlib import Path

from ..digests import sha256
from ..reports import Artifact
from .answers import FALSE_ABSTENTION, QUOTED, Answer, Evidence, trained
from .cache import AnswerCache, release
from .golden import Question, read_golden
from .ingest import Corpus, read_corpus
from .ranking import FEATURES, Scorer
from .retrieval import Index


class Assistant:
    """Answers questions from a corpus by quoting it; learns its ranking from golden questions."""

    def __init__(self, corpus: Corpus, golden: list[Question], prompts: dict[str, str]) -> None:
        self.index = Index(corpus)
        self.artifacts = artifacts(self.index, golden, prompts)
        self._release = release(*(artifact.sha256 for artifact in self.artifacts))
        self._scorer = Scorer(self.index)
        self._cache = AnswerCache()
        examples = [(Evidence(self._scorer, q.question), q) for q in golden]
        self._answerer = trained(self._scorer, examples)

    @classmethod
    def load(cls, folder: Path) -> "Assistant":
        """The assistant of a data folder such as data/rag."""
        golden = read_golden(folder / "golden.jsonl")
        return cls(read_corpus(folder / "corpus"), golden, read_prompts(folder))

    def ask(self, question: str) -> Answer:
        """The answer, from the cache where nothing has changed since it was made."""
        answer = self._cache.get(self._release, question)
        if answer is None:
            answer = self._answerer.answer(Evidence(self._scorer, question))
            self._cache.put(self._release, question, answer)
        return answer


def read_prompts(folder: Path) -> dict[str, str]:
    """The prompts of a data folder by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("prompts/*.md"))}


def artifacts(index: Index, golden: list[Question], prompts: dict[str, str]) -> list[Artifact]:
    """What a release of the system pins, each with its digest."""
    embedder = index.embedder.name.partition("@")[0]
    learned = [list(FEATURES), QUOTED, FALSE_ABSTENTION, [asdict(q) for q in golden]]
    return [
        *(
            Artifact("prompt", name, digest_of(text.encode()).hexdigest())
            for name, text in prompts.items()
        ),
        Artifact("retriever", f"bm25-{embedder}-rrf", index.retriever),
        Artifact("index", "handbook", index.digest),
        Artifact("reranker", "linear", sha256([index.digest, learned])),
    ]
