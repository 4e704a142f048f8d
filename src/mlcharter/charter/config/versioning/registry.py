"""What is registered: by digest, with licence, card and lineage. `latest` is not a version.

Weights are stored in formats that hold data only; pickle runs code when it is read.
"""

from typing import Literal

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
