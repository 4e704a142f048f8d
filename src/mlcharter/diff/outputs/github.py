"""Annotations for GitHub Actions, with what weakens the charter without approval."""

from mlcharter.check.outputs import github
from mlcharter.diff.difference import Comparison
from mlcharter.diff.outputs._as_result import as_result


def render(comparison: Comparison) -> str:
    return github.render([as_result(comparison)])
