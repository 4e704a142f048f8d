"""The answers file is missing, cannot be read, or belongs to another template.

It names the template and the tracks of this repository. Without it, `check` does not know what to
require, and `update` cannot update anything.

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
