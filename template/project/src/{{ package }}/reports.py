"""Eval reports: what was measured, on which data, with which interval.

`mlcharter gate` reads them and compares them with the gates in docs/eval_pack.md.
Everything but `run` is the same in two runs of the same commit; `make reproduce` shows it.
"""

import json
import platform
import subprocess
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from .inputs import Inputs
from .intervals import Interval

VERSION = 1


@dataclass(frozen=True)
class Dataset:
    """`sha256` is the digest of the canonical values, see digests.py."""

    id: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class SliceCount:
    """How many units a slice has in the data; `mlcharter gate` refuses a larger `n`."""

    dataset: str
    slice: str
    unit: str
    n: int


@dataclass(frozen=True)
class Artifact:
    """Something that the run made: a model, an index, a policy."""

    kind: str
    name: str
    sha256: str
    path: str | None = None


@dataclass(frozen=True)
class Result:
    """One number. With `against`, `value` is the paired difference to that baseline.

    `interval` is None only for what was counted exactly.
    """

    metric: str
    dataset: str
    slice: str
    value: float
    n: int
    interval: Interval | None
    against: str | None = None


@dataclass
class Report:
    """The report of one track; `write` puts it where the gate looks for it."""

    track: str
    seed: int
    datasets: list[Dataset] = field(default_factory=list)
    slices: list[SliceCount] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat("T", "seconds"))

    def write(
        self, path: Path, *, command: str, packages: list[str], inputs: Inputs | None = None
    ) -> None:
        """Write the report as JSON; without `inputs`, as broken variants are, it decides no gate.

        A ValueError refuses a number that is not finite and what was measured twice: the same
        (metric, dataset, slice, against).
        """
        keys = [(r.metric, r.dataset, r.slice, r.against) for r in self.results]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"measured twice: {', '.join(twice)}")
        content = {
            "version": VERSION,
            "track": self.track,
            "run": {
                "command": command,
                **_commit(),
                "seed": self.seed,
                "started_at": self.started_at,
                "cpu_seconds": time.process_time(),
                "python": platform.python_version(),
                "packages": {name: metadata.version(name) for name in packages},
            },
            "datasets": [asdict(d) for d in self.datasets],
            "slices": [asdict(s) for s in self.slices],
            "artifacts": [asdict(a) for a in self.artifacts],
            "results": [asdict(r) for r in self.results],
        }
        if inputs is not None:
            content["inputs"] = inputs.content()
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_rounded(content), indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")


def _commit() -> dict[str, Any]:
    """The commit that was run, and whether files had changed since; null outside Git."""

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    changed = git("status", "--porcelain", "--", "src", "evals", "data", "pyproject.toml")
    return {"commit": git("rev-parse", "HEAD"), "dirty": None if changed is None else bool(changed)}


def _rounded(value: Any) -> Any:
    """Six digits: beyond that, floating point differs between machines."""
    if isinstance(value, float):
        return round(value, 6) + 0.0  # A minus zero becomes a zero.
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
