"""How passages are retrieved: retrievers, fusion, reranker and chunks.

`legs` lists the lexical retriever (bm25) and the dense one.
A gate shows for each retriever that the fusion is not worse with it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import LESS, PERSON
from mlcharter.formats.models import Count, Entry, Part, Text


class Fusion(Part, frozen=True, kw_only=True):
    method: Literal["rrf", "weighted", "none"]
    k: Annotated[int, Meta(gt=0)] | None


class Chunk(Part, frozen=True, kw_only=True):
    max_chars: Annotated[int, Meta(gt=0)]
    overlap: Count


class Retrieval(Entry, frozen=True, kw_only=True):
    legs: Annotated[list[Literal["bm25", "dense"]], Meta(min_length=1)]
    fusion: Fusion
    reranker: Text | None
    k: Annotated[int, Meta(gt=0)]
    chunk: Chunk


MODEL = Retrieval
WEAKER = {
    "*": LESS,
    "legs": PERSON,
    "fusion": {"*": PERSON, "method": PERSON, "k": PERSON},
    "reranker": PERSON,
    "k": PERSON,
    "chunk": {"*": PERSON, "max_chars": PERSON, "overlap": PERSON},
}
