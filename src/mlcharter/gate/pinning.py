"""Write the data that reports ran on into the config blocks `datasets` and `golden`."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from mlcharter.formats.report import Dataset, Report
from mlcharter.formats.yamlblock import Mark
from mlcharter.markdown.document import ConfigBlock, Document

KIND = "datasets"
_Path = tuple[str | int, ...]
_Place = tuple[ConfigBlock, int, dict[str, Any]]  # a block, an entry's number in it, the entry
_Value = tuple[ConfigBlock, str, _Path, object]  # a block, the name for messages, a path, a value


class _Edit(NamedTuple):
    start: Mark
    end: Mark
    text: str


def pinned(pack: Document, reports: Iterable[Report]) -> tuple[str, list[str]]:
    """Return the text of the eval pack with digest, rows and split of the reports' data.

    A dataset without an entry takes one without an id, or gets a new one at the end of the block.
    Also return a line for each change, and for each dataset that cannot be pinned.
    """
    edits: dict[Mark, _Edit] = {}
    lines: list[str] = []
    entries = dict(_entries(pack))
    unnamed = [place for place in _places(pack) if place[2].get("id", "") is None]
    for report in reports:
        for dataset in (each for each in report.datasets if each.id not in entries):
            if unnamed:
                entries[dataset.id] = unnamed.pop(0)
            elif (end := _find_end(pack)) is None:
                lines.append(f"{pack.path} has no dataset `{dataset.id}`; add an entry to `{KIND}`")
            else:
                above = edits[end].text if end in edits else ""
                edits[end] = _Edit(end, end, above + _new_entry(dataset, report, end.column))
                lines.append(f"{pack.path}:{end.line}: {dataset.id}: new; fill in what is null")
        for config, name, path, value in (
            *_dataset_values(entries, report),
            *_golden(pack, report),
        ):
            key = ".".join(str(part) for part in path if isinstance(part, str))
            start, end = config.span(*path)
            place = f"{pack.path}:{start.line}: {name}:"
            if path not in config:
                lines.append(f"{place} there is no `{key}`; add it")
            elif start.line != end.line:
                lines.append(f"{place} `{key}` has several lines; write it in one")
            elif (before := _at(config.value, path)) != value:
                edits[start] = _Edit(start, end, str(value))
                lines.append(f"{place} {key} {_short(before)} → {_short(value)}")
    return _edited(pack, edits.values()), lines


def _dataset_values(entries: Mapping[str, _Place], report: Report) -> Iterator[_Value]:
    """Yield the values of `datasets`, each with its block, the id of its dataset, and its path."""
    for dataset in report.datasets:
        if dataset.id in entries:
            config, number, entry = entries[dataset.id]
            for path, value in _values(dataset, report):
                if path[0] == "split" and entry.get("split", "") is None:
                    continue  # its kind and key are the team's to say first
                yield config, dataset.id, (number, *path), value


def _golden(pack: Document, report: Report) -> Iterator[_Value]:
    """Yield digests and counts of `golden`, whose files are those of datasets."""
    places = {entry.get("uri"): name for name, (_, _, entry) in _entries(pack)}
    datasets = {dataset.id: dataset for dataset in report.datasets}
    for config in pack.configs_of("golden"):
        value = config.value if isinstance(config.value, dict) else {}
        for key, digest in (("file", "sha256"), ("corpus", "corpus_sha256")):
            if (name := places.get(value.get(key))) in datasets:
                yield config, "golden", (digest,), datasets[name].sha256
        for result in report.results:
            if result.metric == "questions" and result.dataset == places.get(value.get("file")):
                yield config, "golden", (result.slice,), int(result.value)


def list_datasets(pack: Document) -> list[str]:
    """Return the ids of the datasets, of unfinished entries too."""
    return [name for name, _ in _entries(pack)]


def _entries(pack: Document) -> Iterator[tuple[str, _Place]]:
    """Yield each dataset's id with its config block, its number in it, and its mapping."""
    for place in _places(pack):
        if isinstance(name := place[2].get("id"), str):
            yield name, place


def _places(pack: Document) -> Iterator[_Place]:
    for config in pack.configs_of(KIND):
        values = config.value if isinstance(config.value, list) else []
        for number, entry in enumerate(values):
            if isinstance(entry, dict):
                yield config, number, entry


def _find_end(pack: Document) -> Mark | None:
    """Return where the next entry begins: below the last one; None if that is not on a line."""
    place = next(reversed(list(_places(pack))), None)
    if place is None:
        return None
    config, number, _ = place
    line, column = config.mark(number)
    if pack.lines[line - 1][: column - 1].strip() != "-":
        return None  # a list in brackets
    below = config.fence + len(config.text.splitlines()) + 1
    return Mark(below, column - 2)


def _new_entry(dataset: Dataset, report: Report, column: int) -> str:
    """Return the lines of an entry whose dash is in a column; what no report says is null."""
    known = {".".join(path): value for path, value in _values(dataset, report)}
    lines = [
        f"- id: {dataset.id}",
        "  uri: null",
        f"  sha256: {dataset.sha256}",
        f"  rows: {dataset.rows}",
        "  licence: null",
        "  card: null",
        f"  split: {{kind: null, key: null, sha256: {known.get('split.sha256', 'null')}}}",
        "  synthetic: null",
    ]
    return "".join(f"{' ' * (column - 1)}{line}\n" for line in lines)


def _values(dataset: Dataset, report: Report) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield what a report says of a dataset, by the path of its key in an entry.

    A run that splits has an artifact of kind `split` with the name of the dataset.
    """
    yield ("id",), dataset.id
    yield ("sha256",), dataset.sha256
    yield ("rows",), dataset.rows
    for artifact in report.artifacts:
        if (artifact.kind, artifact.name) == ("split", dataset.id):
            yield ("split", "sha256"), artifact.sha256


def _at(value: Any, path: _Path) -> object:
    for key in path:
        if isinstance(key, int):
            value = value[key]
        else:
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
