"""The datasets of the evals, each with its digest and its split.

`sha256` is the digest of the canonical values, not of the file's bytes.
The file in `card` contains the id in backticks.
`uri` is a path in the repository, or an address with a scheme such as `pkg:`, `generated:` or
`s3:`. `data/x.csv#labelled` is a part of a file, whose rows are not counted.
`synthetic` is the share of rows that a model or a simulator generated.
A gate fails if the digest or the row count of a report differs.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, NAME, PERSON
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
WEAKER = {
    "*": LESS,
    "id": NAME,
    "uri": PERSON,
    "sha256": PERSON,
    "rows": LESS,
    "licence": PERSON,
    "card": PERSON,
    "split": {"*": LESS, "kind": ANY, "key": ANY, "sha256": PERSON},
    "synthetic": MORE,
}
