"""Puts a reading list in order: what looks malignant first, and nothing ever left out.

Pure, and without packages: it decides on numbers that others have read.
Hours are opening hours of the site, on one clock.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

LONGEST = 40  # masses in one list; a longer one is left as it came
WAITED = 6.0  # hours after which a mass goes before every scored one
STALE = 36.0  # hours after which measures count as missing
FIRST = 0.20  # probability above which a mass is read before any break
SCANNERS = {("cork", "4.2"), ("bremen", "4.2")}


@dataclass(frozen=True)
class Mass:
    """One mass of an open list; `measures` are the scanner's, by name."""

    id: str
    site: str
    scanner: str
    arrived: float
    measured: float
    measures: Mapping[str, float]
    opted_out: bool = False


@dataclass(frozen=True)
class Model:
    """A logistic regression as it is registered."""

    features: list[str]
    mean: list[float]
    scale: list[float]
    weights: list[float]
    intercept: float

    def probability(self, measures: Mapping[str, float]) -> float:
        total = self.intercept
        for name, mean, scale, weight in zip(
            self.features, self.mean, self.scale, self.weights, strict=True
        ):
            total += weight * (measures[name] - mean) / scale
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


@dataclass(frozen=True)
class Order:
    """What a reader sees: ids from the top, a mark for some, and who asked for it."""

    shown: str  # "asked" or "arrival"
    ids: tuple[str, ...]
    marks: Mapping[str, str]
    release: str
    moves: tuple[tuple[str, int, int], ...] = field(default=())


def read_model(path: Path, sha256: str) -> Model:
    """The model, or a ValueError when its bytes are not those that were signed."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{path.name} is {found[:12]}, and the release names {sha256[:12]}")
    read = json.loads(content)
    [weights], [intercept] = read["weights"], read["intercept"]
    return Model(read["features"], read["mean"], read["scale"], weights, intercept)


def refused(mass: Mass, features: Sequence[str], now: float) -> str | None:
    """Why a mass is not scored, or None."""
    if mass.opted_out:
        return "said no"
    if (mass.site, mass.scanner) not in SCANNERS:
        return "unknown scanner"
    if now - mass.measured > STALE:
        return "old measures"
    values = [mass.measures.get(name, math.nan) for name in features]
    if not all(math.isfinite(value) and value >= 0 for value in values):
        return "measures missing"
    radius, area = mass.measures.get("mean_radius"), mass.measures.get("mean_area")
    if radius is None or area is None or not 0.75 <= area / (math.pi * radius**2 or 1) <= 1.25:
        return "area does not fit radius"
    return None


def order(masses: Sequence[Mass], model: Model | None, now: float, release: str) -> Order:
    """The order of a list: not scored, waited too long, then by probability.

    Without a model, or with a list that is too long, the order of arrival.
    """
    by_arrival = sorted(masses, key=lambda mass: (mass.arrived, mass.id))
    if model is None or len(masses) > LONGEST:
        return Order("arrival", tuple(mass.id for mass in by_arrival), {}, release)
    marks: dict[str, str] = {}
    keys: dict[str, tuple[int, float]] = {}
    for mass in by_arrival:
        if refused(mass, model.features, now):
            keys[mass.id], marks[mass.id] = (0, 0.0), "not scored"
            continue
        probability = model.probability(mass.measures)
        keys[mass.id] = (1 if now - mass.arrived > WAITED else 2, -probability)
        if probability > FIRST:
            marks[mass.id] = "before any break"
    ids = sorted(keys, key=keys.__getitem__)  # stable, so ties stay by arrival
    return Order("asked", tuple(ids), marks, release)


def moved(shown: Order, name: str, to: int) -> Order:
    """The list after a reader has put a mass elsewhere; the move is kept."""
    at = shown.ids.index(name)
    rest = [*shown.ids[:at], *shown.ids[at + 1 :]]
    rest.insert(to, name)
    return replace(shown, ids=tuple(rest), moves=(*shown.moves, (name, at, to)))


def written(shown: Order, read: Sequence[str]) -> dict[str, object]:
    """What goes back to the LIS: positions and the release, never a score.

    A ValueError when it does not hold exactly the masses that were read.
    """
    if sorted(shown.ids) != sorted(read):
        raise ValueError("the order does not hold the masses of the list")
    return {"order": list(shown.ids), "release": shown.release, "shown": shown.shown}
