"""Which data the evals ran on, by the digest of its canonical values, and how it was split.

The text of `card` has the id in backticks; `uri` is a path here, or an address with a scheme
such as `pkg:`, `generated:` or `s3:`.
`synthetic` is the share of rows that a model or a simulator made.
The gate refuses a report whose digest or row count differs.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.models import Entry, Id, Part, Path, Sha256, Share, Text


class Split(Part, frozen=True, kw_only=True):
    kind: Literal["random", "stratified", "group", "time", "episode", "fold", "none"]
    key: Text | None
    sha256: Sha256 | None


class Dataset(Entry, frozen=True, kw_only=True):
    id: Id
    uri: Text
    sha256: Sha256
    rows: Annotated[int, Meta(gt=0)]
    licence: Text
    card: Path
    split: Split
    synthetic: Share


MODEL = list[Dataset]
