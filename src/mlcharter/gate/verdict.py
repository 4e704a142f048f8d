"""The verdict on one gate, and the decision on all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, Self, get_args

from msgspec import Struct

Outcome = Literal["pass", "fail", "warn", "waived", "starter", "undecided"]
OnFail = Literal["block", "warn"]

Reason = Literal[
    "holds",
    "missed",
    "waived",
    "waiver-expired",
    # the document contradicts itself
    "unknown-metric",
    "unknown-dataset",
    "unknown-slice",
    "slice-of-other-dataset",
    "loose-bound",
    "wrong-direction",
    "not-finite",
    # the reports do not fit the document
    "not-produced",
    "needs-cases",
    "invalid-score",
    "stale",
    "dataset-unproven",
    "digest-differs",
    "rows-differ",
    "too-few",
    "too-many",
    "no-interval",
    "zero-width",
    "reversed-interval",
    "value-outside",
    "level-differs",
    "method-differs",
    "unit-differs",
    "no-release",
    "not-released",
    "release-dirty",
    "release-differs",
    # other config blocks than `gates`
    "expired",
    "one-order",
    "needs-labels",
    "insufficient-support",
]


class Verdict(Struct, frozen=True, kw_only=True):
    """The verdict on one gate.

    `observed` is the number that was compared with `threshold`, and `margin` the signed distance.
    Both are None if nothing could be compared; so is the threshold if there is none.
    `gate` is an id of the config block `gates`, or of another kind with its name: `ope/go`.
    """

    config: str
    gate: str
    metric: str
    dataset: str
    slice: str
    against: str | None
    bound: str
    observed: float | None
    op: str
    threshold: float | None
    margin: float | None
    verdict: Outcome
    reason: Reason
    why: str
    min_n: int = 1
    on_fail: OnFail = "block"

    @property
    def criteria(self) -> dict[str, Any]:
        """What the document requires, without what the run measured."""
        return {key: getattr(self, key) for key in _CRITERIA}

    @classmethod
    def without_number(cls, config: str, gate: str, reason: Reason, why: str) -> Self:
        """Return a verdict without a number; it passes if the reason is `holds`."""
        return cls(
            config=config,
            gate=gate,
            metric="",
            dataset="",
            slice="",
            against=None,
            bound="",
            observed=None,
            op="",
            threshold=None,
            margin=None,
            verdict="pass" if reason == "holds" else "fail",
            reason=reason,
            why=why,
        )


_CRITERIA = (
    *("metric", "dataset", "slice", "against"),
    *("op", "threshold", "bound", "min_n", "on_fail"),
)


class Explanation(Struct, frozen=True, kw_only=True):
    """What one gate can decide.

    `passes_at` is the true value that passes with 80 % probability at `n`, None if there is none;
    `probability` that of a system at the `measured` value, and `cases` the n that it needs for
    80 %. `text` says it in words.
    """

    gate: str
    text: str
    n: int | None = None
    passes_at: float | None = None
    measured: float | None = None
    probability: float | None = None
    cases: int | None = None


class JudgedReport(Struct, frozen=True):
    """A report that was judged, with the digest of its file."""

    track: str
    sha256: str


class Decision(Struct, frozen=True):
    """The output of `mlcharter gate`; it is `ok` if no verdict is `fail`.

    `explanations` are those of `--explain`.
    """

    verdicts: Sequence[Verdict]
    notes: Sequence[str] = ()
    reports: Sequence[JudgedReport] = ()
    explanations: Sequence[Explanation] = ()

    @property
    def ok(self) -> bool:
        return all(verdict.verdict != "fail" for verdict in self.verdicts)

    @property
    def summary(self) -> str:
        """The counts, such as `3 gates: 2 pass, 1 fail`."""
        counts = Counter(verdict.verdict for verdict in self.verdicts)
        total = f"{len(self.verdicts)} gate{'' if len(self.verdicts) == 1 else 's'}"
        return f"{total}: " + ", ".join(f"{counts[o]} {o}" for o in get_args(Outcome) if counts[o])


HEADINGS = ("gate", "bound", "threshold", "margin", "verdict", "why")


def list_cells(verdict: Verdict) -> tuple[str, ...]:
    """Return the row of a verdict in the table, under HEADINGS."""
    reason = "" if verdict.reason in ("holds", "waived") else f" [{verdict.reason}]"
    return (
        verdict.gate,
        f"{verdict.bound} {format_number(verdict.observed)}".rstrip(),
        f"{verdict.op} {format_number(verdict.threshold)}".strip(),
        format_number(verdict.margin, sign="+"),
        verdict.verdict,
        verdict.why + reason,
    )


def format_number(value: float | None, sign: str = "") -> str:
    """Return a number with six digits, as in reports; empty for None."""
    return "" if value is None else f"{value:{sign}.6g}"
