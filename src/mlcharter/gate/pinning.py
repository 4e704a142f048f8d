"""Write the data that reports ran on into the config block `datasets` of an eval pack."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from mlcharter.formats.report import Dataset, Report
from mlcharter.formats.yamlblock import Mark
from mlcharter.markdown.document import ConfigBlock, Document

KIND = "datasets"


class _Edit(NamedTuple):
    start: Mark
    end: Mark
    text: str


def pinned(pack: Document, reports: Iterable[Report]) -> tuple[str, list[str]]:
    """Return the text of the eval pack with digest, rows and split of the reports' data.

    Also return a line for each change, and for each dataset that cannot be pinned.
    """
    edits: dict[Mark, _Edit] = {}
    lines: list[str] = []
    entries = dict(_entries(pack))
    for report in reports:
        for dataset in report.datasets:
            if dataset.id not in entries:
                lines.append(f"{pack.path} has no dataset `{dataset.id}`; add an entry to `{KIND}`")
                continue
            config, number, entry = entries[dataset.id]
            for path, value in _values(dataset, report):
                key = ".".join(path)
                start, end = config.span(number, *path)
                place = f"{pack.path}:{start.line}: {dataset.id}:"
                if (number, *path) not in config:
                    lines.append(f"{place} there is no `{key}`; add it")
                elif start.line != end.line:
                    lines.append(f"{place} `{key}` has several lines; write it in one")
                elif (before := _at(entry, path)) != value:
                    edits[start] = _Edit(start, end, str(value))
                    lines.append(f"{place} {key} {_short(before)} → {_short(value)}")
    return _edited(pack, edits.values()), lines


def list_datasets(pack: Document) -> list[str]:
    """Return the ids of the datasets, of unfinished entries too."""
    return [name for name, _ in _entries(pack)]


def _entries(pack: Document) -> Iterator[tuple[str, tuple[ConfigBlock, int, dict[str, Any]]]]:
    """Yield each dataset's id with its config block, its number in it, and its mapping."""
    for config in pack.configs_of(KIND):
        values = config.value if isinstance(config.value, list) else []
        for number, entry in enumerate(values):
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                yield entry["id"], (config, number, entry)


def _values(dataset: Dataset, report: Report) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield what a report says of a dataset, by the path of its key in an entry.

    A run that splits has an artifact of kind `split` with the name of the dataset.
    """
    yield ("sha256",), dataset.sha256
    yield ("rows",), dataset.rows
    for artifact in report.artifacts:
        if (artifact.kind, artifact.name) == ("split", dataset.id):
            yield ("split", "sha256"), artifact.sha256


def _at(entry: dict[str, Any], path: tuple[str, ...]) -> object:
    value: Any = entry
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return f"{text[:16]}…" if len(text) > 16 else text


def _edited(pack: Document, edits: Iterable[_Edit]) -> str:
    """Return the text with each value replaced."""
    starts = [0, *accumulate(map(len, pack.lines))]
    pieces = []
    done = 0
    for start, end, value in sorted(edits):
        first = starts[start.line - 1] + start.column - 1
        space = " " if pack.text.endswith(":", 0, first) else ""
        pieces += [pack.text[done:first], space, value]
        done = starts[end.line - 1] + end.column - 1
    return "".join((*pieces, pack.text[done:]))
