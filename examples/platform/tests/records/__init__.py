"""What the documents, the registry and the release say of each other."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def entries(path: str, kind: str) -> list[Any]:
    """The entries of every config block of a kind."""
    blocks = re.findall(rf"(?ms)^<!-- config: {kind} -->\n```yaml\n(.*?)^```", read(path))
    return [entry for block in blocks for entry in yaml.safe_load(block)]


def block(path: str, kind: str) -> Any:
    [found] = re.findall(rf"(?ms)^<!-- config: {kind} -->\n```yaml\n(.*?)^```", read(path))
    return yaml.safe_load(found)


def components(kind: str) -> list[Any]:
    parts = json.loads(read("evidence/sbom.cdx.json"))["components"]
    return [part for part in parts if part["type"] == kind]


def members() -> list[str]:
    found = json.loads(read("versioning/releases/release-2026-11.json"))["members"]
    assert isinstance(found, list)
    return found
