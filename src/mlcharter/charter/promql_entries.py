"""Find the PromQL expressions in the config blocks of a charter."""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path


def expressions(charter: Charter) -> Iterator[tuple[Entry, Path, str]]:
    """Yield each expression of an SLO, alert or unit metric, with its entry and path."""
    for slo in charter.entries("slos"):
        yield slo, ("ratioMetric", "good"), slo.value.ratioMetric.good
        yield slo, ("ratioMetric", "total"), slo.value.ratioMetric.total
    for kind in ("alerts", "unit_metrics"):
        for entry in charter.entries(kind):
            if entry.value.expr is not None:
                yield entry, ("expr",), entry.value.expr
