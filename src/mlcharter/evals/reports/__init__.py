"""The eval report that `mlcharter gate` reads: what one run measured, on which data.

    inputs = Inputs.read(["evals/*.py", "src/**/*.py", "data/loans.csv"])
    report = Report("applied", seed=7)
    report.add_dataset("loans-test", digests.frame(test), rows=len(test))
    report.add("auc", "loans-test", metrics.auc(...))
    report.write("reports/applied.json", command="python -m evals.applied", inputs=inputs)

Everything but `run` is the same in two runs of one commit.
"""

import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from mlcharter.evals import METHODS
from mlcharter.evals.inputs import Inputs

VERSION = 1
DIGITS = 6  # after the point; beyond that, floating point differs between machines
WATCHED = ("src", "evals", "data", "pyproject.toml")  # changes there make a run `dirty`
_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")


class Measured(Protocol):
    """What `add` takes: an `intervals.Estimate`, or anything with its attributes."""

    @property
    def value(self) -> float: ...
    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...
    @property
    def level(self) -> float: ...
    @property
    def method(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def n(self) -> int: ...


class Report:
    """The report of one track; `seed` is the one that the whole run derives its randomness from."""

    def __init__(self, track: str, *, seed: int) -> None:
        self.track = _id("track", track)
        self.seed = seed
        self._started = datetime.now(UTC)
        self._datasets: dict[str, dict[str, Any]] = {}
        self._slices: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._artifacts: list[dict[str, Any]] = []
        self._results: dict[tuple[str, str, str, str | None], dict[str, Any]] = {}
        self._methods: dict[str, str] = {}

    def add_dataset(self, id: str, sha256: str, rows: int) -> None:
        """Say which data was measured; `sha256` is that of `digests.frame` or `digests.rows`."""
        entry = {"id": _id("dataset", id), "sha256": sha256, "rows": int(rows)}
        _add_once(self._datasets, id, entry, f"dataset {id}")

    def add_slice(self, dataset: str, slice: str, *, unit: str, n: int) -> None:
        """Say how many units a slice has; the gate refuses a result with more."""
        key = _id("dataset", dataset), _id("slice", slice), _id("unit", unit)
        entry = {"dataset": dataset, "slice": slice, "unit": unit, "n": int(n)}
        _add_once(self._slices, key, entry, f"count of {unit} in slice {slice} of {dataset}")

    def add_artifact(self, kind: str, name: str, sha256: str, path: str | None = None) -> None:
        """Name something that the run made or used: a model, an index, a policy."""
        entry = {"kind": _id("kind", kind), "name": name, "sha256": sha256, "path": path}
        self._artifacts.append(entry)

    def add_parts(self, parts: Mapping[str, str]) -> None:
        """Name the parts of a system by `kind/name`, each with its digest."""
        for ref, sha256 in parts.items():
            kind, _, name = ref.partition("/")
            self.add_artifact(kind, name, sha256)

    def add(
        self,
        metric: str,
        dataset: str,
        estimate: Measured,
        *,
        slice: str = "all",
        against: str | None = None,
    ) -> None:
        """Add a number with its interval; with `against`, a paired difference to that baseline.

        Raises ValueError for a number that is not finite, and for a result that is there already.
        """
        ends = {"lower": float(estimate.lower), "upper": float(estimate.upper)}
        how = {"level": estimate.level, "method": estimate.method}
        interval = {**ends, **how, "unit": _id("unit", estimate.unit)}
        name, _, version = estimate.version.rpartition("-")
        self._methods[name or estimate.method] = version
        self._add((metric, dataset, slice, against), estimate.value, estimate.n, interval)

    def add_count(
        self, metric: str, dataset: str, value: float, *, n: int, slice: str = "all"
    ) -> None:
        """Add what was counted exactly among `n` units, which has no interval."""
        self._add((metric, dataset, slice, None), value, n, None)

    def _add(
        self,
        key: tuple[str, str, str, str | None],
        value: float,
        n: int,
        interval: dict[str, Any] | None,
    ) -> None:
        metric, dataset, slice, against = key
        entry = {
            "metric": _id("metric", metric),
            "dataset": _id("dataset", dataset),
            "slice": _id("slice", slice),
            "against": against if against is None else _id("baseline", against),
            "value": float(value),
            "n": int(n),
            "interval": interval,
        }
        name = f"{metric} on {dataset}, slice {slice}" + (f", against {against}" * bool(against))
        ends = [interval["lower"], interval["upper"]] if interval else []
        if not all(map(math.isfinite, [entry["value"], *ends])):
            raise ValueError(f"{name} is not finite: {value}, interval {ends}")
        _add_once(self._results, key, entry, name)

    def content(
        self,
        *,
        command: str,
        packages: Iterable[str] = (),
        inputs: Inputs | None = None,
        defect: str | None = None,
    ) -> dict[str, Any]:
        """Return the report as `write` writes it.

        Raises ValueError if a result names a dataset that was not added.
        """
        if unknown := sorted({key[1] for key in self._results} - self._datasets.keys()):
            raise ValueError(f"add_dataset was not called for {', '.join(unknown)}")
        content = {
            "version": VERSION,
            "track": self.track,
            "run": {
                "command": command,
                **_commit(inputs.root if inputs else Path()),
                "seed": self.seed,
                "started_at": self._started.isoformat("T", "seconds"),
                "cpu_seconds": time.process_time(),
                "python": platform.python_version(),
                "packages": _versions(packages),
            },
            "datasets": list(self._datasets.values()),
            "slices": list(self._slices.values()),
            "artifacts": self._artifacts,
            "results": list(self._results.values()),
            "methods": dict(sorted({**_list_instruments(), **self._methods}.items())),
        }
        if inputs is not None:
            content["inputs"] = inputs.content()
        if defect is not None:
            content["defect"] = _id("defect", defect)
        rounded: dict[str, Any] = _rounded(content)
        return rounded

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        command: str,
        packages: Iterable[str] = (),
        inputs: Inputs | None = None,
        defect: str | None = None,
    ) -> None:
        """Write the report as JSON, whole or not at all.

        `command` is what a person runs to get it again, `packages` are the distributions whose
        versions matter. Without `inputs` the report decides no gate. Nor does it with `defect`, the
        id of the gate for which the system was broken on purpose: it serves `mlcharter prove`.
        """
        content = self.content(command=command, packages=packages, inputs=inputs, defect=defect)
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".report-") as folder:
            staged = Path(folder, target.name)
            staged.write_text(text, encoding="utf-8", newline="\n")
            staged.replace(target)


def _list_instruments() -> dict[str, str]:
    """Return the versions of the modules of this library that the eval has loaded."""
    names = METHODS.items()
    return {name: version for name, version in names if f"mlcharter.evals.{name}" in sys.modules}


def _id(what: str, name: str) -> str:
    if not _ID.fullmatch(name):
        raise ValueError(f"{what} {name!r} is no id; use lower-case letters, digits and hyphens")
    return name


def _add_once(known: dict[Any, Any], key: Any, entry: dict[str, Any], name: str) -> None:
    if key in known:
        raise ValueError(f"{name} is in the report already; add it once")
    known[key] = entry


def _versions(packages: Iterable[str]) -> dict[str, str]:
    return {name: metadata.version(name) for name in sorted({"mlcharter", *packages})}


def _commit(root: Path) -> dict[str, Any]:
    """The commit that was run, and whether code or data changed since; null outside of Git."""
    changed = _git(root, "status", "--porcelain", "--", *WATCHED)
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0  # A minus zero becomes a zero.
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
