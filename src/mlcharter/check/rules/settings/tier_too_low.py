"""The settings require a higher tier than that of the documents.

The documents lack the parts that the tier adds, so nothing asks for them.

Flagged:

    --- .mlcharter.yml
    tier: critical

Fine:

    --- .mlcharter.yml
    tier: production
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import TIERS
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    if charter.answers.tier not in TIERS:
        return
    if TIERS.index(charter.tier) > TIERS.index(charter.answers.tier):
        message = f"the settings require tier {charter.tier}, the documents are those of this tier"
        remedy = f"run `mlcharter update --tier {charter.tier}`"
        yield charter.answers.finding("tier", f"{message}; {remedy}")
