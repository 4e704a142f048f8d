"""The system of the rag track: a question in, sentences with citations out, or nothing.

It quotes; with `LLM_BASE_URL` a model writes, by the prompt of the release, and must be measured.
"""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...digests import canonical
from ...parsing import parsed
from ...rag.endpoint import Endpoint
from ...rag.ingest import ingest, read_corpus
from ...rag.learned import Learned
from ...rag.system import DATA, System
from ..releases import REBUILT, Member
from ..service import Backend

NAME = "rag"
CORPUS, LEARNED, PROMPT = "dataset/corpus", "model/learned", "prompt/answer"
SMOKE = {"question": "How fast may a ship go in the inner fairway?"}


class Question(BaseModel):
    """A question in words."""

    model_config = ConfigDict(extra="forbid")
    question: Annotated[str, Field(min_length=1, max_length=500)]


class Quoting:
    """Answers from the corpus, or abstains: without sources there is no plain fallback."""

    name = NAME

    def __init__(self, system: System) -> None:
        self.system = system

    def answer(self, question: Question) -> dict[str, Any]:
        answer = self.system.answer(question.question)
        return {
            "sentences": list(answer.sentences),
            "citations": [asdict(citation) for citation in answer.citations],
            "abstained": answer.abstained,
            "written": answer.draft == "written",
        }

    def fallback(self, question: Question) -> dict[str, Any] | None:
        return None


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    """The corpus, what was learned, and the prompts; index and ranking are rebuilt from them."""
    corpus = read_corpus(root / DATA / "corpus")
    texts = canonical({name: document.text for name, document in corpus.documents.items()})
    learned = (root / DATA / "learned.json").read_bytes()
    parts: list[tuple[Member, bytes | None]] = [
        (Member("dataset", "corpus", sha256(texts).hexdigest(), "json"), texts),
        (Member("model", "learned", sha256(learned).hexdigest(), "json"), learned),
    ]
    for path in sorted((root / DATA).glob("prompts/*.md")):
        data = path.read_bytes()
        parts.append((Member("prompt", path.stem, sha256(data).hexdigest(), "md"), data))
    _, rebuilt = loaded({member.ref: data for member, data in parts if data is not None})
    for ref, digest in rebuilt.items():
        kind, _, name = ref.partition("/")
        parts.append((Member(kind, name, digest, REBUILT), None))
    return parts


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    files = {name: text.encode() for name, text in parsed(parts[CORPUS]).items()}
    generator, prompt = Endpoint.from_environment(), parts.get(PROMPT, b"").decode()
    system = System(ingest(files), Learned.read(parts[LEARNED]), None, generator, prompt)
    return Quoting(system), system.parts()
