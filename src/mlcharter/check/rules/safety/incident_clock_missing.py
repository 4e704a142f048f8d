"""Personal data or a high-risk system has no deadline for reporting an incident.

A breach of personal data and a serious incident of a high-risk system must be reported within
hours or days. On the night of the incident it is too late to look up by when, and to whom.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    ```

    <!-- config: incident_clocks -->
    ```yaml
    []
    ```

Flagged:

    --- docs/design_doc.md
    <!-- config: regulatory -->
    ```yaml
    role: deployer
    risk: high
    annex_iii: 5(b), creditworthiness
    assessment: docs/impact_assessment.md
    oversight: a clerk decides each refusal, and switches the score off
    duties: [{duty: risk management, applies_from: 2027-12-02, source: "Art. 9 and 113"}]
    checked_on: 2026-11-16
    checked_by: "@acme/counsel"
    ```
    --- safety/safety_checklist.md
    <!-- config: incident_clocks -->
    ```yaml
    []
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: pii_map -->
    ```yaml
    - {dataset: calls, field: number, category: direct, purpose: to call back, basis: contract,
        retention_days: 30, redaction: hash, region: Ireland}
    ```

    <!-- config: incident_clocks -->
    ```yaml
    - id: gdpr-breach
      covers: personal-data
      starts: we become aware of a breach
      deadlines: [{within: 72h, report: to the authority}]
      source: Regulation (EU) 2016/679, Art. 33
      as_of: 2026-11-01
      checked_on: 2026-11-16
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    configs = charter.configs("incident_clocks")
    if not configs or not charter.settled("incident_clocks"):
        return
    covered = {clock.value.covers for clock in charter.every("incident_clocks")}
    personal = any(entry.value.category != "none" for entry in charter.entries("pii_map"))
    if personal and covered.isdisjoint(("personal-data", "health-data")):
        message = "`pii_map` has personal data, but no entry covers a breach of it"
        yield configs[-1].finding(f"{message}; add one with `covers: personal-data`")
    law = charter.entry("regulatory")
    if law is not None and law.value.risk == "high" and "high-risk-ai" not in covered:
        message = "the risk in `regulatory` is high, but no entry covers a serious incident"
        yield configs[-1].finding(f"{message}; add one with `covers: high-risk-ai`")
