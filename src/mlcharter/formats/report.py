"""An eval report, `reports/<track>.json`: what one run measured, on which data.

Emitted repositories write it with src/<package>/reports.py.
schemas/report.json publishes the format; it is generated from `Report`.
"""

import datetime
import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path as File
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from mlcharter.formats import model_errors
from mlcharter.formats.models import (
    Count,
    Id,
    NotNegative,
    Part,
    Path,
    Sha256,
    Text,
    published_schema,
    whole,
)
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree, Unreadable
from mlcharter.support.plain import plain

VERSION = 1
MAX_BYTES = 4 * 1024 * 1024
MAX_VALUES = 500_000
SCHEMA = File(__file__).parents[1] / "schemas/report.json"

Commit = Annotated[str, whole(r"[0-9a-f]{40}|[0-9a-f]{64}", "a commit of 40 or 64 hex digits")]
Pattern = Annotated[
    str,
    whole(
        r"(?!(?:.*/)?\.{0,2}(?:/|$))(?!.*\*\*.*\*\*)[^\s\\]+(?<!\*\*)",
        "a pattern from the top of the repository, such as `src/**/*.py`",
    ),
]
Moment = Annotated[datetime.datetime, Meta(tz=True)]
Key = tuple[str, str, str, str | None]


class Run(Part, frozen=True, kw_only=True):
    """The only part that differs between two runs of the same commit."""

    command: Text
    commit: Commit | None
    dirty: bool | None
    seed: int
    started_at: Moment
    cpu_seconds: NotNegative
    python: Text
    packages: dict[str, str]


class Dataset(Part, frozen=True, kw_only=True):
    """`sha256` is of the canonical values, not of a file's bytes."""

    id: Id
    sha256: Sha256
    rows: Count


class Artifact(Part, frozen=True, kw_only=True):
    """Something that the run made or used: a model, an index, a policy."""

    kind: Id
    name: Text
    sha256: Sha256
    path: Path | None


class Interval(Part, frozen=True, kw_only=True):
    """Two-sided; `unit` is what was resampled or counted."""

    lower: float
    upper: float
    level: float
    method: Literal["bootstrap", "wilson", "clopper-pearson", "delong", "e-process"]
    unit: Id


class Result(Part, frozen=True, kw_only=True):
    """One number. With `against`, `value` is the paired difference to that baseline.

    `interval` is null only for what was counted exactly.
    """

    metric: Id
    dataset: Id
    slice: Id
    against: Id | None
    value: float
    n: Count
    interval: Interval | None

    @property
    def key(self) -> Key:
        return self.metric, self.dataset, self.slice, self.against


class SliceCount(Part, frozen=True, kw_only=True):
    """How many units a slice has in the data, counted apart from any metric."""

    dataset: Id
    slice: Id
    unit: Id
    n: Count


class InputBlock(Part, frozen=True, kw_only=True):
    """The config blocks of one kind in a document; `sha256` is of their text."""

    document: Path
    kind: Text
    sha256: Sha256


class Inputs(Part, frozen=True, kw_only=True):
    """What the run read, see inputs.py. `files` are those that `patterns` meant, with digests."""

    patterns: Annotated[list[Pattern], Meta(min_length=1)]
    files: Annotated[dict[Text, Sha256], Meta(min_length=1)]
    blocks: list[InputBlock]


class Report(Part, frozen=True, kw_only=True, dict=True):
    """The report of one track. (metric, dataset, slice, against) is unique.

    Reports that are older than `inputs`, and those of broken variants, have none.
    """

    version: Literal[1]
    track: Id
    run: Run
    datasets: list[Dataset]
    artifacts: list[Artifact]
    results: list[Result]
    slices: list[SliceCount] = field(default_factory=list)
    inputs: Inputs | None = None

    @cached_property
    def by_key(self) -> dict[Key, Result]:
        """The results by what they are of."""
        return {result.key: result for result in self.results}

    @cached_property
    def ran_on(self) -> dict[str, Dataset]:
        """The datasets by id."""
        return {dataset.id: dataset for dataset in self.datasets}

    @cached_property
    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many there are by dataset, slice and unit; the first counts."""
        return {(s.dataset, s.slice, s.unit): s.n for s in reversed(self.slices)}


def schema() -> dict[str, Any]:
    """The JSON Schema of a report, as published in schemas/report.json."""
    return published_schema("mlcharter eval report, version 1", Report)


def read(path: str, tree: Tree) -> Report:
    """Return the report at a path of a repository; what is wrong with it is a UserError.

    NaN and infinities are read, though JSON has none: Python writes them,
    and a gate has a verdict for a number that is not one.
    """
    return parse(contents(path, tree, path), plain(path))


def contents(path: str, tree: Tree, shown: str) -> bytes:
    """Return the bytes of a report, which messages call `shown`; without any it is a UserError."""
    content = tree.read(path, MAX_BYTES)
    if isinstance(content, Unreadable):
        hint = _LARGE if content.message.startswith("is larger") else _RERUN
        raise UserError(f"{plain(shown)} {content.message}", hint)
    return content


def parse(content: bytes, name: str) -> Report:
    """The report in `content`; `name` is what messages call it."""
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MAX_VALUES:
        raise UserError(f"{name} has more than {MAX_VALUES} values", "split it by track")
    try:
        raw = json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is not JSON: {plain(str(error))}", _NAME) from error
    version = raw.get("version") if isinstance(raw, dict) else None
    if type(version) is not int:
        raise UserError(f"{name} is not an eval report; it has no `version`", _NAME)
    if "verdicts" in raw:
        raise UserError(f"{name} is no eval report; it holds the verdicts on one", _NAME)
    if version != VERSION:
        raise UserError(
            f"{name} has version {version}; this mlcharter reads version {VERSION}",
            "run the mlcharter that .copier-answers.yml names",
        )
    try:
        report = msgspec.convert(raw, Report, strict=True)
    except msgspec.ValidationError as error:
        first, *more = model_errors.complaints(raw, Report)
        others = f" ({len(more)} more)" if more else ""
        raise UserError(f"{name} {plain(first.message)}{others}", _KEYS) from error
    _refuse_twice(name, "dataset", (dataset.id for dataset in report.datasets))
    _refuse_twice(name, "result", (describe(result.key) for result in report.results))
    return report


def describe(key: Key) -> str:
    """A result by its names: `auc on wdbc, slice all, against logreg`."""
    metric, dataset, part, against = key
    return f"{metric} on {dataset}, slice {part}" + (f", against {against}" if against else "")


_KEYS = "`mlcharter explain report` has every key; a run writes them"
_LARGE = "report numbers, and keep the rows behind them in a file of their own"
_RERUN = "run the eval that writes it again"
_NAME = "name reports that an eval wrote, such as reports/rag.json"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; two values for one key would leave it to the reader which of them counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in an object")
    return found


def _refuse_twice(name: str, what: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise UserError(f"{name} has a {what} twice: {key}", _RERUN)
        seen.add(key)
