"""DeepEval, the JSON file of a test run (`DEEPEVAL_RESULTS_FOLDER`).

Each test case is a case, with `success` and the score of each metric. Its metadata is columns for
slices.
"""

from collections.abc import Iterator
from typing import Any

from mlcharter.gate.importers._shared import join, mapping, mappings, name_case, scalars
from mlcharter.gate.tables import Source, Table, from_records

_CASES = ("testCases", "conversationalTestCases")
_CONTENT = ("input", "expectedOutput", "scenario", "turns")


def read(source: Source) -> Table | None:
    content = mapping(next(iter(source.documents.values()), None))
    content = mapping(content.get("testRunData")) or content
    if "metricsScores" not in content or not isinstance(content.get("testCases"), list):
        return None
    return from_records(source.name, _list_cases(content))


def _list_cases(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    cases = (case for key in _CASES for case in mappings(content.get(key)))
    for number, case in enumerate(cases, 1):
        name = case.get("name") or f"test_case_{number - 1}"
        identity = {"id": name_case(name, [case.get(key) for key in _CONTENT])}
        metrics = list(mappings(case.get("metricsData")))
        scores = {str(metric.get("name")): metric.get("score") for metric in metrics}
        metadata = case.get("additionalMetadata") or case.get("metadata")
        success = {"success": case.get("success")}
        yield f", case {number}", join(identity, scores, success, scalars(metadata))
