"""Pictures of the dashboards of a repository, from the data of a Prometheus.

    python -m mlcharter.evals.plots.dashboards http://prometheus:9090 2026-11-27T00:00:00Z

writes `ops/grafana/NAME.svg` beside each `ops/grafana/NAME.json`, with what its queries returned in
the three days before that moment. The same data gives the same bytes. A query that returns nothing
is an error: its panel would be empty.
"""

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from mlcharter.evals.plots import Panel, dashboard

FOLDER = Path("ops/grafana")
DAYS, STEP = 3, 3600  # of a picture; seconds between two points


def draw(root: Path, url: str, end: datetime.datetime) -> list[Path]:
    """Draw each dashboard of a repository; a ValueError names the queries without data."""
    drawn, empty = [], []
    for source in sorted((root / FOLDER).glob("*.json")):
        board = json.loads(source.read_bytes())
        panels = [_read_panel(one, url, end) for one in board["panels"]]
        empty += [f"{source.name}: {panel.title}" for panel in panels if not panel.lines]
        drawn.append(source.with_suffix(".svg"))
        dashboard(drawn[-1], panels, title=board["title"])
    if empty:
        raise ValueError("no data for " + "; ".join(empty))
    return drawn


def query(
    url: str, expression: str, end: datetime.datetime, step: int = STEP
) -> list[dict[str, Any]]:
    """Return the series that a Prometheus has for a query, each with `metric` and `values`."""
    start = end - datetime.timedelta(days=DAYS)
    bounds = {"start": start.timestamp(), "end": end.timestamp(), "step": step}
    address = f"{url.rstrip('/')}/api/v1/query_range?{urlencode({'query': expression, **bounds})}"
    with urlopen(address, timeout=60) as reply:
        found: list[dict[str, Any]] = json.load(reply)["data"]["result"]
    return found


def _read_panel(panel: dict[str, Any], url: str, end: datetime.datetime) -> Panel:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    limits = tuple(step["value"] for step in steps if step["value"] is not None)
    lines = {
        label: values
        for target in panel["targets"]
        for label, values in _read_lines(target, url, end)
    }
    return Panel(panel["title"], panel["fieldConfig"]["defaults"]["unit"], lines, limits)


def _read_lines(
    target: dict[str, Any], url: str, end: datetime.datetime
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Yield each series of a query by its legend; hours count back from the end."""
    for series in query(url, target["expr"], end):
        label = target["legendFormat"]
        for name, value in series["metric"].items():
            label = label.replace("{{" + name + "}}", value)
        yield label, [((at - end.timestamp()) / 3600, float(y)) for at, y in series["values"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="the address of a Prometheus")
    parser.add_argument("end", help="the end of the pictures, such as 2026-11-27T00:00:00Z")
    options = parser.parse_args()
    try:
        for path in draw(Path(), options.url, datetime.datetime.fromisoformat(options.end)):
            print(path)
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
