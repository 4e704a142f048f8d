"""What was decided about one gate, and why."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, Self, get_args

from msgspec import Struct

Outcome = Literal["pass", "fail", "warn", "waived"]
OnFail = Literal["block", "warn"]

Reason = Literal[
    "holds",
    "missed",
    "waived",
    "waiver-expired",
    # the document does not fit together
    "unknown-metric",
    "unknown-dataset",
    "unknown-slice",
    "slice-of-other-dataset",
    "loose-bound",
    "wrong-direction",
    "not-finite",
    # the reports do not carry the decision
    "not-produced",
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
    "insufficient-support",
]


class Verdict(Struct, frozen=True, kw_only=True):
    """`observed` is the number that stood against `threshold`; `margin` is the room left, signed.

    Both are None where nothing could be compared; the threshold too, where it is no number.
    `gate` is an id of the config block `gates`; other kinds put their name before it: `ope/go`.
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
    def asked(self) -> dict[str, Any]:
        """What was decided before the run: everything but what it showed."""
        return {key: getattr(self, key) for key in _ASKED}

    @classmethod
    def without_number(cls, config: str, gate: str, reason: Reason, why: str) -> Self:
        """A verdict about a digest, a day or a whole: it passes where the reason is `holds`."""
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


_ASKED = (
    *("metric", "dataset", "slice", "against"),
    *("op", "threshold", "bound", "min_n", "on_fail"),
)


class Judged(Struct, frozen=True):
    """A report that verdicts are about, by the digest of its file."""

    track: str
    sha256: str


class Decision(Struct, frozen=True):
    """Everything that `mlcharter gate` says; a merge may go on where no verdict is `fail`."""

    verdicts: Sequence[Verdict]
    notes: Sequence[str] = ()
    reports: Sequence[Judged] = ()

    @property
    def ok(self) -> bool:
        return all(verdict.verdict != "fail" for verdict in self.verdicts)

    @property
    def summary(self) -> str:
        """`3 gates: 2 pass, 1 fail`."""
        counts = Counter(verdict.verdict for verdict in self.verdicts)
        total = f"{len(self.verdicts)} gate{'' if len(self.verdicts) == 1 else 's'}"
        return f"{total}: " + ", ".join(f"{counts[o]} {o}" for o in get_args(Outcome) if counts[o])


HEADINGS = ("gate", "bound", "threshold", "margin", "verdict", "why")


def cells(verdict: Verdict) -> tuple[str, ...]:
    """One row of the table that people read, under HEADINGS."""
    reason = "" if verdict.reason in ("holds", "waived") else f" [{verdict.reason}]"
    return (
        verdict.gate,
        f"{verdict.bound} {number(verdict.observed)}".rstrip(),
        f"{verdict.op} {number(verdict.threshold)}".strip(),
        number(verdict.margin, sign="+"),
        verdict.verdict,
        verdict.why + reason,
    )


def number(value: float | None, sign: str = "") -> str:
    """Six digits, as reports carry them; nothing for None."""
    return "" if value is None else f"{value:{sign}.6g}"
