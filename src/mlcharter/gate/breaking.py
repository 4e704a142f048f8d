"""Generic defects of scores: what `prove` does to a table, to show that a gate on it can fail.

A gate compares a mean, a share, a sum or a paired difference. So the defects change its cases until
one of these must move: the candidate becomes the baseline, or ever more cases get the worst score.
Shuffled cases would leave each of these numbers as it is, and dropped cases fail every gate by the
digest of the data, which says nothing about a threshold.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.charter.config.evaluation.metrics import Metric
from mlcharter.gate.measurements import LAST_RELEASE
from mlcharter.gate.scoring import SEED
from mlcharter.gate.tables import Table, as_number

SHARES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)
FARTHEST = 10  # doublings of the range of the scores, beyond the worst that was seen


class Defect(Struct, frozen=True):
    """A broken table, and how it was broken: `20 % of the cases have correct = 0`."""

    what: str
    table: Table


def list_defects(table: Table, rows: Sequence[int], gate: Gate, metric: Metric) -> Iterator[Defect]:
    """Yield defects of the scores that a gate is decided on, weak ones first.

    `rows` are those of the slice of the gate.
    """
    name = gate.metric
    if gate.against not in (None, LAST_RELEASE):
        yield Defect(f"{name} is that of {gate.against}", _copy_baseline(table, name, gate.against))
    column = name if name in table.columns else f"{name}.hits"
    seen = [as_number(table.columns[column][row]) or 0.0 for row in rows]
    if column != name:
        totals = table.columns[f"{name}.total"]
        worst = [0.0 if metric.direction == "up" else totals[row] for row in rows]
        shown = "no hits" if metric.direction == "up" else "hits only"
        yield from _spoil(table, rows, column, worst, shown)
        return
    value = _find_worst(seen, metric)
    yield from _spoil(table, rows, column, [value] * len(rows), f"{name} = {value:g}")
    if metric.method in ("bootstrap", "exact"):
        step = (max(seen) - min(seen)) or max(abs(value), 1.0)
        for doubling in range(FARTHEST):
            away = step * 2**doubling
            farther = value - away if metric.direction == "up" else value + away
            column_ = _replace(table, column, dict.fromkeys(rows, farther))
            yield Defect(f"all cases have {name} = {farther:g}", column_)


def _find_worst(seen: Sequence[float], metric: Metric) -> float:
    """Return 0 or 1 for scores between these; else the worst score that was seen, or 0."""
    if metric.direction == "up":
        return min(0.0, *seen)
    return 1.0 if min(seen) >= 0 and max(seen) <= 1 else max(seen)


def _spoil(
    table: Table, rows: Sequence[int], column: str, worst: Sequence[Any], shown: str
) -> Iterator[Defect]:
    """Yield the table with the worst score in ever more of the rows, drawn at random."""
    places = list(range(len(rows)))
    random.Random(SEED).shuffle(places)
    for share in SHARES:
        drawn = places[: max(1, round(share * len(places)))]
        cells = {rows[place]: worst[place] for place in drawn}
        what = f"{100 * share:.0f} % of the cases have {shown}"
        yield Defect(what, _replace(table, column, cells))


def _copy_baseline(table: Table, name: str, baseline: str | None) -> Table:
    """Return the table with the scores of the baseline as those of the candidate."""
    columns = {key: cells for key, cells in table.columns.items() if key.partition(".")[0] != name}
    own = f"{name}.{baseline}"
    for key, cells in table.columns.items():
        if key == own or key.startswith(f"{own}."):
            columns |= {name + key.removeprefix(own): cells, key: cells}
    return replace(table, columns=columns)


def _replace(table: Table, column: str, cells: dict[int, Any]) -> Table:
    changed = list(table.columns[column])
    for row, cell in cells.items():
        changed[row] = cell
    return replace(table, columns={**table.columns, column: changed})
