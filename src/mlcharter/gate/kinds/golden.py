"""Decide whether the reports used the golden questions of the document, and none has expired.

A report has the digests of the question file and of the corpus in its `datasets`, and the number
of questions as the exact metric `questions` on the slices answerable, near and far.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.golden import Golden
from mlcharter.gate.measurements import Measurements
from mlcharter.gate.verdict import Reason, Verdict


def decide(golden: Golden, measurements: Measurements) -> Iterator[Verdict]:
    for verdict in _decide(golden, measurements):
        yield measurements.settle(verdict, golden)


def _decide(golden: Golden, measurements: Measurements) -> Iterator[Verdict]:
    yield _check_digest("file", golden.sha256, measurements)
    yield _check_digest("corpus", golden.corpus_sha256, measurements)
    until = f"trusted until {golden.expires}"
    if measurements.earliest > golden.expires:
        yield _verdict("expires", "expired", f"{until}; review every question")
    else:
        yield _verdict("expires", "holds", until)
    for kind in ("answerable", "near", "far"):
        yield _check_count(
            kind, getattr(golden, kind), measurements.find_dataset(golden.sha256), measurements
        )


def _check_digest(name: str, sha256: str, measurements: Measurements) -> Verdict:
    if measurements.find_dataset(sha256) is None:
        why = f"no report has the digest {sha256[:16]} of `{name}`"
        return _verdict(name, "digest-differs", why)
    if stale := measurements.find_staleness(sha256):
        return _verdict(name, "stale", stale)
    return _verdict(name, "holds", f"a report ran on {sha256[:16]}")


def _check_count(
    kind: str, expected: int, dataset: str | None, measurements: Measurements
) -> Verdict:
    """Return whether a report has as many questions of a kind as the document."""
    unmeasured = replace(
        _verdict(kind, "not-produced", f"no report counts the {kind} questions"),
        metric="questions",
        dataset=dataset or "",
        slice=kind,
        bound="point",
        op="==",
        threshold=expected,
    )
    if dataset is None or ("questions", dataset, kind, None) not in measurements.results:
        return unmeasured
    result, report = measurements.results["questions", dataset, kind, None]
    if report.track in measurements.stale:
        return replace(unmeasured, reason="stale", why=measurements.stale[report.track])
    is_equal = result.value == expected
    return replace(
        unmeasured,
        observed=result.value,
        margin=0.0 - abs(result.value - expected),
        verdict="pass" if is_equal else "fail",
        reason="holds" if is_equal else "missed",
        why=f"{kind} questions of {dataset}",
    )


def _verdict(name: str, reason: Reason, why: str) -> Verdict:
    return Verdict.without_number("golden", f"golden/{name}", reason, why)
