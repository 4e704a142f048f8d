"""Breaks the service on purpose and measures what users get: `python -m evals.platform`.

Writes reports/platform.json, the scorer that was measured into reports/platform/scorer.json, and
the names of all metrics into reports/platform/metrics.json. Load and outages run in simulated time,
through the code that serves, so that the report is the same on every machine. The broken services
are in evals/_platform_parts.py.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from mlcharter.evals import digests, intervals, running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.releases import TAMPERED
from mlcharter.evals.reports import Report

from slip_reader.serving import scorer

from . import _platform_drills as drills
from . import _platform_load as load
from . import _platform_names as names
from ._platform_parts import BROKEN, SOUND, Parts

PACKAGES = ["fastapi", "numpy", "prometheus-client", "scikit-learn", "scipy"]
INPUTS = Inputs.read(
    [
        "evals/__init__.py",
        "evals/*platform*.py",
        "ops/service.md",
        "src/slip_reader/**/*.py",
    ],
    blocks=[
        ("cost/cost_dashboard_spec.md", "unit_metrics"),
        ("ops/runbook.md", "alerts"),
        ("ops/runbook.md", "slos"),
    ],
)
SEED = 7
DIGITS, TRAFFIC, DRILLS = scorer.DATASET, "traffic", "drills"
NAMES = {p: f"latency-{p}" for p in ("p50", "p90", "p99")} | {"refused": "turned-away"}
LOADS = {"load-70": 0.7, "load-200": 2.0}
RAMPS, STREAMS = 60, 2000
HARM = (0.02, 0.2)
"""Shares of bad requests at which a candidate as good as what is live must be left alone."""
SOUND_RELEASES = 20


Measure = Callable[[Report, Parts], None]


def add_mean(report: Report, metric: str, part: str, values: list[float]) -> None:
    """Add the mean over runs with its interval; an exact number if all runs have the same."""
    if min(values) < max(values):
        report.add(metric, TRAFFIC, intervals.mean(values, unit="run", seed=SEED), slice=part)
    else:
        report.add_count(metric, TRAFFIC, values[0], n=len(values), slice=part)


def add_share(report: Report, metric: str, part: str, hits: int, n: int) -> None:
    report.add(metric, TRAFFIC, intervals.clopper_pearson(hits, n, unit="run"), slice=part)


def on_digits(report: Report, parts: Parts) -> None:
    """How often the scorer reads the test rows right."""
    pixels, shown = scorer.rows()
    backend, test = scorer.Scorer(drills.exported()), scorer.is_test(len(shown))
    read = [
        backend.answer(scorer.Question(pixels=parts.arrives(row)))["digit"]
        for row in pixels[test].tolist()
    ]
    right = int((np.array(read) == shown[test]).sum())
    accuracy = intervals.wilson(right, len(read), unit="row")
    report.add("accuracy", DIGITS, accuracy, slice="digits-test")


def under_load(report: Report, parts: Parts) -> None:
    """Latency, refusals and goodput below capacity and at twice the capacity."""
    traces = load.traces(SEED)
    for part, factor in LOADS.items():
        runs = [load.loaded(trace, factor, parts.loaded) for trace in traces]
        for metric in ("p50", "p90", "p99", "refused", "goodput"):
            values = [float(getattr(run, metric)) for run in runs]
            add_mean(report, NAMES.get(metric, metric), part, values)
        slowest = max(run.refusal for run in runs)
        report.add_count("refusal-p99", TRAFFIC, slowest, n=len(runs), slice=part)
        longest = max(run.queue_peak for run in runs)
        report.add_count("queue-peak", TRAFFIC, longest, n=len(runs), slice=part)


def in_outages(report: Report, parts: Parts) -> None:
    """What reaches a dead dependency, who is answered meanwhile, and how soon all is well again."""
    traces = load.traces(SEED)
    for part, hangs in (("outage-fails", False), ("outage-hangs", True)):
        seen = [drills.outage(trace, parts.broken_off, hangs=hangs) for trace in traces]
        reached = [run.reached / run.asked for run in seen]
        add_mean(report, "calls-into-outage", part, reached)
        helped = [run.helped / run.asked for run in seen]
        add_mean(report, "answered-in-outage", part, helped)
        add_mean(report, "recovery-seconds", part, [run.recovery for run in seen])


def beside_outages(report: Report, parts: Parts) -> None:
    """Who of the callers of another backend is answered in full, in the worst run."""
    traces = load.traces(SEED)
    fewest = min(drills.beside(trace, parts.broken_off) for trace in traces)
    report.add_count("answered-in-full", TRAFFIC, fewest, n=len(traces), slice="outage-beside")


def in_degrade_modes(report: Report, parts: Parts) -> None:
    """Modes that were forced, and that the caller saw as documented."""
    forced = sum(drills.forced(mode, parts.spoken) for mode in drills.FORCED)
    add_drill(report, "modes-forced", "degrade-modes", forced, len(drills.FORCED))


def on_canaries(report: Report, parts: Parts) -> None:
    """Bad candidates that are rolled back, good ones that are kept, and how soon."""
    for part, rate in (("canary-bad", drills.BAD), ("canary-good", drills.GOOD)):
        ramps = [drills.ramped(rate, seed, parts.compare) for seed in range(RAMPS)]
        add_mean(report, "pairs-seen", part, [float(ramp.comparison.pairs) for ramp in ramps])
        kept = sum(ramp.candidate is not None for ramp in ramps)
        if part == "canary-bad":
            add_share(report, "kept", part, kept, RAMPS)
        else:
            add_share(report, "aborted", part, RAMPS - kept, RAMPS)
            add_share(report, "promoted", part, sum(map(drills.promoted, ramps)), RAMPS)


def on_equal_canaries(report: Report, parts: Parts) -> None:
    """Candidates exactly as good as what is live, that are rolled back all the same."""
    wrong = [drills.falsely_aborted(STREAMS, rate, SEED, parts.compare) for rate in HARM]
    add_share(report, "aborted", "canary-as-good", max(wrong), STREAMS)


def on_releases(report: Report, parts: Parts) -> None:
    """What must not start does not, and what must start does."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        refused = len(drills.refused(scratch / "tampered", parts.opened))
        add_drill(report, "tampered-refused", "tampered", refused, len(TAMPERED))
        started = sum(
            drills.starts(drills.specimen(scratch / str(number), sequence=number + 1), parts.opened)
            for number in range(SOUND_RELEASES)
        )
        add_drill(report, "sound-started", "sound-releases", started, SOUND_RELEASES)


def add_drill(report: Report, metric: str, part: str, hits: int, n: int) -> None:
    """Add a share of which every case was looked at."""
    report.add_count(metric, DRILLS, hits / n, n=n, slice=part)


def on_names(report: Report, parts: Parts) -> None:
    """Names that are in the documents or in the scrape, and not in both."""
    documents, scraped = names.in_documents(), names.exported(parts.signals())
    apart = len(documents ^ scraped)
    report.add_count("names-apart", DRILLS, apart, n=len(scraped), slice="metric-names")


MEASURES: dict[Measure, tuple[str, ...]] = {
    on_digits: ("scorer-accuracy",),
    under_load: ("p99-at-70", "p99-at-200", "goodput-at-200", "refused-at-once", "queue-cap"),
    in_outages: ("breaker-opens", "breaker-closes", "outage-answered"),
    beside_outages: ("backend-apart",),
    in_degrade_modes: ("degrade-forced",),
    on_canaries: ("canary-bad-aborted", "canary-good-promoted"),
    on_equal_canaries: ("canary-false-abort",),
    on_releases: ("tampered-refused", "sound-started"),
    on_names: ("metric-names",),
}
"""The parts of the evaluation, each with the gates that it produces the results of."""


def measured(parts: Parts, *measures: Measure) -> Report:
    """What these parts of the evaluation find in a service."""
    traces = load.traces(SEED)
    cases = [name for name, _ in TAMPERED] + list(drills.FORCED)
    report = Report("platform", seed=SEED)
    report.add_dataset(DIGITS, scorer.dataset_digest(), rows=len(scorer.rows()[1]))
    report.add_dataset(TRAFFIC, digests.sha256(traces), rows=sum(map(len, traces)))
    report.add_dataset(DRILLS, digests.sha256(cases), rows=len(cases))
    for measure in measures:
        measure(report, parts)
    return report


def measure(folder: Path) -> Report:
    """Everything, of the service as it is; writes what was measured beside the report."""
    report = measured(SOUND, *MEASURES)
    data = drills.exported()
    path = "reports/platform/scorer.json"
    report.add_artifact("model", scorer.NAME, sha256(data).hexdigest(), path)
    (folder / "platform").mkdir(exist_ok=True)
    (folder / "platform/scorer.json").write_bytes(data)
    exported = digests.canonical({"exported": sorted(names.exported(SOUND.signals()))})
    (folder / "platform/metrics.json").write_bytes(exported)
    return report


DEFECTS = {
    gate: partial(measured, BROKEN[gate], part)
    for part, gates in MEASURES.items()
    for gate in gates
}

if __name__ == "__main__":
    running.main("evals.platform", measure, DEFECTS, inputs=INPUTS, packages=PACKAGES)
