"""A newer version of the template is available.

The repository is checked against the version that it was generated from. This note lists what
later versions require in addition.

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
    generated, current = versions.numbers(charter.answers.commit), versions.numbers(__version__)
    if generated is None or current is None or generated >= current:
        return
    message = f"generated from {charter.answers.commit}; v{__version__} is available"
    later = sorted(charter.spec.later)
    if later:
        more = f" and {len(later) - _SHOWN} more" if len(later) > _SHOWN else ""
        message += f", which adds {', '.join(later[:_SHOWN])}{more}"
    yield charter.answers.finding("_commit", f"{message}; run `mlcharter update`")
