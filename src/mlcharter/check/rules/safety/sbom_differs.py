"""The SBOM does not match what is installed, lacks a model, or has a forbidden licence.

The SBOM shows which systems contain a vulnerable package. Its libraries are those of the newest
`reports/released/<month>-installed.txt`, from `make release` (or `pip freeze` in the image), at
the versions in `constraints.txt`. It has each dependency in `pyproject.toml`, a licence for each
library, and the digest of each released model.

Flagged:

    --- constraints.txt
    numpy==2.4.6
    --- sbom.json
    {"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "numpy",
      "version": "2.4.5"}]}
    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-10-12}
    ```

Flagged:

    --- sbom.json
    {"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "shiny",
      "version": "1.0", "licenses": [{"license": {"id": "AGPL-3.0-only"}}]}]}
    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-10-12}
    ```

    <!-- config: licences -->
    ```yaml
    {commercial_use: true, allow: [MIT], deny: [AGPL-3.0-only], exceptions: []}
    ```

Flagged:

    --- sbom.json
    {"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "numpy",
      "version": "2.4.6", "licenses": [{"expression": "BSD-3-Clause"}]}]}
    --- reports/released/2026-11-installed.txt
    numpy==2.4.6
    scipy==1.17.1
    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-10-12}
    ```

Flagged:

    --- sbom.json
    {"bomFormat": "CycloneDX", "components": [{"type": "machine-learning-model", "name": "m"}]}
    --- reports/released/2026-11-installed.txt
    # nothing but Python
    --- versioning/registries.md
    <!-- config: joint_release -->
    ```yaml
    id: release-2
    sequence: 2
    previous: release-1
    required: [model]
    members: [model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
    gates: [auc]
    approved_by: ["@acme/board"]
    approved_on: 2026-11-23
    ```
    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-10-12}
    ```

Fine:

    --- constraints.txt
    numpy==2.4.6 ; python_full_version < '3.12'
    numpy==2.5.5 ; python_full_version >= '3.12'
    --- pyproject.toml
    [project]
    name = "watch"
    dependencies = ["NumPy>=2"]
    --- sbom.json
    {"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "numpy",
      "version": "2.4.6", "licenses": [{"expression": "BSD-3-Clause"}]}]}
    --- reports/released/2026-11-installed.txt
    numpy==2.4.6
    --- safety/safety_checklist.md
    <!-- config: supply_chain -->
    ```yaml
    {sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
      secrets_rotated_on: 2026-10-12}
    ```
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from mlcharter.charter import allowed_licences
from mlcharter.charter.charter import Charter
from mlcharter.charter.released_files import suggest_saving
from mlcharter.formats import toml
from mlcharter.support.files import Unreadable
from mlcharter.support.finding import Finding

LEVEL = "release"
_MAX_SHOWN = 8  # versions of a package that a message names
_WEIGHT_KINDS = ("model", "policy", "reranker")
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;#]+)", re.M)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DASHES = re.compile(r"[-_.]+")


def check(charter: Charter) -> Iterator[Finding]:
    sboms = {entry.value.sbom: entry for entry in reversed(charter.entries("supply_chain"))}
    pins = charter.once(_read_pins, "constraints.txt")
    for path, entry in reversed(sboms.items()):
        data = charter.file(path)
        if not isinstance(data, bytes):
            if charter.exists(path):
                yield entry.finding(f"the SBOM `{path}` {data.message}", "sbom")
            continue
        components = _read_components(data)
        if components is None:
            message = f"`{path}` is not a CycloneDX SBOM in JSON; export one"
            yield entry.finding(message, "sbom")
            continue
        libraries = [one for one in components if one.get("type") == "library"]
        for message in (
            *_find_unpinned(pins, libraries),
            *_find_unlisted(charter, libraries),
            *_compare_with_installed(charter, libraries),
            *_check_licences(charter, components),
            *_find_missing_weights(charter, components),
        ):
            yield entry.finding(f"the SBOM `{path}` {message}", "sbom")


def _read_components(data: bytes) -> list[dict[str, Any]] | None:
    import msgspec

    try:
        read = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(read, dict) or read.get("bomFormat") != "CycloneDX":
        return None
    components = read.get("components")
    if not isinstance(components, list) or not components:
        return None
    return [one for one in components if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _normalise(name: str) -> str:
    return _DASHES.sub("-", name).lower()


def _read_pins(charter: Charter, path: str) -> dict[str, dict[str, None]] | None:
    """Return the versions that a file pins, by package; None without the file."""
    data = charter.file(path)
    if not isinstance(data, bytes):
        return None
    pins: dict[str, dict[str, None]] = {}
    for name, version in _PIN.findall(data.decode("utf-8-sig", errors="replace")):
        pins.setdefault(_normalise(name), {})[version] = None
    return pins


def _find_unpinned(
    pins: dict[str, dict[str, None]] | None, libraries: list[dict[str, Any]]
) -> Iterator[str]:
    if pins is None:
        return
    for library in libraries:
        version = str(library.get("version"))
        pinned = pins.get(_normalise(library["name"]), {})
        if version not in pinned:
            shown = ", ".join(sorted(islice(pinned, _MAX_SHOWN)))
            more = f" and {len(pinned) - _MAX_SHOWN} more" if len(pinned) > _MAX_SHOWN else ""
            pinning = f"pins {shown}{more}" if pinned else "does not pin it"
            message = f"has `{library['name']}` {version}, but constraints.txt {pinning}"
            yield f"{message}; generate the SBOM again"


def _compare_with_installed(charter: Charter, libraries: list[dict[str, Any]]) -> Iterator[str]:
    path = charter.frozen("-installed.txt")
    data = charter.file(path) if path else None
    if data is None:
        what = "a list as reports/released/<month>-installed.txt"
        remedy = suggest_saving(what, charter.answers)
        yield f"can't be compared with the installed packages; {remedy}"
        return
    if isinstance(data, Unreadable):
        yield f"can't be compared with the installed packages: `{path}` {data.message}"
        return
    pins = charter.once(_read_pins, str(path)) or {}
    installed = {(name, version) for name, versions in pins.items() for version in versions}
    listed = {(_normalise(one["name"]), str(one.get("version"))) for one in libraries}
    own_name = _normalise(str(charter.once(_read_project, "pyproject.toml").get("name")))
    for name, version in sorted(installed - listed):
        if name != own_name:
            yield f"lacks `{name}` {version}, which is in `{path}`; generate the SBOM again"
    for name, version in sorted(listed - installed):
        if name != own_name:
            yield f"has `{name}` {version}, which is not in `{path}`; generate the SBOM again"


def _find_unlisted(charter: Charter, libraries: list[dict[str, Any]]) -> Iterator[str]:
    dependencies = charter.once(_read_project, "pyproject.toml").get("dependencies", [])
    listed = {_normalise(library["name"]) for library in libraries}
    for dependency in dependencies if isinstance(dependencies, list) else []:
        name = _NAME.match(dependency) if isinstance(dependency, str) else None
        if name and ";" not in dependency and _normalise(name[0]) not in listed:
            yield f"lacks `{name[0]}`, a dependency in pyproject.toml; generate the SBOM again"


def _read_project(charter: Charter, path: str) -> dict[str, Any]:
    """Return the table `project` of pyproject.toml; empty if it can't be read."""
    data = charter.file(path)
    project = toml.read_tables(data).get("project") if isinstance(data, bytes) else None
    return project if isinstance(project, dict) else {}


def _find_missing_weights(charter: Charter, components: list[dict[str, Any]]) -> Iterator[str]:
    lists = [one.get("hashes") for one in components]
    hashes = [entry for each in lists if isinstance(each, list) for entry in each]
    digests = {str(entry.get("content")).lower() for entry in hashes if isinstance(entry, dict)}
    for release in charter.entries("joint_release"):
        for ref in release.value.members:
            weights = ref.partition("/")[0] in _WEIGHT_KINDS
            if weights and ref.rpartition(":")[2] not in digests:
                message = f"lacks `{ref.partition('@')[0]}` of `joint_release`; add a component"
                yield f"{message} with its SHA-256 in `hashes`"


def _check_licences(charter: Charter, components: list[dict[str, Any]]) -> Iterator[str]:
    allowed = allowed_licences.Allowed.of(charter)
    for component in components:
        licences = list(_list_licences(component))
        if not licences and component.get("type") == "library":
            yield f"has no licence for `{component['name']}`; add it"
        for licence in licences if allowed else ():
            if allowed and not allowed.allows(licence, component["name"]):
                message = f"has `{component['name']}` under `{licence}`, which `licences` does not"
                yield f"{message} allow; replace it or get an exception approved"


def _list_licences(component: dict[str, Any]) -> Iterator[str]:
    entries = component.get("licenses")
    for entry in entries if isinstance(entries, list) else ():
        licence = entry.get("license") if isinstance(entry, dict) else None
        inner = licence if isinstance(licence, dict) else {}
        name = entry.get("expression") if isinstance(entry, dict) else None
        name = name or inner.get("id") or inner.get("name")
        if isinstance(name, str):
            yield name
