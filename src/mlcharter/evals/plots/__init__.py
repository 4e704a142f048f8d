"""Pictures of an eval as SVG, drawn by matplotlib, the same bytes in two runs."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlcharter.evals.calibration import BINS, reliability
from mlcharter.evals.reports import Measured

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "mlcharter",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
}
Path = str | os.PathLike[str]


def calibration(
    path: Path,
    target: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    *,
    title: str = "Calibration",
    bins: int = BINS,
) -> None:
    """Draw predicted against observed shares, in bins of equal count with Wilson intervals.

    `target` is 0 or 1, `probabilities` are of the class 1; both have shape (rows,).
    """
    found = reliability(target, probabilities, bins)
    observed = [one.observed for one in found]
    figure, axes = _axes(title, "predicted probability", "observed share")
    axes.plot([0, 1], [0, 1], color="grey", linestyle="dashed", linewidth=1)
    _error_bars(axes, [one.predicted for one in found], observed, vertical=True)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    _save(figure, path)


def predictions(
    path: Path, target: npt.ArrayLike, predicted: npt.ArrayLike, *, title: str = "Predictions"
) -> None:
    """Draw predicted against observed numbers, both of shape (rows,)."""
    truth, answers = np.asarray(target, dtype=float), np.asarray(predicted, dtype=float)
    figure, axes = _axes(title, "predicted", "observed")
    ends = [min(truth.min(), answers.min()), max(truth.max(), answers.max())]
    axes.plot(ends, ends, color="grey", linestyle="dashed", linewidth=1)
    axes.plot(answers, truth, "o", markersize=3, alpha=0.5)
    _save(figure, path)


def risk_coverage(
    path: Path,
    coverage: npt.ArrayLike,
    risk: npt.ArrayLike,
    *,
    chosen: tuple[float, float],
    title: str = "Risk by coverage",
) -> None:
    """Draw the share of wrong answers by the share of questions that are answered.

    Both arrays have shape (points,), with full coverage last; `chosen` is the point at which the
    system works. Dashed is the risk of answering everything.
    """
    figure, axes = _axes(title, "share of questions answered", "share of answers wrong")
    axes.axhline(np.asarray(risk)[-1], color="grey", linestyle="dashed", linewidth=1)
    axes.plot(coverage, risk, linewidth=1)
    axes.plot(*chosen, "o", markersize=6)
    axes.set(xlim=(0, 1), ylim=(0, None))
    _save(figure, path)


def slices(
    path: Path, estimates: Mapping[str, Measured], *, title: str, reference: float | None = None
) -> None:
    """Draw one metric in each slice, by its id, with interval and n.

    `reference` is a value to compare with, such as that of a constant prediction.
    """
    figure, axes = _axes(title, "value with its interval", "")
    places = list(range(len(estimates)))
    if reference is not None:
        axes.axvline(reference, color="grey", linestyle="dashed", linewidth=1)
    _error_bars(axes, places, list(estimates.values()), vertical=False)
    axes.set_yticks(places, [f"{name} ({one.n})" for name, one in estimates.items()])
    axes.invert_yaxis()
    _save(figure, path)


class Panel(NamedTuple):
    """A panel of a dashboard; `lines` has (hours, value) by legend, `limits` are drawn across."""

    title: str
    unit: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    limits: Sequence[float] = ()


def dashboard(path: Path, panels: Sequence[Panel], *, title: str) -> None:
    """Draw the panels of a dashboard, two of them side by side."""
    rows = (len(panels) + 1) // 2
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(10, 0.5 + 2.2 * rows), layout="constrained")
        figure.suptitle(title)
        for place, panel in zip(figure.subplots(rows, 2, squeeze=False).flat, panels, strict=False):
            _draw_panel(place, panel)
        for place in figure.axes[len(panels) :]:
            place.remove()
    _save(figure, path)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for legend, points in panel.lines.items():
        hours, values = zip(*points, strict=True)
        axes.plot(hours, values, linewidth=1, label=legend)
    for limit in panel.limits:
        axes.axhline(limit, color="red", linestyle="dashed", linewidth=0.8)
    unit = "" if panel.unit == "none" else f", {panel.unit}"
    axes.set_title(f"{panel.title}{unit}".replace("$", r"\$"), fontsize=8)
    axes.tick_params(labelsize=7)
    if panel.lines:
        axes.legend(fontsize=6, loc="upper left")


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _error_bars(
    axes: Axes, places: Sequence[float], estimates: Sequence[Measured], *, vertical: bool
) -> None:
    values = [one.value for one in estimates]
    below = [max(0.0, one.value - one.lower) for one in estimates]
    above = [max(0.0, one.upper - one.value) for one in estimates]
    if vertical:
        axes.errorbar(places, values, yerr=[below, above], fmt="o", markersize=4, linewidth=1)
    else:
        axes.errorbar(values, places, xerr=[below, above], fmt="o", markersize=4, linewidth=1)


def _save(figure: Figure, path: Path) -> None:
    with matplotlib.rc_context(_STYLE):
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
