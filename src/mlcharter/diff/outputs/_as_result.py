"""Convert a comparison to the result of a check, whose outputs CI hosts can show."""

from mlcharter.check.result import Judged, Result
from mlcharter.check.rule import Rule
from mlcharter.diff.difference import Comparison, Difference
from mlcharter.support.finding import Finding

RULE = Rule(
    "charter-weakened",
    "draft",
    "A change weakens the charter, and no owner at the base approved it.",
    "A lower threshold or a new waiver is a decision of the owner, not of the author.",
    (),
)


def as_result(comparison: Comparison) -> Result:
    """Return a result in which what weakens the charter without approval fails."""
    judged = tuple(
        Judged(_finding(difference), "fails", RULE.level)
        for difference in comparison.differences
        if difference.fails
    )
    return Result(comparison.prefix, "draft", 0, judged, lines=tuple(comparison.summary))


def _finding(difference: Difference) -> Finding:
    line = 1 if difference.at_base else difference.line
    return Finding(difference.path, line, 1, RULE.name, difference.message)
