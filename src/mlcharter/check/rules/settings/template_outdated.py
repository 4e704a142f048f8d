"""The template has grown since this repository was generated.

The repository is held to what it was given. What has been asked for since then is listed here,
so that nobody takes an old charter for a complete one.

Flagged:

    --- .copier-answers.yml
    _commit: v0.0.1
    layout: full
    tier: production
    tracks: [applied]

Fine:

    # Fraud watch: design
"""

from collections.abc import Iterator

from mlcharter import __version__
from mlcharter.charter.charter import Charter
from mlcharter.support import versions
from mlcharter.support.finding import Finding

LEVEL = "note"
_SHOWN = 6


def check(charter: Charter) -> Iterator[Finding]:
    made, ours = versions.numbers(charter.answers.commit), versions.numbers(__version__)
    if made is None or ours is None or made >= ours:
        return
    message = f"made from {charter.answers.commit}; v{__version__} is here"
    later = sorted(charter.spec.later)
    if later:
        more = f" and {len(later) - _SHOWN} more" if len(later) > _SHOWN else ""
        message += f", which adds {', '.join(later[:_SHOWN])}{more}"
    yield charter.answers.finding("_commit", f"{message}; run `mlcharter update`")
