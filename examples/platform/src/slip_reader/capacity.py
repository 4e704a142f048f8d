"""Size and price the platform: `python -m slip_reader.capacity` prints both.

What the two consumers ask for and what a machine costs are assumptions, named in
docs/design_doc.md and cost/cost_dashboard_spec.md; what one instance answers is measured by the
evaluation. Change an assumption here, and run evidence/figures.py, which writes the documents.
"""

import math
from dataclasses import dataclass, replace

BUSY_AT_MOST = 0.7
"""Share of its capacity up to which an instance keeps the SLO; above it, refusals spend more of
the budget than the window has."""
MONTH_HOURS = 730.0
PRICE = 0.045
"""EUR for an hour of one vCPU with 2 GiB."""


@dataclass(frozen=True)
class Demand:
    """Requests a second at the peak of each consumer, and requests of a working day."""

    slips: float
    stocktake: float
    daily: int
    instances: int = 3

    @property
    def peak(self) -> float:
        """Both peaks at once, which the clock allows."""
        return self.slips + self.stocktake

    def window(self) -> int:
        """Requests in 28 days, which have 20 working days."""
        return 20 * self.daily

    def month(self) -> int:
        """Requests in a month of 21 working days."""
        return 21 * self.daily

    def budget(self, target: float) -> int:
        """Requests of 28 days that may fail at a target such as 0.995."""
        return round(self.window() * (1 - target))

    def busy(self, left: int, capacity: float) -> float:
        """The share of `left` instances that the peak needs; each answers `capacity` a second."""
        return self.peak / (left * capacity)

    def sized(self, capacity: float) -> "Demand":
        """The same demand with enough instances for the peak when a zone, a third, is gone."""
        left = math.ceil(self.peak / (BUSY_AT_MOST * capacity))
        return replace(self, instances=max(3, math.ceil(left * 3 / 2)))


DEMAND = Demand(slips=90.0, stocktake=60.0, daily=800_000)

Line = tuple[str, float, str, float]


def price_month(demand: Demand) -> list[Line]:
    """Return name, count, unit and price in EUR of each line of a month."""
    return [
        ("serving", demand.instances * MONTH_HOURS, "vCPU hours", PRICE),
        ("canary", 40.0, "vCPU hours", PRICE),
        ("continuous integration", 60.0, "vCPU hours", PRICE),
        ("metrics and logs", 6.0, "GB-months", 0.5),
    ]


def main() -> None:
    for name, count, unit, price in price_month(DEMAND):
        print(f"{name}: {count:g} {unit} at {price:g} EUR are {count * price:.2f} EUR")


if __name__ == "__main__":
    main()
