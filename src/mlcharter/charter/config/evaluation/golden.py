"""The questions whose answers are known, and until when they are trusted.

Counts are of the file; `corpus_sha256` is the digest of the corpus whose spans they cite.
`near` and `far` count unanswerable questions inside and outside the subject.
"""

from typing import Annotated

from msgspec import Meta

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
