"""What is installed, told three ways and compared: `python tools/sbom.py`.

Writes build/sbom.json (CycloneDX) with every installed package and, where there is a release, its
members; and build/licences.json. Exit code 1 where the SBOM, the licences and what Python finds
differ, or where a licence is not allowed by the contract `licences` of safety/safety_checklist.md.
"""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import ExpressionError, get_spdx_licensing

SAFETY, RELEASE = Path("safety/safety_checklist.md"), Path("build/release/manifest.json")
SBOM, LICENCES = Path("build/sbom.json"), Path("build/licences.json")
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
    """A package by its normalised name (PEP 503) and its version."""
    return re.sub(r"[-_.]+", "-", name).lower(), version


def installed() -> Packages:
    """What Python itself finds."""
    return {key(found.metadata["Name"], found.version) for found in metadata.distributions()}


def run(*words: str) -> str:
    """The output of a program beside this Python."""
    program = str(Path(sys.executable).parent / words[0])
    done = subprocess.run([program, *words[1:]], capture_output=True, text=True, check=True)
    return done.stdout


def sbom() -> dict[str, Any]:
    """The SBOM of this environment, with the members of the release as components."""
    words = ("environment", "--output-reproducible", "--of", "JSON", sys.executable)
    content: dict[str, Any] = json.loads(run("cyclonedx-py", *words))
    if RELEASE.exists():
        members = json.loads(RELEASE.read_bytes())["members"]
        content["components"] += [component(member) for member in members]
    return content


def component(member: dict[str, str]) -> dict[str, Any]:
    """A member of the release; what is no model is data."""
    kind = "machine-learning-model" if member["kind"] == "model" else "data"
    return {
        "type": kind,
        "bom-ref": f"{member['kind']}/{member['name']}@sha256:{member['sha256']}",
        "name": f"{member['kind']}/{member['name']}",
        "hashes": [{"alg": "SHA-256", "content": member["sha256"]}],
    }


def spdx(text: str) -> str:
    """A licence as an SPDX expression; classifiers joined by semicolons all hold."""
    parts = [ALIASES.get(part.strip(), part.strip()) for part in text.split(";")]
    return " AND ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0]


def allowed(expression: str, allow: set[str]) -> bool:
    """Whether the contract allows an expression: of OR one side is enough, of AND both must be."""
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


def contract() -> dict[str, Any]:
    """The contract `licences`."""
    text = SAFETY.read_text(encoding="utf-8")
    block = text.partition("<!-- contract: licences -->\n```yaml\n")[2].partition("\n```")[0]
    found: dict[str, Any] = yaml.safe_load(block)
    return found


def differences(listed: Packages, licensed: Packages, found: Packages) -> list[str]:
    """Packages that one of the three has and another has not."""
    told = {"the SBOM": listed, "the licences": licensed, "what is installed": found}
    return [
        f"{name} {version} is not in {where}"
        for where, packages in told.items()
        for name, version in sorted(set.union(*told.values()) - packages)
    ]


def main() -> int:
    """Write both, and print what does not fit."""
    made = sbom()
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    words = ("--format", "json", "--with-system", "--from", "mixed")
    licences = json.loads(run("pip-licenses", *words))
    LICENCES.write_text(json.dumps(licences, indent=1) + "\n", encoding="utf-8")
    wrong = differences(
        {key(c["name"], c["version"]) for c in made["components"] if c["type"] == "library"},
        {key(entry["Name"], entry["Version"]) for entry in licences},
        installed(),
    )
    invalid = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made))
    if invalid is not None:
        wrong.append(f"the SBOM is not CycloneDX 1.6: {invalid}")
    rules = contract()
    allow = set(rules["allow"]) | {"LicenseRef-Proprietary"}
    excepted = {key(entry["name"], "")[0] for entry in rules["exceptions"]}
    for entry in licences:
        name, _ = key(entry["Name"], entry["Version"])
        if name not in excepted and not allowed(spdx(entry["License"]), allow):
            wrong.append(f"{entry['Name']}: the licence {entry['License']!r} is not allowed")
    print("\n".join(wrong) or f"{len(licences)} packages, in {SBOM} and {LICENCES} alike")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
