"""A key cannot sign a release: it has no public half or owner, has expired, or is valid too long.

A release that cannot be signed cannot be verified. The public half of the key `id` is
`versioning/keys/<id>.pub`, in PEM; from tier production on, its `owner` signs with it. An expired
key stays until no release needs it, and is then removed. A key that is valid for more than two
years is not rotated. All keys of an owner count as one signature.

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

Flagged:

    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      owner: "@acme/fraud", purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}],
      threshold: 1, min_sequence: 1, revoked: []}
    ```

Flagged:

    --- versioning/keys/acme-2026.pub
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
    -----END PUBLIC KEY-----
    --- versioning/keys/acme-spare.pub
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=
    -----END PUBLIC KEY-----
    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      owner: "@acme/fraud", purpose: release, not_before: 2026-09-01, not_after: 2027-08-31},
      {id: acme-spare, owner: "@Acme/fraud", purpose: release, not_before: 2026-09-01,
      not_after: 2027-08-31}], threshold: 2, min_sequence: 1, revoked: []}
    ```

Fine:

    --- versioning/keys/acme-2026.pub
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
    -----END PUBLIC KEY-----
    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      owner: "@acme/fraud", purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}],
      threshold: 1, min_sequence: 1, revoked: []}
    ```

Fine:

    --- versioning/keys/acme-2026.pub
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
    -----END PUBLIC KEY-----
    --- versioning/registries.md
    <!-- config: signing -->
    ```yaml
    {envelope: dsse, statement: in-toto-v1, algorithm: ed25519, keys: [{id: acme-2026,
      owner: "@acme/fraud", purpose: release, not_before: 2026-09-01, not_after: 2027-08-31}],
      identities: [{id: ci, issuer: "https://gitlab.com", signs: provenance,
      subject: "https://gitlab.com/acme/ml//.gitlab-ci.yml"}],
      threshold: 2, min_sequence: 1, revoked: []}
    ```
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "release"
_MAX_DAYS = 731
_PEM = b"-----BEGIN PUBLIC KEY-----"


def check(charter: Charter) -> Iterator[Finding]:
    for entry in charter.entries("signing"):
        keys = entry.value.keys
        for n, key in enumerate(keys):
            for field, problem in _find_problems(charter, key):
                yield entry.finding(f"the key `{key.id}` {problem}", "keys", n, field)
            if key.id in [other.id for other in (*keys[:n], *entry.value.identities)]:
                message = f"`signing` has two keys or identities `{key.id}`; rename one"
                yield entry.finding(message, "keys", n, "id")
        valid = {identity.id for identity in entry.value.identities}
        valid |= {(key.owner or key.id).casefold() for key in keys if _signs_today(charter, key)}
        if len(valid) < entry.value.threshold:
            message = f"`signing` requires {entry.value.threshold} signatures, but {len(valid)} of"
            why = "its owners of keys and identities can sign today; add one or lower `threshold`"
            yield entry.finding(f"{message} {why}", "threshold")
    signing = charter.entry("signing")
    ends = {key.id: key.not_after for key in signing.value.keys} if signing else {}
    for entry in charter.entries("verification"):
        if all(ends.get(key, charter.today) < charter.earliest for key in entry.value.keys):
            message = "all keys that `verification` trusts have expired; add a valid one"
            yield entry.finding(message, "keys")


def _signs_today(charter: Charter, key: Any) -> bool:
    return (
        (key.purpose == "release" or not charter.requires("production"))
        and key.not_before <= charter.latest
        and charter.earliest <= key.not_after
    )


def _find_problems(charter: Charter, key: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a key, as a field and a predicate."""
    path = f"versioning/keys/{key.id}.pub"
    data = charter.file(path)
    if not isinstance(data, bytes):
        yield "id", f"has no public half: {path} {data.message.partition(';')[0]}; save it there"
    elif not data.startswith(_PEM):
        yield "id", f"has a public half in {path} that is not in PEM; save it there in PEM"
    if key.owner is None and charter.requires("production"):
        yield "id", "has no `owner`; name who signs with it"
    if key.not_after <= key.not_before:
        yield "not_after", f"ends on {key.not_after}, before it starts; correct its dates"
    elif key.not_after < charter.earliest:
        yield "not_after", f"expired on {key.not_after}; remove it"
    if (key.not_after - key.not_before).days > _MAX_DAYS:
        yield "not_after", "is valid for more than two years; shorten it"
