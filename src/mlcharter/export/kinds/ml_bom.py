"""The ML-BOM of the next release: CycloneDX 1.6, its models and data with licence and card.

A release carries it with its packages, too. Those are in `reports/released/<month>-sbom.json`.
"""

from mlcharter.charter.charter import Charter
from mlcharter.check import eval_reports
from mlcharter.release import bom

PATHS = ("versioning/ml-bom.json",)
SOURCES = ("joint_release",)


def render(charter: Charter) -> dict[str, str]:
    """Return the ML-BOM of what `joint_release` pins, with what the frozen reports measured."""
    release = charter.entry("joint_release")
    if release is None:
        return {}
    text = bom.render_members(charter, release, eval_reports.reports(charter)).decode()
    return {PATHS[0]: text + "\n"}
