"""What is installed where this runs, told three ways and compared: `python -m tools.sbom`.

Writes build/sbom.json (CycloneDX) with every package that tools/installed.py finds and the models
that the evals made or used; and build/licences.json. Exit code 1 where the SBOM, the licences and
what Python finds differ, or where a licence is not allowed by the config block `licences` of
safety/safety_checklist.md.
"""

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import ExpressionError, get_spdx_licensing
from packaging.utils import canonicalize_name

from tools import installed

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
    """A package by its normalised name (PEP 503) and its version."""
    return canonicalize_name(name), version


def run(*words: str) -> str:
    """The output of a program beside this Python."""
    program = str(Path(sys.executable).parent / words[0])
    done = subprocess.run([program, *words[1:]], capture_output=True, text=True, check=True)
    return done.stdout


def sbom(names: Collection[str]) -> dict[str, Any]:
    """The SBOM of what is needed, with the models of the reports as components."""
    words = ("environment", "--output-reproducible", "--of", "JSON", sys.executable)
    content: dict[str, Any] = json.loads(run("cyclonedx-py", *words))
    kept = [one for one in content["components"] if canonicalize_name(one["name"]) in names]
    refs = {one["bom-ref"] for one in kept}
    content["components"] = kept
    content["dependencies"] = [one for one in content["dependencies"] if one["ref"] in refs]
    content["components"] += models()
    return content


def models() -> list[dict[str, Any]]:
    """The weights among the artifacts of the reports, each once."""
    made = [
        artifact
        for path in sorted(REPORTS.glob("*.json"))
        for artifact in json.loads(path.read_bytes())["artifacts"]
    ]
    found = {one["sha256"]: component(one) for one in made if one["kind"] in WEIGHTS}
    return list(found.values())


def component(artifact: dict[str, str]) -> dict[str, Any]:
    """A model as CycloneDX names one, with its digest."""
    name = f"{artifact['kind']}/{artifact['name']}"
    return {
        "type": "machine-learning-model",
        "bom-ref": f"{name}@sha256:{artifact['sha256']}",
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": artifact["sha256"]}],
    }


def spdx(text: str) -> str:
    """A licence as an SPDX expression; classifiers joined by semicolons all hold."""
    parts = [ALIASES.get(part.strip(), part.strip()) for part in text.split(";")]
    return " AND ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0]


def allowed(expression: str, allow: set[str]) -> bool:
    """Whether the config block allows an expression: one side of OR, both sides of AND."""
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
    """The config block `licences`."""
    text = SAFETY.read_text(encoding="utf-8")
    block = text.partition("<!-- config: licences -->\n```yaml\n")[2].partition("\n```")[0]
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
    needed = installed.ours(sys.argv[1:])
    made = sbom(needed)
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    words = ("--format", "json", "--with-system", "--from", "mixed")
    told = json.loads(run("pip-licenses", *words))
    licences = [entry for entry in told if canonicalize_name(entry["Name"]) in needed]
    LICENCES.write_text(json.dumps(licences, indent=1) + "\n", encoding="utf-8")
    wrong = differences(
        {key(c["name"], c["version"]) for c in made["components"] if c["type"] == "library"},
        {key(entry["Name"], entry["Version"]) for entry in licences},
        set(needed.items()),
    )
    invalid = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made))
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


if __name__ == "__main__":
    sys.exit(main())
