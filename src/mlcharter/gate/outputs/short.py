"""Text for a commit hook: the gates that miss their threshold, and the counts of all."""

from mlcharter.gate.outputs import text
from mlcharter.gate.verdict import Decision

# These meet their threshold: the counts name them, and `mlcharter gate` shows them one by one.
COUNTED = ("pass", "starter", "undecided")


def render(decision: Decision) -> str:
    return text.render(decision, [v for v in decision.verdicts if v.verdict not in COUNTED])
