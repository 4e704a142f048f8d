"""A dataset or registered artifact has a licence that is not allowed.

For `A OR B`, one of the licences must be allowed; for `A AND B`, both.

The lists of licences must also fit together: no licence is both allowed and denied, a commercial
product allows no licence that forbids commercial use, and no exception has expired.

Flagged:

    --- safety/safety_checklist.md
    <!-- config: licences -->
    ```yaml
    {commercial_use: true, allow: [MIT], deny: [AGPL-3.0-only], exceptions: []}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: AGPL-3.0-only, card: null,
        datasets: [], embedder: null, stage: released, owner: "@acme/ops"}
    ```

Flagged:

    --- safety/safety_checklist.md
    <!-- config: licences -->
    ```yaml
    {commercial_use: true, allow: [MIT, CC-BY-NC-4.0], deny: [], exceptions: []}
    ```

Fine:

    --- safety/safety_checklist.md
    <!-- config: licences -->
    ```yaml
    {commercial_use: true, allow: [MIT], deny: [AGPL-3.0-only], exceptions: [{name: e,
      licence: AGPL-3.0-only, use: in CI only, approved_by: "@acme/legal", until: 2027-01-31}]}
    ```

    --- versioning/registries.md
    <!-- config: registry -->
    ```yaml
    - {ref: eval/e@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37,
        kind: eval, path: null, format: package, licence: AGPL-3.0-only, card: null,
        datasets: [], embedder: null, stage: released, owner: "@acme/ops"}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter import allowed_licences
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for licences in charter.entries("licences"):
        value = licences.value
        for n, name in enumerate(value.allow):
            if name in value.deny:
                message = f"`licences` allows and denies `{name}`; remove one"
                yield licences.finding(message, "allow", n)
            elif value.commercial_use and "-NC" in name:
                message = f"`licences` allows `{name}`, which forbids commercial use"
                yield licences.finding(
                    f"{message}; remove it or set `commercial_use: false`", "allow", n
                )
        for n, exception in enumerate(value.exceptions):
            if exception.until < charter.earliest:
                message = f"the exception for `{exception.name}` expired on {exception.until}"
                yield licences.finding(
                    f"{message}; remove it or extend it", "exceptions", n, "until"
                )
    allowed = allowed_licences.Allowed.of(charter)
    for entry, name in _list_assets(charter) if allowed else ():
        if allowed and not allowed.allows(entry.value.licence, name):
            message = f"{entry.subject} has the licence `{entry.value.licence}`"
            why = "which `licences` does not allow; replace it or get an exception approved"
            yield entry.finding(f"{message}, {why}", "licence")


def _list_assets(charter: Charter) -> Iterator[tuple[Entry, str]]:
    """Return each dataset of `datasets`, and each other registered artifact, with its name."""
    data = charter.named("datasets")
    yield from ((entry, entry.value.id) for entry in charter.entries("datasets"))
    for entry in charter.entries("registry"):
        name = entry.value.ref.partition("@")[0].partition("/")[2]
        if entry.value.kind != "dataset" or name not in data:
            yield entry, name
