"""SARIF 2.1.0 for code scanning, with the failing findings.

Findings that the settings allow or the baseline records are left out. SARIF could mark them as
suppressed, but GitHub opens an alert for every result, suppressed or not.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from mlcharter import __version__
from mlcharter.check import rule
from mlcharter.check.result import Judged, Result, failing
from mlcharter.support.plain import as_json, plain, sarif_message

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(results: Sequence[Result], describe: Callable[[str], rule.Rule] = rule.describe) -> str:
    """Return a log; `describe` documents the rules of the findings."""
    names = sorted({judged.finding.rule for _, judged in failing(results)})
    indexes = {name: index for index, name in enumerate(names)}
    run = {
        "tool": {
            "driver": {
                "name": "mlcharter",
                "semanticVersion": __version__,
                "rules": [_rule(describe(name)) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(result, judged, indexes[judged.finding.rule])
            for result, judged in failing(results)
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return as_json(log)


def _rule(described: rule.Rule) -> dict[str, Any]:
    examples = [f"{e.kind}:\n\n```text\n{e.text}```" for e in described.examples]
    return {
        "id": described.name,
        "shortDescription": {"text": described.title},
        "fullDescription": {"text": described.reason},
        "helpUri": rule.url(described.name),
        "help": {
            "text": f"{described.title} {described.reason}",
            "markdown": "\n\n".join([described.title, described.reason, *examples]),
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"failsAt": described.level},
    }


def _result(result: Result, judged: Judged, index: int) -> dict[str, Any]:
    finding = judged.finding
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": sarif_message(finding.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(plain(result.path(judged)))},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
        "partialFingerprints": {"mlcharter/v1": result.fingerprints[finding]},
    }
