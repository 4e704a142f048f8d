"""The SBOM of a repository, with its models, compared with what is installed and what is allowed.

    python -m mlcharter.evals.sbom [GROUP ...]          writes build/sbom.json, build/licences.json
    python -m mlcharter.evals.sbom --list [GROUP ...]   prints NAME==VERSION of what is installed

What is installed is what pyproject.toml needs where the package runs, with these groups of it, and
what that needs in turn; not the tools of development. Exit code 1 if the SBOM (CycloneDX 1.6), the
licences and what Python finds differ, or if the config block `licences` of
safety/safety_checklist.md does not allow a licence. Needs the packages cyclonedx-bom and
pip-licenses, which `make sbom` installs.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from license_expression import ExpressionError, get_spdx_licensing
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SAFETY, REPORTS = Path("safety/safety_checklist.md"), Path("reports")
SBOM, LICENCES = Path("build/sbom.json"), Path("build/licences.json")
WEIGHTS = ("model", "policy", "reranker")
ALIASES = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""What packages write who do not write SPDX; several classifiers are joined by semicolons."""

Packages = set[tuple[str, str]]


def key(name: str, version: str) -> tuple[str, str]:
    """Return a package by its normalised name (PEP 503) and its version."""
    return canonicalize_name(name), version


def run(*words: str) -> str:
    """Return the output of a program beside this Python."""
    program = str(Path(sys.executable).parent / words[0])
    done = subprocess.run([program, *words[1:]], capture_output=True, text=True, check=True)
    return done.stdout


def make_sbom(names: Collection[str]) -> dict[str, Any]:
    """Return the SBOM of what is needed, with the models of the reports as components."""
    words = ("environment", "--output-reproducible", "--of", "JSON", sys.executable)
    content: dict[str, Any] = json.loads(run("cyclonedx-py", *words))
    kept = [one for one in content["components"] if canonicalize_name(one["name"]) in names]
    refs = {one["bom-ref"] for one in kept}
    content["components"] = kept
    content["dependencies"] = [one for one in content["dependencies"] if one["ref"] in refs]
    content["components"] += models()
    return content


def models() -> list[dict[str, Any]]:
    """Return the weights among the artifacts of the reports, each once."""
    made = [
        artifact
        for path in sorted(REPORTS.glob("*.json"))
        for artifact in json.loads(path.read_bytes())["artifacts"]
    ]
    found = {one["sha256"]: component(one) for one in made if one["kind"] in WEIGHTS}
    return list(found.values())


def component(artifact: dict[str, str]) -> dict[str, Any]:
    """Return a model as a component of CycloneDX, with its digest."""
    name = f"{artifact['kind']}/{artifact['name']}"
    return {
        "type": "machine-learning-model",
        "bom-ref": f"{name}@sha256:{artifact['sha256']}",
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": artifact["sha256"]}],
    }


def spdx(text: str) -> str:
    """Return a licence as an SPDX expression; classifiers joined by semicolons all hold."""
    parts = [ALIASES.get(part.strip(), part.strip()) for part in text.split(";")]
    return " AND ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0]


def allowed(expression: str, allow: set[str]) -> bool:
    """Return whether the config block allows an expression: one side of OR, both sides of AND."""
    if expression in allow:
        return True
    try:
        tree = get_spdx_licensing().parse(expression, validate=True)
    except ExpressionError:
        return False
    return tree is not None and _holds(tree, allow)


def _holds(tree: Any, allow: set[str]) -> bool:
    operator = getattr(tree, "operator", "").strip()
    if operator == "AND":
        return all(_holds(part, allow) for part in tree.args)
    if operator == "OR":
        return any(_holds(part, allow) for part in tree.args)
    return str(tree) in allow


def config_block() -> dict[str, Any]:
    """Return the config block `licences`."""
    text = SAFETY.read_text(encoding="utf-8")
    block = text.partition("<!-- config: licences -->\n```yaml\n")[2].partition("\n```")[0]
    found: dict[str, Any] = yaml.safe_load(block)
    return found


def differences(listed: Packages, licensed: Packages, found: Packages) -> list[str]:
    """Return a message for each package that is in one of the three and not in another."""
    told = {"the SBOM": listed, "the licences": licensed, "what is installed": found}
    return [
        f"{name} {version} is not in {where}"
        for where, packages in told.items()
        for name, version in sorted(set.union(*told.values()) - packages)
    ]


def find_invalid(sbom: dict[str, Any]) -> object:
    """Return what is wrong with an SBOM by the schema of CycloneDX 1.6, or None."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(sbom))


def write(groups: Collection[str]) -> int:
    """Write both files, print what differs, and return the exit code."""
    installed = list_installed(groups)
    made = make_sbom(installed)
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    words = ("--format", "json", "--with-system", "--from", "mixed")
    told = json.loads(run("pip-licenses", *words))
    licences = [entry for entry in told if canonicalize_name(entry["Name"]) in installed]
    LICENCES.write_text(json.dumps(licences, indent=1) + "\n", encoding="utf-8")
    wrong = differences(
        {key(c["name"], c["version"]) for c in made["components"] if c["type"] == "library"},
        {key(entry["Name"], entry["Version"]) for entry in licences},
        set(installed.items()),
    )
    invalid = find_invalid(made)
    if invalid is not None:
        wrong.append(f"the SBOM is not CycloneDX 1.6: {invalid}")
    rules = config_block()
    allow = set(rules["allow"]) | {"LicenseRef-Proprietary"}
    excepted = {canonicalize_name(entry["name"]) for entry in rules["exceptions"]}
    for entry in licences:
        name, _ = key(entry["Name"], entry["Version"])
        if name not in excepted and not allowed(spdx(entry["License"]), allow):
            wrong.append(f"{entry['Name']}: the licence {entry['License']!r} is not allowed")
    print("\n".join(wrong) or f"{len(licences)} packages, in {SBOM} and {LICENCES} alike")
    return 1 if wrong else 0


def find_needed(lines: Iterable[str]) -> dict[str, str]:
    """Return versions by normalised name (PEP 503), of requirements and all that they need.

    What a package asks for and nobody installed is left out: it is not there.
    """
    seen: set[tuple[str, str]] = set()
    found: dict[str, str] = {}
    waiting = [(Requirement(line), "") for line in lines]
    while waiting:
        need, extra = waiting.pop()
        if need.marker is not None and not need.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *need.extras):
            key = canonicalize_name(need.name), wanted
            if key in seen:
                continue
            seen.add(key)
            for package in metadata.distributions(name=need.name):
                found[key[0]] = package.version
                waiting += [(Requirement(line), wanted) for line in package.requires or []]
    return dict(sorted(found.items()))


def list_installed(groups: Collection[str] = ()) -> dict[str, str]:
    """Return what this repository needs where it runs, with some groups of pyproject.toml."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    known = project["dependency-groups"]
    unknown = ", ".join(sorted(set(groups) - known.keys()))
    if unknown:
        sys.exit(f"pyproject.toml has no group {unknown}; it has {', '.join(known)}")
    extra = [line for group in groups for line in known[group]]
    return find_needed([*project["project"]["dependencies"], *extra])
