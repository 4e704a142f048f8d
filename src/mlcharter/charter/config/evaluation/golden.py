"""The questions with known answers, and the date until which they are trusted.

`answerable`, `near` and `far` count the questions of the file.
`near` and `far` are unanswerable questions inside and outside the subject.
`corpus_sha256` is the digest of the corpus that the answers cite.
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import LESS, MORE, PERSON
from mlcharter.formats.models import Count, Date, Entry, Path, Sha256


class Golden(Entry, frozen=True, kw_only=True):
    file: Path
    sha256: Sha256
    corpus: Path
    corpus_sha256: Sha256
    answerable: Annotated[int, Meta(gt=0)]
    near: Count
    far: Count
    annotators: Annotated[int, Meta(gt=0)]
    expires: Date


MODEL = Golden
WEAKER = {
    "*": LESS,
    "file": PERSON,
    "sha256": PERSON,
    "corpus": PERSON,
    "corpus_sha256": PERSON,
    "answerable": LESS,
    "near": LESS,
    "far": LESS,
    "annotators": LESS,
    "expires": MORE,
}
