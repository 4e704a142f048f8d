"""The answers name a template that the settings do not allow.

`update` fetches the template from that address. Whoever can change it decides what the next update
writes.

Flagged:

    --- .mlcharter.yml
    template: https://git.acme.example/ml/charter.git
    --- .copier-answers.yml
    _src_path: https://git.elsewhere.example/charter.git
    layout: full
    tier: production
    tracks: [applied]

Fine:

    --- .mlcharter.yml
    template: https://git.acme.example/charter.git
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.addresses import comparable, without_secrets
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    allowed = charter.settings.values.template
    if allowed is None:
        return
    source = str(charter.answers.values.get("_src_path", ""))
    if comparable(source) != comparable(allowed):
        message = f"`_src_path` is `{without_secrets(source)}`"
        message += f", but the settings allow `{without_secrets(allowed)}` only"
        yield charter.answers.finding("_src_path", f"{message}; correct it")
