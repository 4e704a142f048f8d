"""The answers file is missing, unreadable, or another template's.

It says which template this repository was made from, and for which tracks. Without it nobody
knows what the repository is held to, and nothing of it can be updated.

Flagged:

    --- .copier-answers.yml
    _src_path: gh:acme/web-service
    service_name: shop

Flagged:

    --- .copier-answers.yml
    tier: production
    tracks: [vision]

Fine:

    # Fraud watch: design
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"
WITHOUT_ANSWERS = True


def check(charter: Charter) -> Iterator[Finding]:
    for problem in charter.answers.problems:
        yield Finding(charter.answers.path, problem.line, problem.column, "", problem.message)
