"""An eval report, `reports/<track>.json`: what one run measured, on which data.

Evals write it with mlcharter.evals.reports.
schemas/report.json publishes the format; it is generated from `Report`.
"""

import datetime
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from mlcharter.formats import model_errors, strict_json
from mlcharter.formats.models import (
    Count,
    Id,
    NotNegative,
    Part,
    Path,
    Sha256,
    Text,
    full_match,
)
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree, Unreadable
from mlcharter.support.plain import plain

VERSION = 1
MAX_BYTES = 4 * 1024 * 1024
MAX_VALUES = 500_000

Commit = Annotated[str, full_match(r"[0-9a-f]{40}|[0-9a-f]{64}", "a commit of 40 or 64 hex digits")]
Pattern = Annotated[
    str,
    full_match(
        r"(?!(?:.*/)?\.{0,2}(?:/|$))(?!.*\*\*.*\*\*)[^\s\\]+(?<!\*\*)",
        "a pattern from the top of the repository, such as `src/**/*.py`",
    ),
]
Moment = Annotated[datetime.datetime, Meta(tz=True)]
Key = tuple[str, str, str, str | None]


class Run(Part, frozen=True, kw_only=True):
    """How the eval was run. Two runs of one commit differ only here."""

    command: Text
    commit: Commit | None
    dirty: bool | None
    seed: int
    started_at: Moment
    cpu_seconds: NotNegative
    python: Text
    packages: dict[str, str]


class Dataset(Part, frozen=True, kw_only=True):
    """A dataset that was read; `sha256` is of its canonical values, not of the file's bytes."""

    id: Id
    sha256: Sha256
    rows: Count


class Artifact(Part, frozen=True, kw_only=True):
    """A model, an index, a policy or another file that the run wrote or used."""

    kind: Id
    name: Text
    sha256: Sha256
    path: Path | None


class Interval(Part, frozen=True, kw_only=True):
    """A two-sided confidence interval; `unit` is what was resampled or counted."""

    lower: float
    upper: float
    level: float
    method: Literal["bootstrap", "wilson", "clopper-pearson", "delong", "e-process"]
    unit: Id


class Result(Part, frozen=True, kw_only=True):
    """One measured number. With `against`, `value` is the paired difference to that baseline.

    `interval` is null only for exact counts.
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
    """How many units a slice has in the data, independent of any metric."""

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
    """What the run read, see inputs.py. `files` are those that match `patterns`, with digests."""

    patterns: Annotated[list[Pattern], Meta(min_length=1)]
    files: Annotated[dict[Text, Sha256], Meta(min_length=1)]
    blocks: list[InputBlock]


class Report(Part, frozen=True, kw_only=True, dict=True):
    """The report of one track. (metric, dataset, slice, against) is unique.

    `methods` has the version of each instrument of `mlcharter.evals` that the run used. Reports
    that were written before `inputs` or `methods` existed have none. A report with `defect`
    measured a system that was broken on purpose, for the gate of that id; it decides no gate.
    """

    version: Literal[1]
    track: Id
    run: Run
    datasets: list[Dataset]
    artifacts: list[Artifact]
    results: list[Result]
    slices: list[SliceCount] = field(default_factory=list)
    inputs: Inputs | None = None
    methods: dict[Text, Text] = field(default_factory=dict)
    defect: Id | None = None

    @cached_property
    def by_key(self) -> dict[Key, Result]:
        """The results by their key."""
        return {result.key: result for result in self.results}

    @cached_property
    def ran_on(self) -> dict[str, Dataset]:
        """The datasets by id."""
        return {dataset.id: dataset for dataset in self.datasets}

    @cached_property
    def counts(self) -> dict[tuple[str, str, str], int]:
        """The counts by dataset, slice and unit; the first of several is used."""
        return {(s.dataset, s.slice, s.unit): s.n for s in reversed(self.slices)}


def read(path: str, tree: Tree) -> Report:
    """Return the report at a path of a repository; raise UserError if it is not valid.

    NaN and infinities are accepted, though JSON has none: Python writes them, and gates fail on
    them with a specific message.
    """
    return parse(read_contents(path, tree, path), plain(path))


def read_contents(path: str, tree: Tree, shown: str, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a report, named `shown` in messages; raise UserError if unreadable."""
    content = tree.read(path, limit)
    if isinstance(content, Unreadable):
        hint = _LARGE if content.message.startswith("is larger") else _RERUN
        raise UserError(f"{plain(shown)} {content.message}", hint)
    return content


def parse(content: bytes, name: str) -> Report:
    """Return the report in `content`, named `name` in messages; raise UserError if invalid."""
    if len(content) > MAX_BYTES:
        raise UserError(f"{name} is larger than {MAX_BYTES} bytes; split it", _LARGE)
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MAX_VALUES:
        raise UserError(f"{name} has more than {MAX_VALUES} values", "split it by track")
    try:
        raw = strict_json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is not JSON: {plain(str(error))}", _NAME) from error
    version = raw.get("version") if isinstance(raw, dict) else None
    if type(version) is not int:
        raise UserError(f"{name} is not an eval report; it has no `version`", _NAME)
    if "verdicts" in raw:
        raise UserError(
            f"{name} is not an eval report; it has the verdicts of `mlcharter gate`", _NAME
        )
    if version != VERSION:
        raise UserError(
            f"{name} has version {version}; this mlcharter reads version {VERSION}",
            "run the mlcharter that .copier-answers.yml names",
        )
    try:
        report = msgspec.convert(raw, Report, strict=True)
    except msgspec.ValidationError as error:
        first, *more = model_errors.find_mistakes(raw, Report)
        others = f" ({len(more)} more)" if more else ""
        raise UserError(f"{name} {plain(first.message)}{others}", _KEYS) from error
    _refuse_duplicates(name, "dataset", (dataset.id for dataset in report.datasets))
    _refuse_duplicates(name, "result", (describe(result.key) for result in report.results))
    return report


def describe(key: Key) -> str:
    """Return the name of a result: `auc on wdbc, slice all, against logreg`."""
    metric, dataset, part, against = key
    return f"{metric} on {dataset}, slice {part}" + (f", against {against}" if against else "")


_KEYS = "`mlcharter explain report` shows every key; an eval writes them"
_LARGE = "report only numbers, and keep rows in another file"
_RERUN = "run the eval that writes it again"
_NAME = "name reports that an eval wrote, such as reports/rag.json"


def _refuse_duplicates(name: str, noun: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise UserError(f"{name} has a duplicate {noun}: {key}", _RERUN)
        seen.add(key)
