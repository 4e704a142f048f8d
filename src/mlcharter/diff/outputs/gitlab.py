"""A Code Quality report for GitLab, with what weakens the charter without approval."""

from mlcharter.check.outputs import gitlab
from mlcharter.diff.difference import Comparison
from mlcharter.diff.outputs._as_result import as_result


def render(comparison: Comparison) -> str:
    return gitlab.render([as_result(comparison)])
