"""Registered artifacts by digest, with licence, card and lineage.

A version is a digest; `latest` is not one.
Weights are stored in formats that hold data only; reading a pickle runs code.
"""

from typing import Literal

from mlcharter.formats.directions import ANY, GONE, LESS, NAME, PERSON
from mlcharter.formats.models import Entry, Kind, Owner, Path, Ref, Text


class Registered(Entry, frozen=True, kw_only=True):
    ref: Ref
    kind: Kind
    path: Path | None
    format: Literal[
        "safetensors", "onnx", "npz", "json", "jsonl", "md", "parquet", "csv", "gguf", "package"
    ]
    licence: Text
    card: Path | None
    datasets: list[Ref]
    embedder: Ref | None
    stage: Literal["candidate", "released", "retired", "revoked"]
    owner: Owner


MODEL = list[Registered]
WEAKER = {
    "*": PERSON,
    "ref": NAME,
    "kind": PERSON,
    "path": PERSON,
    "format": ANY,
    "licence": PERSON,
    "card": GONE,
    "datasets": LESS,
    "embedder": PERSON,
    "stage": PERSON,
    "owner": PERSON,
}
