"""A system of high risk has no impact assessment or no oversight, or is not what was answered.

The AI Act asks a provider or deployer of such a system for both, and the assessment decides who
may be harmed and who can stop it. A prohibited system is not launched at all.

Flagged:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: high
    annex_iii: 5(b), creditworthiness
    assessment: null
    oversight: null
    duties: []
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```

Flagged:

    <!-- config: regulatory -->
    ```yaml
    role: deployer
    risk: minimal
    annex_iii: 5(b), creditworthiness
    assessment: null
    oversight: null
    duties: []
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```

Fine:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: high
    annex_iii: 5(b), creditworthiness
    assessment: docs/impact_assessment.md
    oversight: a clerk decides each refusal, and switches the score off
    duties: [{duty: risk management, applies_from: 2027-12-02, source: "Art. 9 and 113"}]
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_NEEDED = {
    "annex_iii": "the item that makes it so",
    "assessment": "the path of the impact assessment",
    "oversight": "who can stop it, and how",
    "duties": "those that follow, with their days",
}


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("regulatory")
    if entry is None:
        return
    law = entry.value
    if law.risk == "prohibited":
        yield entry.finding("a prohibited system may not be launched; change what it is", "risk")
    if law.risk == "high":
        for key, words in _NEEDED.items():
            if not getattr(law, key):
                message = f"the risk is high, and `{key}` is missing; give {words}"
                yield entry.finding(message, key)
        if law.role == "none":
            message = "the risk is high, but nobody provides or deploys it; correct `role`"
            yield entry.finding(message, "role")
    elif law.annex_iii is not None:
        message = f"an item of Annex III makes a system high, but `risk` is {law.risk}"
        yield entry.finding(f"{message}; correct one, or say in `assessment` why", "annex_iii")
    yield from _answers(charter, entry)


def _answers(charter: Charter, entry: Entry) -> Iterator[Finding]:
    """What was answered at founding stands in the text of the documents."""
    for key, answer in (("role", "ai_act_role"), ("risk", "ai_act_risk")):
        given = charter.answers.values.get(answer, "unassessed")
        said = getattr(entry.value, key)
        if given not in ("unassessed", said):
            message = f"`{key}` is {said}, and the answer `{answer}` is {given}"
            remedy = f"correct one of them (`mlcharter update --data {answer}={said}`)"
            yield entry.finding(f"{message}; {remedy}", key)
