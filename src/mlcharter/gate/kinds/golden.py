"""The golden questions are those that the document describes, and still trusted.

A report knows the set and its corpus by their digests among its `datasets`,
and counts the questions as the exact metric `questions`, slice answerable, near and far.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.config.evaluation.golden import Golden
from mlcharter.gate.measurements import Measured
from mlcharter.gate.verdict import Reason, Verdict


def verdicts(golden: Golden, measured: Measured) -> Iterator[Verdict]:
    for verdict in _verdicts(golden, measured):
        yield measured.excused(verdict, golden.waived)


def _verdicts(golden: Golden, measured: Measured) -> Iterator[Verdict]:
    yield _ran_on("file", golden.sha256, measured)
    yield _ran_on("corpus", golden.corpus_sha256, measured)
    until = f"trusted until {golden.expires}"
    if measured.earliest > golden.expires:
        yield _plain("expires", "expired", f"{until}; look at every question again")
    else:
        yield _plain("expires", "holds", until)
    for kind in ("answerable", "near", "far"):
        yield _count(kind, getattr(golden, kind), measured.ran_on(golden.sha256), measured)


def _ran_on(name: str, sha256: str, measured: Measured) -> Verdict:
    if measured.ran_on(sha256) is None:
        why = f"no report ran on the {name} of the document, {sha256[:16]}"
        return _plain(name, "digest-differs", why)
    if stale := measured.stale_on(sha256):
        return _plain(name, "stale", stale)
    return _plain(name, "holds", f"a report ran on {sha256[:16]}")


def _count(kind: str, said: int, dataset: str | None, measured: Measured) -> Verdict:
    """Whether there are as many questions of a kind as the document says."""
    base = replace(
        _plain(kind, "not-produced", f"no report counts the {kind} questions"),
        metric="questions",
        dataset=dataset or "",
        slice=kind,
        bound="point",
        op="==",
        threshold=said,
    )
    if dataset is None or ("questions", dataset, kind, None) not in measured.results:
        return base
    result, report = measured.results["questions", dataset, kind, None]
    if report.track in measured.stale:
        return replace(base, reason="stale", why=measured.stale[report.track])
    same = result.value == said
    return replace(
        base,
        observed=result.value,
        margin=0.0 - abs(result.value - said),
        verdict="pass" if same else "fail",
        reason="holds" if same else "missed",
        why=f"{kind} questions of {dataset}",
    )


def _plain(name: str, reason: Reason, why: str) -> Verdict:
    return Verdict.without_number("golden", f"golden/{name}", reason, why)
