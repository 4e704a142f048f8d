"""Too few keys can sign a release today, or a key is valid for too long.

A release that cannot be signed cannot be verified. A key that is valid for more than two years is
not rotated.

Flagged:

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2025,
      purpose: release, not_before: 2025-09-01, not_after: 2026-08-31}], threshold: 1,
      min_sequence: 1, revoked: []}
    ```

Flagged:

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2027-08-31, not_after: 2026-09-01}], threshold: 1,
      min_sequence: 1, revoked: []}
    ```

Fine:

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}], threshold: 1,
      min_sequence: 1, revoked: []}
    ```

Fine:

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}], identities: [{id: ci,
      issuer: "https://gitlab.com", subject: "https://gitlab.com/acme/ml//.gitlab-ci.yml",
      signs: provenance}], threshold: 2, min_sequence: 1, revoked: []}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "release"
_MAX_DAYS = 731


def check(charter: Charter) -> Iterator[Finding]:
    for entry in charter.entries("signing"):
        keys = entry.value.keys
        valid = {identity.id for identity in entry.value.identities} | {
            key.id
            for key in keys
            if key.purpose == "release"
            and key.not_before <= charter.latest
            and charter.earliest <= key.not_after
        }
        for n, key in enumerate(keys):
            if key.not_after <= key.not_before:
                message = f"the key `{key.id}` ends on {key.not_after}, before it starts"
                yield entry.finding(f"{message}; correct its dates", "keys", n, "not_after")
            if (key.not_after - key.not_before).days > _MAX_DAYS:
                message = f"the key `{key.id}` is valid for more than two years"
                yield entry.finding(f"{message}; shorten it", "keys", n, "not_after")
            if key.id in [other.id for other in (*keys[:n], *entry.value.identities)]:
                message = f"`signing` has two keys or identities `{key.id}`; rename one"
                yield entry.finding(message, "keys", n, "id")
        if len(valid) < entry.value.threshold:
            message = (
                f"`signing` requires {entry.value.threshold} signatures, but {len(valid)} of its"
            )
            why = "keys and identities can sign today; add one or lower `threshold`"
            yield entry.finding(f"{message} {why}", "threshold")
    signing = charter.entry("signing")
    ends = {key.id: key.not_after for key in signing.value.keys} if signing else {}
    for entry in charter.entries("verification"):
        if all(ends.get(key, charter.today) < charter.earliest for key in entry.value.keys):
            message = "all keys that `verification` trusts have expired; add a valid one"
            yield entry.finding(message, "keys")
