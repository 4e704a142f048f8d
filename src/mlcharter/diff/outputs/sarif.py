"""SARIF 2.1.0 for code scanning, with what weakens the charter without approval."""

from mlcharter.check.outputs import sarif
from mlcharter.diff.difference import Comparison
from mlcharter.diff.outputs._as_result import RULE, as_result


def render(comparison: Comparison) -> str:
    return sarif.render([as_result(comparison)], lambda _: RULE)
