"""A high-risk system has no impact assessment or no oversight, or differs from the answers.

The AI Act requires both of providers and deployers of high-risk systems. The assessment records
who may be harmed; oversight means that somebody can stop the system. Providers also need a plan
for monitoring after launch (Art. 72). A prohibited system must not
be launched. A system of Annex III is high-risk unless a condition of Art. 6(3) holds, which its
provider records and registers; one that profiles people always is.

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

Flagged:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: limited
    annex_iii: 4(a), recruitment
    exemption: {condition: preparatory-task, profiles_people: true,
      assessment: docs/adr/0007-not-high-risk.md, registered: "EU database, entry 4711"}
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
    post_market: docs/post_market_plan.md
    duties: [{duty: risk management, applies_from: 2027-12-02, source: "Art. 9 and 113"}]
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```

Fine:

    <!-- config: regulatory -->
    ```yaml
    role: provider
    risk: limited
    annex_iii: 4(a), recruitment
    exemption: {condition: preparatory-task, profiles_people: false,
      assessment: docs/adr/0007-not-high-risk.md, registered: "EU database, entry 4711"}
    assessment: null
    oversight: null
    duties: []
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"
_REQUIRED = {
    "annex_iii": "the item of Annex III that applies",
    "assessment": "the path of the impact assessment",
    "oversight": "who can stop it, and how",
    "duties": "the duties that apply, with their dates",
}


def check(charter: Charter) -> Iterator[Finding]:
    entry = charter.entry("regulatory")
    if entry is None:
        return
    law = entry.value
    if law.risk == "prohibited":
        yield entry.finding("a prohibited system must not be launched; change its purpose", "risk")
    if law.risk == "high":
        for key, content in _REQUIRED.items():
            if not getattr(law, key):
                message = f"the risk is high, but `{key}` is missing; give {content}"
                yield entry.finding(message, key)
        if law.role in ("provider", "both") and law.post_market is None:
            message = "a provider of a high-risk system has no `post_market`"
            yield entry.finding(f"{message}; give the path of the monitoring plan of Art. 72")
        if law.role == "none":
            message = "the risk is high, but `role` is none; correct one of them"
            yield entry.finding(message, "role")
    elif law.annex_iii is not None:
        yield from _check_exemption(entry)
    yield from _compare_answers(charter, entry)


def _check_exemption(entry: Entry) -> Iterator[Finding]:
    law = entry.value
    if law.exemption is None:
        message = f"a system of Annex III is high-risk, but `risk` is {law.risk}"
        remedy = "correct one of them, or record the `exemption` of Art. 6(3)"
        yield entry.finding(f"{message}; {remedy}", "annex_iii")
    elif law.exemption.profiles_people:
        message = "a system of Annex III that profiles people is always high-risk (Art. 6(3))"
        yield entry.finding(f"{message}; correct `risk`", "exemption", "profiles_people")


def _compare_answers(charter: Charter, entry: Entry) -> Iterator[Finding]:
    """Yield a finding for each answer that differs; the template writes answers into documents."""
    for key, question in (("role", "ai_act_role"), ("risk", "ai_act_risk")):
        answer = charter.answers.values.get(question, "unassessed")
        value = getattr(entry.value, key)
        if answer not in ("unassessed", value):
            message = f"`{key}` is {value}, but the answer `{question}` is {answer}"
            remedy = f"correct one of them (`mlcharter update --data {question}={value}`)"
            yield entry.finding(f"{message}; {remedy}", key)
