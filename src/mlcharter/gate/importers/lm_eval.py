"""lm-evaluation-harness: `samples_*.jsonl` of `--log_samples`, or the averages in `results_*.json`.

Each document is a case, with its metrics; a filter other than `none` is part of the name, such as
`exact-match-strict-match`. Fields of the document are columns for slices. The task is the dataset.
"""

import re
from collections.abc import Iterator
from typing import Any

from mlcharter.gate.importers._shared import join, mapping, scalars
from mlcharter.gate.tables import DATASET, Source, Table, from_records

_TASK = re.compile(r"(?:.*[\\/])?samples_(.+)_\d{4}-\d\d-\d\dT[^\\/]*")


def read(source: Source) -> Table | None:
    first = mapping(next(iter(source.documents.values()), None))
    if "doc_id" in first and "resps" in first:
        return from_records(source.name, _list_samples(source))
    if "results" in first and "n-samples" in first:
        return from_records(source.name, _list_averages(first), aggregate=True)
    return None


def _list_samples(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    task = _TASK.fullmatch(source.name)
    dataset = {DATASET: task[1]} if task else {}
    cases: dict[tuple[str, str], dict[str, Any]] = {}
    for number, document in source.documents.items():
        sample = mapping(document)
        identity = str(sample.get("doc_id")), str(sample.get("doc_hash"))[:8]
        names = sample.get("metrics")
        scores = {
            _name(name, str(sample.get("filter"))): sample.get(name)
            for name in (names if isinstance(names, list) else ())
            if isinstance(name, str)
        }
        place = {"place": f":{number}", "id": "-".join(identity), **dataset}
        cases[identity] = join(cases.get(identity, place), scores, scalars(sample.get("doc")))
    for case in cases.values():
        yield case.pop("place"), case


def _list_averages(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the averages of each task as one case."""
    versions = mapping(content.get("versions"))
    for number, (task, averages) in enumerate(mapping(content["results"]).items(), 1):
        scores = {
            _name(*key.split(",", 1)): value
            for key, value in mapping(averages).items()
            if "," in key and "_stderr," not in key
        }
        identity = {"id": f"{task}-{versions.get(task)}", DATASET: task}
        yield f", task {number}", join(identity, scores)


def _name(metric: str, filter_: str) -> str:
    return metric if filter_ in ("none", "None", "") else f"{metric}-{filter_}"
