"""The ML-BOM of a release: CycloneDX 1.6, its packages and its members with their numbers."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.formats.report import Report

Reports = Mapping[str, Report]

TITLE = "ml-bom.json"
_MODELS = ("model", "policy", "reranker", "judge", "guardrail")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def render(charter: Charter, release: Entry, reports: Reports) -> bytes:
    """Return the ML-BOM; packages are those of the frozen SBOM, if there is one."""
    return _render(charter, release, reports, _read_packages(charter))


def render_members(charter: Charter, release: Entry, reports: Reports) -> bytes:
    """Return the ML-BOM without packages: what changes in a release, to be reviewed."""
    return _render(charter, release, reports, [])


def _render(
    charter: Charter, release: Entry, reports: Reports, packages: list[dict[str, Any]]
) -> bytes:
    members = [_component(charter, ref, reports) for ref in release.value.members]
    refs = {member["bom-ref"] for member in members}
    name = str(charter.answers.values.get("project_name") or "release")
    about = {"type": "application", "name": name, "version": release.value.id}
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": [*members, *(one for one in packages if one.get("bom-ref") not in refs)],
    }
    return msgspec.json.format(msgspec.json.encode(content, order="sorted"), indent=1)


def _read_packages(charter: Charter) -> list[dict[str, Any]]:
    path = charter.frozen("-sbom.json")
    data = charter.file(path) if path else None
    try:
        content = json.loads(data) if isinstance(data, bytes) else {}
    except (ValueError, RecursionError):
        return []
    listed = content.get("components") if isinstance(content, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _component(charter: Charter, ref: str, reports: Reports) -> dict[str, Any]:
    name, _, digest = ref.partition("@sha256:")
    kind = name.partition("/")[0]
    component: dict[str, Any] = {
        "type": "machine-learning-model" if kind in _MODELS else "data",
        "bom-ref": ref,
        "name": name,
        "version": f"sha256:{digest}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    entry = charter.named("registry").get(ref)
    if entry is not None:
        licence = entry.value.licence
        spdx = _SPDX.fullmatch(licence)
        component["licenses"] = [
            {"expression": licence} if spdx else {"license": {"name": licence}}
        ]
        if entry.value.card is not None:
            card = {"type": "model-card", "url": quote(entry.value.card)}
            component["externalReferences"] = [card]
        if kind in _MODELS:
            component["modelCard"] = _model_card(entry, digest, reports)
    return component


def _model_card(entry: Entry, digest: str, reports: Reports) -> dict[str, Any]:
    datasets = [{"ref": ref} for ref in entry.value.datasets]
    card: dict[str, Any] = {"modelParameters": {"datasets": datasets}}
    metrics = list(_list_metrics(digest, reports))
    return card | ({"quantitativeAnalysis": {"performanceMetrics": metrics}} if metrics else {})


def _list_metrics(digest: str, reports: Reports) -> Iterator[dict[str, Any]]:
    """Yield the numbers of the reports that measured a model."""
    for report in reports.values():
        if any(artifact.sha256 == digest for artifact in report.artifacts):
            for result in report.results:
                metric: dict[str, Any] = {"type": result.metric, "value": repr(result.value)}
                metric["slice"] = f"{result.dataset}, {result.slice}"
                if result.against:
                    metric["slice"] += f", against {result.against}"
                if result.interval is not None:
                    ends = {"lowerBound": repr(result.interval.lower)}
                    ends["upperBound"] = repr(result.interval.upper)
                    metric["confidenceInterval"] = ends
                yield metric
