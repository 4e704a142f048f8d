"""MLflow: one run, from `mlflow runs describe --run-id ID` or the REST API's `runs/get`.

Its metrics are averages without cases. The run is one case, named after the dataset that it logged.
"""

from typing import Any

from mlcharter.gate.importers._shared import join, mapping, mappings, scalars
from mlcharter.gate.tables import Source, Table, from_records


def read(source: Source) -> Table | None:
    content = mapping(next(iter(source.documents.values()), None))
    run = mapping(content.get("run")) or content
    info, data = mapping(run.get("info")), mapping(run.get("data"))
    if "run_id" not in info or "metrics" not in data:
        return None
    metrics = scalars(data["metrics"])  # of the command line; REST has a list
    metrics |= {str(entry.get("key")): entry.get("value") for entry in mappings(data["metrics"])}
    record = join({"id": _name_data(run)}, metrics)
    return from_records(source.name, [(", run 1", record)], aggregate=True)


def _name_data(run: dict[str, Any]) -> str:
    """Return name and digest of the datasets that the run logged, or else `run`."""
    inputs = mappings(mapping(run.get("inputs")).get("dataset_inputs"))
    datasets = [mapping(entry.get("dataset")) for entry in inputs]
    names = sorted(f"{data.get('name')}-{data.get('digest')}" for data in datasets)
    return ", ".join(names) or "run"
