"""Find the PromQL expressions in the config blocks of a charter, and the exported metrics."""

import re
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path

RUNBOOK = "ops/runbook.md"
_CODE = re.compile(r"`([a-zA-Z_:][a-zA-Z0-9_:]*)")


def read_exported(charter: Charter) -> set[str] | None:
    """Return the names in the tables of `observability`; None if there is no such section."""
    runbook = charter.document(RUNBOOK)
    section = runbook.section("observability") if runbook else None
    if section is None:
        return None
    tables = "".join(block.text for block in section.blocks if block.kind == "table")
    return set(_CODE.findall(tables))


def expressions(charter: Charter) -> Iterator[tuple[Entry, Path, str]]:
    """Yield each expression of an SLO, alert or unit metric, with its entry and path."""
    for slo in charter.entries("slos"):
        yield slo, ("ratioMetric", "good"), slo.value.ratioMetric.good
        yield slo, ("ratioMetric", "total"), slo.value.ratioMetric.total
    for kind in ("alerts", "unit_metrics"):
        for entry in charter.entries(kind):
            if entry.value.expr is not None:
                yield entry, ("expr",), entry.value.expr
