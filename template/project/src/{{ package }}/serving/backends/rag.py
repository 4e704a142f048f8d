"""The system of the rag track: a question in, sentences with citations out, or nothing.

It quotes; with `LLM_BASE_URL` a model writes, by the prompt of the release, and must be measured.
It answers from pages for everybody: to answer from others, pass `System.answer` the groups of a
caller whom something trusted has identified.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...parsing import parsed
from ...rag.endpoint import Endpoint
from ...rag.ingest import ingest
from ...rag.learned import Learned
from ...rag.system import System
from ..service import Backend

NAME = "rag"
CORPUS, LEARNED, PROMPT = "index/corpus", "model/learned", "prompt/answer"
SMOKE = {"question": "What is this about?"}


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


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    files = {name: text.encode() for name, text in parsed(parts[CORPUS]).items()}
    generator, prompt = Endpoint.from_environment(), parts.get(PROMPT, b"").decode()
    system = System(ingest(files), Learned.read(parts[LEARNED]), None, generator, prompt)
    return Quoting(system), system.parts()
