"""The assistant of the rag track: a question in, quotations with citations out, or nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...digests import canonical
from ...parsing import parsed
from ...rag.assistant import Assistant
from ...rag.citations import Citation
from ...rag.golden import Question as Golden
from ...rag.golden import read_jsonl
from ...rag.ingest import ingest, read_corpus
from ..releases import REBUILT, Member
from ..service import Backend

NAME = "rag"
DATA = Path("data/rag")
CORPUS, GOLDEN = "dataset/handbook", "dataset/handbook-golden"
SMOKE = {"question": "How fast may a ship go in the inner fairway?"}


class Question(BaseModel):
    """A question in words."""

    model_config = ConfigDict(extra="forbid")
    question: Annotated[str, Field(min_length=1, max_length=500)]


class Quoting:
    """Quotes the corpus, or abstains. Without sources there is no plain answer to fall back to."""

    name = NAME

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def answer(self, question: Question) -> dict[str, Any]:
        answer = self.assistant.ask(question.question)
        return {
            "sentences": list(answer.sentences),
            "citations": [asdict(citation) for citation in answer.citations],
            "abstained": answer.abstained,
        }

    def fallback(self, question: Question) -> dict[str, Any] | None:
        return None


def members(root: Path) -> list[tuple[Member, bytes | None]]:
    """The corpus, the golden questions and the prompts; index and ranking are rebuilt from them."""
    corpus = read_corpus(root / DATA / "corpus")
    texts = canonical({name: document.text for name, document in corpus.documents.items()})
    golden = canonical(read_jsonl(root / DATA / "golden.jsonl"))
    parts: list[tuple[Member, bytes | None]] = [
        (_member("dataset", "handbook", texts), texts),
        (_member("dataset", "handbook-golden", golden), golden),
    ]
    for path in sorted((root / DATA).glob("prompts/*.md")):
        data = path.read_bytes()
        parts.append((Member("prompt", path.stem, sha256(data).hexdigest(), "md"), data))
    _, rebuilt = loaded({member.ref: data for member, data in parts if data is not None})
    for ref, digest in rebuilt.items():
        kind, _, name = ref.partition("/")
        parts.append((Member(kind, name, digest, REBUILT), None))
    return parts


def _member(kind: str, name: str, data: bytes) -> Member:
    return Member(kind, name, sha256(data).hexdigest(), "json")


def loaded(parts: Mapping[str, bytes]) -> tuple[Backend, dict[str, str]]:
    files = {name: text.encode() for name, text in parsed(parts[CORPUS]).items()}
    golden = [
        Golden(**{**row, "spans": tuple(Citation(**span) for span in row["spans"])})
        for row in parsed(parts[GOLDEN])
    ]
    prompts = {
        ref.removeprefix("prompt/"): data.decode()
        for ref, data in sorted(parts.items())
        if ref.startswith("prompt/")
    }
    assistant = Assistant(ingest(files), golden, prompts)
    rebuilt = {f"{a.kind}/{a.name}": a.sha256 for a in assistant.artifacts if a.kind != "prompt"}
    return Quoting(assistant), rebuilt
