"""A release is not verified at deploy and startup, or with a key that cannot sign it.

An instance that restarts loads what is on its disk, so it must verify again. A key that is not in
`signing`, or is there for demos, does not prove who released the files.

Flagged:

    --- ops/runbook.md
    <!-- config: verification -->
    ```yaml
    {command: make verify, at: [deploy], keys: [acme-2026], on_failure: refuse}
    ```

Flagged:

    --- ops/runbook.md
    <!-- config: verification -->
    ```yaml
    {command: make verify, at: [deploy, startup], keys: [acme-2025], on_failure: refuse}
    ```

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}], threshold: 1,
      min_sequence: 1, revoked: []}
    ```

Fine:

    --- ops/runbook.md
    <!-- config: verification -->
    ```yaml
    {command: make verify, at: [deploy, startup], keys: [acme-2026], on_failure: refuse}
    ```

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}], threshold: 1,
      min_sequence: 1, revoked: []}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    signing = charter.entry("signing")
    purposes = {key.id: key.purpose for key in signing.value.keys} if signing else {}
    for entry in charter.entries("verification"):
        for moment in ("deploy", "startup"):
            if moment not in entry.value.at:
                message = f"`verification` does not verify at `{moment}`; add it to `at`"
                yield entry.finding(message, "at")
        for n, key in enumerate(entry.value.keys):
            if charter.settled("signing") and key not in purposes:
                message = f"`verification` trusts `{key}`, which is not a key in `signing`"
                yield entry.finding(f"{message}; correct one of them", "keys", n)
            elif purposes.get(key) == "demo":
                message = f"`verification` trusts `{key}`, which is a demo key"
                yield entry.finding(f"{message}; use a release key", "keys", n)
